package ui

import (
	"time"

	"acip/frame"
)

// tile is one peer's place on the screen.
type tile struct {
	id       uint32
	name     string
	watch    bool
	paused   bool
	lostAt   time.Time // when its connection broke; zero: it is here
	frame    *frame.Frame
	fresh    bool // the picture is not drawn yet
	rect     frame.Rect
	covered  frame.Rect // by the picture
	wanted   want
	asked    want // as last told
	shrinkAt time.Time
}

// ghostLife is how long the tile of a peer that was lost waits for its return.
const ghostLife = 10 * time.Second

func (t *tile) lost() bool { return !t.lostAt.IsZero() }

// slots keeps tiles where they are: who leaves makes a hole, who comes takes
// the first one, and all close up only when that makes everybody larger.
type slots struct{ list []*tile }

// find is the tile of a peer, or nil.
func (s *slots) find(id uint32) *tile {
	for _, t := range s.list {
		if t != nil && t.id == id {
			return t
		}
	}
	return nil
}

// ghost is the tile of a lost peer of this name, or nil.
func (s *slots) ghost(name string) *tile {
	for _, t := range s.list {
		if t != nil && t.lost() && t.name == name {
			return t
		}
	}
	return nil
}

func (s *slots) add(t *tile) {
	for i, have := range s.list {
		if have == nil {
			s.list[i] = t
			return
		}
	}
	s.list = append(s.list, t)
}

func (s *slots) remove(id uint32) {
	for i, t := range s.list {
		if t != nil && t.id == id {
			s.list[i] = nil
		}
	}
	for n := len(s.list); n > 0 && s.list[n-1] == nil; n = len(s.list) {
		s.list = s.list[:n-1]
	}
}

// count is the number of peers.
func (s *slots) count() int { return len(s.all()) }

// all are the peers in the order of their places.
func (s *slots) all() []*tile {
	list := make([]*tile, 0, len(s.list))
	for _, t := range s.list {
		if t != nil {
			list = append(list, t)
		}
	}
	return list
}

// settle closes the holes where the grid of those who are left has another
// shape, so that everybody gains by moving.
func (s *slots) settle(shapeOf func(n int) shape) shape {
	now := shapeOf(max(1, len(s.list)))
	if n := s.count(); n < len(s.list) {
		if tight := shapeOf(max(1, n)); tight != now {
			s.list = s.all()
			return tight
		}
	}
	return now
}
