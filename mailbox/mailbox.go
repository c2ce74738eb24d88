// Package mailbox passes the newest value, or just a signal, from some goroutines to one.
package mailbox

import "sync"

// Mailbox has one place. It is safe for concurrent use, and nothing allocates. Make one with New.
type Mailbox[V any] struct {
	drop func(V)
	wake Signal

	mu    sync.Mutex
	value V
	full  bool
}

// New makes an empty mailbox. drop is called with each value that was replaced, never while the mailbox is locked.
func New[V any](drop func(V)) *Mailbox[V] {
	return &Mailbox[V]{drop: drop, wake: NewSignal()}
}

// Put makes v the newest value, in place of the one that waits.
func (m *Mailbox[V]) Put(v V) {
	m.mu.Lock()
	old, replaced := m.value, m.full
	m.value, m.full = v, true
	m.mu.Unlock()
	if replaced {
		m.drop(old)
	}
	m.wake.Notify()
}

// Take removes and returns the value that waits; false when none does.
func (m *Mailbox[V]) Take() (v V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var none V
	v, ok = m.value, m.full
	m.value, m.full = none, false
	return v, ok
}

// Waits reports whether a value waits.
func (m *Mailbox[V]) Waits() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.full
}

// Wake yields after a Put, once for any number of them. Its capacity is one, and it is never closed.
func (m *Mailbox[V]) Wake() <-chan struct{} { return m.wake.C() }
