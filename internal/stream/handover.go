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
	queue  []*queuedFrame
	unused []*queuedFrame
	closed bool
	filled mailbox.Signal // a picture waits
	taken  mailbox.Signal // a picture was taken
}

// queuedFrame is a queued picture and the id of its sender.
type queuedFrame struct {
	frame.Frame
	id uint32
}

// Bounds of a handover: how many pictures wait, and how long the connection does.
const (
	maxQueued  = 2
	putTimeout = 50 * time.Millisecond
)

func newHandover() handover {
	return handover{filled: mailbox.NewSignal(), taken: mailbox.NewSignal()}
}

// put queues a copy of f and returns how many pictures were dropped for it.
func (h *handover) put(id uint32, f *frame.Frame) (lost int) {
	if !h.canPut() {
		t := time.NewTimer(putTimeout)
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
	p := h.takeFree()
	p.CopyFrom(f)
	p.id = id
	if len(h.queue) >= maxQueued {
		h.unused = append(h.unused, h.queue[0])
		h.queue = append(h.queue[:0], h.queue[1:]...)
		lost = 1
	}
	h.queue = append(h.queue, p)
	h.filled.Notify()
	return lost
}

// canPut reports whether a picture can be queued at once, and clears taken.
func (h *handover) canPut() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.taken.C():
	default:
	}
	return h.closed || len(h.queue) < maxQueued
}

func (h *handover) takeFree() *queuedFrame {
	if n := len(h.unused); n > 0 {
		p := h.unused[n-1]
		h.unused = h.unused[:n-1]
		return p
	}
	return &queuedFrame{}
}

// take returns the oldest queued picture, or nil. The caller gives it back.
func (h *handover) take() *queuedFrame {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.queue) == 0 {
		return nil
	}
	p := h.queue[0]
	h.queue = append(h.queue[:0], h.queue[1:]...)
	h.taken.Notify()
	return p
}

func (h *handover) give(p *queuedFrame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unused = append(h.unused, p)
}

// close refuses pictures from now on and passes the queued ones to each.
func (h *handover) close(each func(*queuedFrame)) {
	h.mu.Lock()
	left := h.queue
	h.queue, h.closed = nil, true
	h.mu.Unlock()
	for _, p := range left {
		each(p)
	}
}
