// Package yard holds the servers that acip-server is measured against: the same relaying done as plainly as can be.
package yard

import (
	"sync"
	"sync/atomic"
)

// shared is one picture that many write.
type shared struct {
	b    []byte
	refs atomic.Int32
	pool *sync.Pool
}

func (s *shared) release() {
	if s.refs.Add(-1) == 0 {
		s.pool.Put(s)
	}
}

// hub hands each picture to every receiver, which has room for one that waits; a further one is dropped.
type hub struct {
	mu    sync.Mutex
	boxes map[chan *shared]bool
	pool  sync.Pool
}

func newHub() *hub { return &hub{boxes: map[chan *shared]bool{}} }

// get is a buffer of n bytes with one reference.
func (h *hub) get(n int) *shared {
	s, _ := h.pool.Get().(*shared)
	if s == nil || cap(s.b) < n {
		s = &shared{b: make([]byte, n), pool: &h.pool}
	}
	s.b = s.b[:n]
	s.refs.Store(1)
	return s
}

func (h *hub) enter() chan *shared {
	box := make(chan *shared, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.boxes[box] = true
	return box
}

func (h *hub) leave(box chan *shared) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.boxes, box)
}

// publish takes the reference over.
func (h *hub) publish(s *shared) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for box := range h.boxes {
		s.refs.Add(1)
		select {
		case box <- s:
		default:
			s.release()
		}
	}
	s.release()
}
