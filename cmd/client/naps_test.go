//go:build linux && cgo

package main

import (
	"os"
	"strings"
	"testing"
)

func TestNapsAreLong(t *testing.T) {
	text, err := os.ReadFile("/proc/self/timerslack_ns")
	if err != nil {
		t.Skipf("no timer slack to be read: %v", err)
	}
	if got := strings.TrimSpace(string(text)); got != "1000000" {
		t.Errorf("timers may be late by %s ns", got)
	}
}
