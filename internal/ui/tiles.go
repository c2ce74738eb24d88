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
	lostAt   time.Time     // when its connection broke; zero: it is here
	quiet    bool          // nobody was told that it was lost
	seen     time.Time     // when the last picture came, or could have begun to
	gap      time.Duration // between two pictures, the longest of late
	stall    int           // whole seconds without a picture, as shown; 0: it is live
	frame    *frame.Frame
	shape    frame.Size // of frame as it came: the sender may use the same one for another picture
	fresh    bool       // the picture is not drawn yet
	rect     frame.Rect
	covered  frame.Rect // by the picture
	wanted   want
	asked    want // as last told
	shrinkAt time.Time
}

// lostTileTime is how long the tile of a peer that was lost waits for its return.
const lostTileTime = 10 * time.Second

func (t *tile) lost() bool { return !t.lostAt.IsZero() }

// stallAfter is how long a picture may stand still before its tile says so; sources that are slower than that have three
// times the longest pause that they made.
const stallAfter = 5 * time.Second

// patience is how long the next picture may take.
func (t *tile) patience() time.Duration { return max(stallAfter, 3*t.gap) }

// shows takes in a picture that came at this moment.
func (t *tile) shows(f *frame.Frame, now time.Time) {
	if t.frame != nil {
		t.gap = max(now.Sub(t.seen), t.gap*7/8) // one long pause is soon forgotten
	}
	t.frame, t.shape, t.fresh, t.seen = f, f.Size(), true, now
}

// awaited reports whether pictures should be coming: the tile is seen, and its sender neither paused nor lost.
func (t *tile) awaited() bool { return t.frame != nil && !t.rect.Empty() && !t.paused && !t.lost() }

// stalled is the whole seconds without a picture, 0 while that is still normal.
func (t *tile) stalled(now time.Time) int {
	if d := now.Sub(t.seen); t.awaited() && d >= t.patience() {
		return int(d / time.Second)
	}
	return 0
}

// stallNext is when the tile has something else to say about its last picture; zero if it has not.
func (t *tile) stallNext(now time.Time) time.Time {
	if !t.awaited() {
		return time.Time{}
	}
	if d := now.Sub(t.seen); d >= t.patience() {
		return t.seen.Add(d.Truncate(time.Second) + time.Second)
	}
	return t.seen.Add(t.patience())
}

// slots keeps tiles where they are: a peer that leaves makes a hole, one that joins takes the first hole, and the holes
// are closed only if that makes every tile larger.
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

// disconnected is the tile of a lost peer of this name, or nil.
func (s *slots) disconnected(name string) *tile {
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

// settle closes the holes if the grid of the remaining peers has another shape, so that all gain by moving, and those of
// the last row, which is centred.
func (s *slots) settle(shapeOf func(n int) shape) shape {
	now := shapeOf(max(1, len(s.list)))
	n := s.count()
	if n < len(s.list) {
		if tight := shapeOf(max(1, n)); tight != now {
			s.list = s.all()
			return tight
		}
	}
	last := min((now.rows-1)*now.cols, len(s.list))
	row := slots{s.list[last:]}
	s.list = append(s.list[:last:last], row.all()...)
	return now
}
