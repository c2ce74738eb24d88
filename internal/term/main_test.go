package term

import (
	"fmt"
	"os"
	"testing"
	"time"

	"acip/internal/testkit"
)

// helperVariable makes the test binary the program under test.
const helperVariable = "ACIP_TERM_HELPER"

func TestMain(m *testing.M) {
	if RunGuard() {
		return
	}
	if dir, ok := os.LookupEnv(helperVariable); ok {
		os.Exit(helper(dir))
	}
	testkit.Main(m)
}

// helper takes the terminal and draws on it until it is told to end, in each
// of the manners that a program can end in.
func helper(dir string) int {
	t, err := Open(Options{Output: os.Stdout, Guard: os.Getenv("UNGUARDED") == "", Program: "helper", CrashDir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer t.Close()
	clock := time.NewTicker(20 * time.Millisecond)
	defer clock.Stop()
	for n := 0; ; {
		select {
		case e := <-t.Events():
			if code, done := obey(t, e); done {
				return code
			}
		case <-clock.C:
			t.Draw(func(dst []byte) []byte {
				n++
				return fmt.Appendf(dst, "%sframe %d", home, n)
			}, nil)
		}
	}
}

func obey(t *Terminal, e Event) (code int, done bool) {
	switch e.Kind {
	case EventKey:
		switch e.Key.Rune {
		case 'q':
			return 0, true
		case 'e':
			return 3, true
		case 'p':
			go panic("a goroutine of somebody else")
		}
	case EventSignal:
		return 0, true
	case EventSuspend:
		if t.Suspend() != nil {
			return 4, true
		}
	case EventResume:
		if t.Resume() != nil {
			return 5, true
		}
	case EventClosed:
		return 6, true
	}
	return 0, false
}
