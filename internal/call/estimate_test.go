package call

import (
	"fmt"
	"testing"
	"time"

	"acip/frame"
	"acip/packet"
)

// way is the downlink of a call, with senders that claim anything about their pictures.
type way struct {
	*linkMonitor
	now time.Time
}

func newWay(t *testing.T, senders int) *way {
	c := New(Config{FPS: 30}, nowhere{})
	var wish []Want
	for id := range senders {
		c.downlink.join(packet.Member{ID: uint32(id + 1), Name: fmt.Sprint("m", id), Role: packet.RoleJoin})
		wish = append(wish, Want{ID: uint32(id + 1), Size: frame.Size{W: 160, H: 90}, FPS: 30})
	}
	c.Want(frame.Size{}, wish)
	now := time.Now()
	return &way{linkMonitor: &linkMonitor{call: c, minRTT: 5 * time.Millisecond, at: now}, now: now}
}

// arrive counts pictures of a sender that came since the last sample.
func (w *way) arrive(id uint32, got, missing int, age time.Duration) {
	for range got {
		w.call.account.Receive(id, 1000)
	}
	w.call.account.Missing(id, uint64(missing))
	w.call.downlink.mu.Lock()
	w.call.downlink.ages[id] = age
	w.call.downlink.mu.Unlock()
}

// pass lets half a second pass.
func (w *way) pass() {
	w.now = w.now.Add(monitorEvery)
	w.estimateDownlink(false, w.now)
	w.at = w.now
}

// A sender whose pictures claim to be old, and whose numbers claim that the server left many out, is asked for less. The
// others are asked for as much as before, and nobody is told that the link is slow.
func TestASenderSpeaksForItsOwnPicturesAlone(t *testing.T) {
	for _, liars := range []int{1, 3} {
		w := newWay(t, 2*liars+1)
		for range 40 {
			for id := range 2*liars + 1 {
				if id < liars {
					w.arrive(uint32(id+1), 15, 3000, 2*time.Second)
				} else {
					w.arrive(uint32(id+1), 15, 0, 4*time.Millisecond)
				}
			}
			w.pass()
		}
		for i, s := range w.call.demand().Streams {
			whole := s == packet.Want{ID: uint32(i + 1), Width: 160, Height: 90, FPS: 30}
			if whole == (i < liars) {
				t.Errorf("%d that lie: %+v is asked for", liars, s)
			}
		}
		if w.announced != "" {
			t.Errorf("%d that lie: %q", liars, w.announced)
		}
	}
}

// If the pictures of all senders are late and left out, all are asked for less, and the person is told.
func TestASlowLinkIsSlowForAll(t *testing.T) {
	w := newWay(t, 3)
	for range 6 {
		for id := range 3 {
			w.arrive(uint32(id+1), 5, 10, 300*time.Millisecond)
		}
		w.pass()
	}
	for _, s := range w.call.demand().Streams {
		if s.Width >= 160 {
			t.Errorf("%+v is asked for", s)
		}
	}
	if w.announced == "" {
		t.Error("nothing is said")
	}
}

// Senders that come and go leave nothing behind.
func TestWhoLeftIsNotRemembered(t *testing.T) {
	w := newWay(t, 2)
	for id := range 2 {
		w.arrive(uint32(id+1), 5, 10, 300*time.Millisecond)
	}
	w.pass()
	w.call.downlink.leave(packet.Leave{ID: 1})
	w.pass()
	if len(w.call.estimates) != 1 || w.call.estimates[2] == nil {
		t.Errorf("%d are remembered", len(w.call.estimates))
	}
	if received, _, _ := w.call.account.Arrived(2); received != 5 {
		t.Errorf("%d received", received)
	}
}
