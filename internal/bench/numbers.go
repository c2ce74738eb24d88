package main

import (
	"sync"

	"acip/capture"
	"acip/frame"
)

// tallies of pictures by what their pixels say.
type tallies struct {
	unique, twice, back, torn int
}

// numbers takes bare RGB pictures of the test pattern and reads their numbers.
type numbers struct {
	size frame.Size
	rest []byte

	mu    sync.Mutex
	t     tallies
	last  uint32
	begun bool
}

func (s *numbers) Write(p []byte) (int, error) {
	s.rest = append(s.rest, p...)
	n := s.size.W * s.size.H * 3
	for ; len(s.rest) >= n; s.rest = s.rest[n:] {
		s.add(&frame.Frame{Width: s.size.W, Height: s.size.H, Pix: s.rest[:n]})
	}
	s.rest = append([]byte(nil), s.rest...)
	return len(p), nil
}

func (s *numbers) add(f *frame.Frame) {
	seq, ok := capture.PatternNumber(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !ok:
		s.t.torn++
		return
	case s.begun && seq == s.last:
		s.t.twice++
		return
	case s.begun && int32(seq-s.last) < 0:
		s.t.back++
	default:
		s.t.unique++
	}
	s.last, s.begun = seq, true
}

func (s *numbers) count() tallies {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.t
}
