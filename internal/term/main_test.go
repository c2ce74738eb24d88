package term

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"acip/internal/testkit"
)

// helperVariable makes the test binary the program under test.
const helperVariable = "ACIP_TERM_HELPER"

// capsVariable makes the helper write what it has learnt of its terminal into this file.
const capsVariable = "ACIP_TERM_CAPS"

// askVariable makes the helper do the same without taking the terminal over.
const askVariable = "ACIP_TERM_ASK"

// askCaps asks the terminal and writes what it answers, as JSON, into a file.
func askCaps(path string) int {
	caps, err := Ask(context.Background(), Options{Output: os.Stdout})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	b, err := json.Marshal(caps)
	if err != nil || os.WriteFile(path, b, 0o600) != nil {
		return 1
	}
	fmt.Println("asked")
	return 0
}

// writeCaps opens the terminal and writes what it answers, as JSON, into a file.
func writeCaps(path string) int {
	t, err := Open(context.Background(), Options{Output: os.Stdout})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer t.Close()
	for e := range t.Events() {
		if e.Kind != EventCaps {
			continue
		}
		b, err := json.Marshal(e.Caps)
		if err != nil || os.WriteFile(path+".new", b, 0o600) != nil || os.Rename(path+".new", path) != nil {
			return 1
		}
		return 0
	}
	return 0
}

func TestMain(m *testing.M) {
	if RunGuard() {
		return
	}
	if path, ok := os.LookupEnv(askVariable); ok {
		os.Exit(askCaps(path))
	}
	if path, ok := os.LookupEnv(capsVariable); ok {
		os.Exit(writeCaps(path))
	}
	if dir, ok := os.LookupEnv(helperVariable); ok {
		os.Exit(helper(dir))
	}
	testkit.Main(m)
}

// helper takes the terminal and draws on it until it is told to end, in each of the manners that a program can end in.
func helper(dir string) int {
	t, err := Open(context.Background(), Options{Output: os.Stdout, Guard: os.Getenv("UNGUARDED") == "", Program: "helper", CrashDir: dir})
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
		if t.Suspend(context.Background()) != nil {
			return 4, true
		}
	case EventResume:
		if t.Resume(context.Background()) != nil {
			return 5, true
		}
	case EventClosed:
		return 6, true
	}
	return 0, false
}
