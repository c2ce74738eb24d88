package transport

import (
	"sync/atomic"

	"acip/packet"
)

// Handle is how a client sends while connections come and go. The zero value and
// a nil pointer are not connected. Each method loads the connection's SendQueue once
// and uses it to the end, so that a connection that vanishes in between makes a
// send fail with ErrNotConnected and nothing else.
type Handle struct {
	queue atomic.Pointer[SendQueue]
}

// Set makes o, the PacketSource of a connection's Run, the one that is sent to, and
// closes the one before.
func (h *Handle) Set(o *SendQueue) { h.queue.Swap(o).Close() }

// Clear ends sending: the queue is closed and gives back what waits in it.
func (h *Handle) Clear() {
	if h != nil {
		h.queue.Swap(nil).Close()
	}
}

// SendQueue is the one in use, nil when not connected; its methods accept nil.
func (h *Handle) Queue() *SendQueue {
	if h == nil {
		return nil
	}
	return h.queue.Load()
}

// Send queues b, which the caller keeps its reference of, and never blocks.
// Errors are those of SendQueue.Send.
func (h *Handle) Send(b *packet.Buffer) error { return h.Queue().Send(b) }

// Connected reports whether there is a connection now. By the time it is acted
// upon that may have changed; Send is what tells.
func (h *Handle) Connected() bool { return h.Queue() != nil }
