// Command acip-client joins a call: everybody in the room sees everybody, in the terminal or through a pipe.
package main

import (
	"os"

	"acip/cmd/internal/app"
	"acip/internal/client"
)

func main() {
	if client.GuardTerminal() {
		return
	}
	os.Exit(app.Main(program()))
}
