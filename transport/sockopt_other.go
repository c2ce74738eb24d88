//go:build !linux && !darwin

package transport

import "time"

// setOptions does nothing: the system has no such options. Keep-alive finds dead peers.
func setOptions(uintptr, time.Duration) {}

// setUnsent does nothing: the system has no such limit.
func setUnsent(uintptr, int) {}

// writable returns true: the system does not say.
func writable(uintptr) bool { return true }

// unacknowledged returns 0: the system does not say.
func unacknowledged(uintptr) int { return 0 }

// minRTT returns 0: the system does not say.
func minRTT(uintptr) time.Duration { return 0 }
