package testkit

import (
	"testing"

	"go.uber.org/goleak"
)

// Main runs a package's tests and fails if a goroutine is left over at the end:
//
//	func TestMain(m *testing.M) { testkit.Main(m) }
func Main(m *testing.M) { goleak.VerifyTestMain(m) }

// NoLeaks fails the test if it leaves a goroutine behind that was not there when
// NoLeaks was called.
func NoLeaks(t testing.TB) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		t.Helper()
		goleak.VerifyNone(t, before)
	})
}
