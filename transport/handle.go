package transport

import (
	"sync/atomic"

	"acip/packet"
)

// Handle is what a client sends through while connections come and go. The zero value and a nil pointer are not
// connected. Each method loads the connection's SendQueue once and uses it to the end. If the connection ends in
// between, sending fails with ErrNotConnected and nothing else happens.
type Handle struct {
	queue atomic.Pointer[SendQueue]
}

// Set makes q, the PacketSource of a connection's Run, the queue in use, and closes the one before.
func (h *Handle) Set(q *SendQueue) { h.queue.Swap(q).Close() }

// Clear ends sending: it closes the queue, which releases what waits in it.
func (h *Handle) Clear() {
	if h != nil {
		h.queue.Swap(nil).Close()
	}
}

// Queue returns the queue in use, nil when not connected. Its methods accept nil.
func (h *Handle) Queue() *SendQueue {
	if h == nil {
		return nil
	}
	return h.queue.Load()
}

// Send queues b with a reference of its own and never blocks. Errors are those of SendQueue.Send.
func (h *Handle) Send(b *packet.Buffer) error { return h.Queue().Send(b) }

// Connected reports whether there is a connection now. That may have changed by the time the caller acts on it; only
// Send can tell.
func (h *Handle) Connected() bool { return h.Queue() != nil }
