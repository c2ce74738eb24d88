//go:build !linux && !darwin

package transport

import "time"

// setOptions has nothing to set here; dead peers are found by keep-alive.
func setOptions(uintptr, time.Duration) {}

// setUnsent can bound nothing here.
func setUnsent(uintptr, int) {}

// writable does not know here.
func writable(uintptr) bool { return true }

// unacknowledged is not known here.
func unacknowledged(uintptr) int { return 0 }

// minRTT is not known here.
func minRTT(uintptr) time.Duration { return 0 }
