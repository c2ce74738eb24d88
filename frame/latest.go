package frame

import "sync"

// Latest keeps the newest of a stream of pictures, and lets it be read while the next is written: three frames go
// round. One goroutine puts, one takes.
type Latest struct {
	back *Frame // being written; of the one who puts

	mu    sync.Mutex
	front *Frame // being read
	fresh *Frame // the newest, while due
	any   bool
	due   bool // fresh was not taken yet
}

// NewLatest returns a Latest without a picture.
func NewLatest() *Latest { return &Latest{front: &Frame{}, fresh: &Frame{}, back: &Frame{}} }

// Put makes a copy of f the newest picture and reports whether one that was never taken had to go.
func (l *Latest) Put(f *Frame) (lost bool) {
	l.back.CopyFrom(f)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.back, l.fresh = l.fresh, l.back
	lost = l.due
	l.any, l.due = true, true
	return lost
}

// Take returns the newest picture, nil before the first, and whether it is taken for the first time. It stays as it is
// until the next call.
func (l *Latest) Take() (f *Frame, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.any {
		return nil, false
	}
	if first = l.due; first {
		l.front, l.fresh = l.fresh, l.front
		l.due = false
	}
	return l.front, first
}

// Waiting reports whether there is a picture, and whether it was not taken yet.
func (l *Latest) Waiting() (any, due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.any, l.due
}
