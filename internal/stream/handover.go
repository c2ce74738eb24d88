package stream

import (
	"sync"
	"time"

	"acip/frame"
	"acip/mailbox"
)

// handover passes pictures from the connection's reader to the writer. A reader of the pipe that is a little late holds
// up the connection a little, so that no picture is lost; one that is slow costs the oldest waiting picture.
type handover struct {
	mu     sync.Mutex
	line   []*passed
	spare  []*passed
	closed bool
	filled mailbox.Signal // a picture waits
	taken  mailbox.Signal // a picture was taken
}

// passed is a picture on its way and whose it is.
type passed struct {
	frame.Frame
	id uint32
}

// Bounds of a handover: how many pictures wait, and how long the connection does.
const (
	waitingMost = 2
	roomWithin  = 50 * time.Millisecond
)

func newHandover() handover {
	return handover{filled: mailbox.NewSignal(), taken: mailbox.NewSignal()}
}

// put copies f in line and returns how many pictures it cost.
func (h *handover) put(id uint32, f *frame.Frame) (lost int) {
	if !h.free() {
		t := time.NewTimer(roomWithin)
		defer t.Stop()
		select {
		case <-h.taken.C():
		case <-t.C:
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 1
	}
	p := h.takeSpare()
	p.CopyFrom(f)
	p.id = id
	if len(h.line) >= waitingMost {
		h.spare = append(h.spare, h.line[0])
		h.line = append(h.line[:0], h.line[1:]...)
		lost = 1
	}
	h.line = append(h.line, p)
	h.filled.Notify()
	return lost
}

// free reports whether there is room, and forgets old news of it.
func (h *handover) free() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.taken.C():
	default:
	}
	return h.closed || len(h.line) < waitingMost
}

func (h *handover) takeSpare() *passed {
	if n := len(h.spare); n > 0 {
		p := h.spare[n-1]
		h.spare = h.spare[:n-1]
		return p
	}
	return &passed{}
}

// take is the oldest picture in line, nil when there is none. Give it back.
func (h *handover) take() *passed {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.line) == 0 {
		return nil
	}
	p := h.line[0]
	h.line = append(h.line[:0], h.line[1:]...)
	h.taken.Notify()
	return p
}

func (h *handover) give(p *passed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.spare = append(h.spare, p)
}

// close refuses pictures from now on and hands out what waits.
func (h *handover) close(each func(*passed)) {
	h.mu.Lock()
	left := h.line
	h.line, h.closed = nil, true
	h.mu.Unlock()
	for _, p := range left {
		each(p)
	}
}
