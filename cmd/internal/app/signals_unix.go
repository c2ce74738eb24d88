//go:build !windows

package app

import (
	"os"
	"os/signal"
	"syscall"
)

// ending are the signals that end a program. A program started by nohup stays deaf to hang-ups.
func ending() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// broken is the signal that a closed pipe sends.
func broken() []os.Signal { return []os.Signal{syscall.SIGPIPE} }
