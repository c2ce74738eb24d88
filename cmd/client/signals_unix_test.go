//go:build !windows

package main

import (
	"bytes"
	"errors"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// TestEverySignalThatEndsIsACleanEnd sends each to a client in a call and to a server.
func TestEverySignalThatEndsIsACleanEnd(t *testing.T) {
	t.Parallel()
	address := relay(t)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if signal.Ignored(s) {
			continue // under nohup the programs do not end by it, and should not
		}
		for _, args := range [][]string{
			{"acip-client", address, "--source", "pattern", "--output", "y4m"},
			{"acip-client", "mirror", "--source", "pattern", "--output", "y4m"},
			{"acip-server", "--listen", "127.0.0.1:0"},
		} {
			cmd := start(t, args...)
			out, err := cmd.StdoutPipe()
			var said bytes.Buffer
			cmd.Stderr = &said
			if err != nil || cmd.Start() != nil {
				t.Fatal("start:", err)
			}
			if _, err := out.Read(make([]byte, 1)); err != nil { // it is up, and its pipe soon full
				t.Fatal(err)
			}
			begin := time.Now()
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			err = cmd.Wait()
			var exit *exec.ExitError
			if errors.As(err, &exit) || bytes.Contains(said.Bytes(), []byte("error:")) || time.Since(begin) > time.Minute {
				t.Errorf("%v, %v: %v after %v: %s", args, s, err, time.Since(begin), said.Bytes())
			}
		}
	}
}
