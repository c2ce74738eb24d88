// Package mailbox keeps only the newest value of each key, and counts what was
// replaced.
package mailbox

import "sync"

// Mailbox keeps the newest value per key until it is taken. Keys are served in
// the order in which they came to wait, so that one which is replaced often
// neither overtakes nor loses its turn. It is safe for concurrent use; in the
// steady state nothing allocates. Make one with New.
type Mailbox[K comparable, V any] struct {
	drop func(K, V)
	wake chan struct{} // never closed

	mu       sync.Mutex
	places   map[K]*place[K, V]
	turns    place[K, V] // a ring of the places that hold a value; itself is no place
	replaced uint64
	closed   bool
}

// place is where one key's newest value waits. It lies in the ring of turns just
// while it holds one.
type place[K comparable, V any] struct {
	key        K
	value      V
	prev, next *place[K, V]
}

// New makes an empty mailbox. drop, which may be nil, is called with each value
// that was replaced, dropped, left at Close or put after it; never while the
// mailbox is locked.
func New[K comparable, V any](drop func(K, V)) *Mailbox[K, V] {
	m := &Mailbox[K, V]{drop: drop, wake: make(chan struct{}, 1), places: map[K]*place[K, V]{}}
	m.turns.prev, m.turns.next = &m.turns, &m.turns
	return m
}

// Put makes v the newest value of k and reports whether another one was waiting,
// which is dropped and counted. After Close v itself is dropped.
func (m *Mailbox[K, V]) Put(k K, v V) (replaced bool) {
	old, dropped := v, true
	m.mu.Lock()
	if !m.closed {
		old, replaced = m.place(k).put(v, &m.turns)
		if dropped = replaced; replaced {
			m.replaced++
		}
	}
	m.mu.Unlock()
	if dropped {
		m.discard(k, old)
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return replaced
}

// Take removes and returns the value whose key has waited longest; false when
// nothing waits.
func (m *Mailbox[K, V]) Take() (K, V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.turns.next
	if p == &m.turns {
		var k K
		var v V
		return k, v, false
	}
	return p.key, p.take(), true
}

// Drop forgets k and drops what waits there. Call it when a key is gone for good.
func (m *Mailbox[K, V]) Drop(k K) {
	m.mu.Lock()
	p := m.places[k]
	delete(m.places, k)
	waiting := p != nil && p.next != nil
	var v V
	if waiting {
		v = p.take()
	}
	m.mu.Unlock()
	if waiting {
		m.discard(k, v)
	}
}

// Len is how many values wait.
func (m *Mailbox[K, V]) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for p := m.turns.next; p != &m.turns; p = p.next {
		n++
	}
	return n
}

// Wake yields after a Put, once for any number of them: take until nothing waits
// before waiting for it again. Its capacity is one, and it is never closed.
func (m *Mailbox[K, V]) Wake() <-chan struct{} { return m.wake }

// Replaced counts the values that a newer one replaced.
func (m *Mailbox[K, V]) Replaced() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.replaced
}

// Close drops what waits, and whatever is put from now on. It may be called more
// than once.
func (m *Mailbox[K, V]) Close() {
	m.mu.Lock()
	m.closed = true
	var left []*place[K, V]
	for p := m.turns.next; p != &m.turns; p = p.next {
		left = append(left, p)
	}
	m.turns.prev, m.turns.next = &m.turns, &m.turns
	clear(m.places)
	m.mu.Unlock()
	for _, p := range left {
		m.discard(p.key, p.value)
	}
}

// place finds or makes the place of a key.
func (m *Mailbox[K, V]) place(k K) *place[K, V] {
	p := m.places[k]
	if p == nil {
		p = &place[K, V]{key: k}
		m.places[k] = p
	}
	return p
}

func (m *Mailbox[K, V]) discard(k K, v V) {
	if m.drop != nil {
		m.drop(k, v)
	}
}

// put stores v and, if nothing waited here, queues the place behind all others.
func (p *place[K, V]) put(v V, turns *place[K, V]) (old V, replaced bool) {
	old, p.value = p.value, v
	if p.next != nil {
		return old, true
	}
	p.prev, p.next = turns.prev, turns
	p.prev.next, turns.prev = p, p
	return old, false
}

// take unlinks the place and hands out its value.
func (p *place[K, V]) take() V {
	p.prev.next, p.next.prev = p.next, p.prev
	p.prev, p.next = nil, nil
	var none V
	v := p.value
	p.value = none
	return v
}
