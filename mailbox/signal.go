package mailbox

// Signal wakes one goroutine. Any number of Notify calls before it looks are one. Make one with NewSignal.
type Signal struct{ c chan struct{} }

// NewSignal makes a signal that has not been given.
func NewSignal() Signal { return Signal{make(chan struct{}, 1)} }

// Notify makes C receive once. It never waits, and is safe for concurrent use.
func (s Signal) Notify() {
	select {
	case s.c <- struct{}{}:
	default: // it waits already
	}
}

// C receives after Notify. Its capacity is one, and it is never closed.
func (s Signal) C() <-chan struct{} { return s.c }
