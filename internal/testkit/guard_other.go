//go:build !unix

package testkit

import "testing"

// Guarded is n values of T, without a guard where the system has none.
func Guarded[T any](tb testing.TB, n int) []T { return make([]T, n) }
