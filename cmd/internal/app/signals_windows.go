package app

import (
	"os"
	"syscall"
)

// ending are the signals that end a program.
func ending() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// broken is a signal that never comes: Windows reports a closed pipe by an error alone.
func broken() []os.Signal { return []os.Signal{syscall.SIGPIPE} }
