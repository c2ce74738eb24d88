// Command acip-server is the relay of a call.
package main

import (
	"os"

	"acip/cmd/internal/app"
)

func main() { os.Exit(app.Main(program())) }
