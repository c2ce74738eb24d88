//go:build linux || darwin

package screen

import (
	"net"
	"strings"
	"sync"
	"testing"

	"acip/internal/call"
	"acip/internal/term"
)

// memoryDevice is a terminal in memory, as an ssh channel would be.
type memoryDevice struct {
	net.Conn
	otherEnd net.Conn
	changed  chan struct{}

	mu     sync.Mutex
	window term.Window
}

func newMemoryDevice() *memoryDevice {
	d := &memoryDevice{changed: make(chan struct{}, 1), window: term.Window{Cols: 80, Rows: 24}}
	d.Conn, d.otherEnd = net.Pipe()
	return d
}

func (d *memoryDevice) Window() term.Window {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.window
}

func (d *memoryDevice) Resized() <-chan struct{} { return d.changed }

func (d *memoryDevice) resize(cols, rows int) {
	d.mu.Lock()
	d.window = term.Window{Cols: cols, Rows: rows}
	d.mu.Unlock()
	d.changed <- struct{}{}
}

// TestScreenOnADevice shows a call on a terminal that is no file: it asks and is answered, draws, takes keys, follows
// the size, and gives the terminal back.
func TestScreenOnADevice(t *testing.T) {
	d := newMemoryDevice()
	th := openTestScreen(t, Config{Device: d})
	th.out.Link(call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby"})
	th.out.Peer(call.Peer{ID: 1, Name: "alice"})
	th.out.Picture(1, picture(1, 40, 30))
	th.shows("alice")
	d.resize(60, 20)
	th.keys("?")
	th.shows("choose a speaker")
	th.keys("q")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
	th.mu.Lock()
	defer th.mu.Unlock()
	seen := string(th.seen)
	for what, sequence := range map[string]string{"the main screen": "\x1b[?1049l", "the cursor": "\x1b[?25h"} {
		if !strings.Contains(seen, sequence) {
			t.Errorf("%s is never asked for", what)
		}
	}
	if strings.Count(seen, "\x1b[2J") < 2 {
		t.Error("the new size is not drawn for")
	}
	if strings.LastIndex(seen, "\x1b[?1049l") < strings.LastIndex(seen, "\x1b[?1049h") {
		t.Error("the alternate screen stays")
	}
}

// TestCtrlCOnADevice ends the call, and reaches no process but that.
func TestCtrlCOnADevice(t *testing.T) {
	th := openTestScreen(t, Config{Device: newMemoryDevice()})
	th.out.Link(call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby"})
	th.shows("lobby")
	th.keys("\x03")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
}

// TestDeviceThatEnds ends the call as a terminal that was closed does.
func TestDeviceThatEnds(t *testing.T) {
	d := newMemoryDevice()
	th := openTestScreen(t, Config{Device: d})
	th.out.Link(call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby"})
	th.shows("lobby")
	d.otherEnd.Close()
	if err := th.end(); err != nil {
		t.Error(err) // nobody is left to tell
	}
}
