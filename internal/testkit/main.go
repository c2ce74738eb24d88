package testkit

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

// ending is how long a goroutine that is told to end may take, on a machine that does much else; goleak itself waits less
// than half a second.
const ending = time.Minute

// Main runs a package's tests and fails if a goroutine is left over at the end:
//
//	func TestMain(m *testing.M) { testkit.Main(m) }
func Main(m *testing.M) { goleak.VerifyTestMain(patient{m}) }

// patient gives goroutines the time to end before they are looked for.
type patient struct{ *testing.M }

// Run runs the tests and returns the exit code.
func (p patient) Run() int {
	code := p.M.Run()
	if code == 0 {
		_ = leaks() // looked for again by who asked
	}
	return code
}

// leaks waits until no goroutine is left but those that the options know, and returns what is.
func leaks(known ...goleak.Option) (err error) {
	for end := time.Now().Add(ending); ; {
		if err = goleak.Find(known...); err == nil || time.Now().After(end) {
			return err
		}
	}
}

// NoLeaks fails the test if it leaves a goroutine behind that was not there when
// NoLeaks was called.
func NoLeaks(t testing.TB) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		t.Helper()
		if err := leaks(before); err != nil {
			t.Error(err)
		}
	})
}
