// Command acip-server is the relay of a call.
package main

import "os"

func main() { os.Exit(run(os.Args, os.Stdout, os.Stderr)) }
