//go:build !linux && !darwin

package transport

import "time"

// setOptions has nothing to set here; dead peers are found by keep-alive.
func setOptions(uintptr, time.Duration) {}

// setUnsent can bound nothing here.
func setUnsent(uintptr, int) {}

// takesMore does not know here.
func takesMore(uintptr) bool { return true }

// unacknowledged is not known here.
func unacknowledged(uintptr) int { return 0 }

// leastRTT is not known here.
func leastRTT(uintptr) time.Duration { return 0 }
