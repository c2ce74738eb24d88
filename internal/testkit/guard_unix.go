//go:build unix

package testkit

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Guarded is n values of T, all zero, the last of which ends where a page begins that can't be read nor written: what goes
// beyond it dies. T has no pointers.
func Guarded[T any](tb testing.TB, n int) []T {
	tb.Helper()
	var one T
	page, size := unix.Getpagesize(), n*int(unsafe.Sizeof(one))
	whole := (size + page - 1) / page * page
	b, err := unix.Mmap(-1, 0, whole+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		tb.Fatalf("mmap: %v", err)
	}
	tb.Cleanup(func() { _ = unix.Munmap(b) })
	if err := unix.Mprotect(b[whole:], unix.PROT_NONE); err != nil {
		tb.Fatalf("mprotect: %v", err)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[whole-size])), n)
}
