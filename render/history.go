package render

import (
	"time"

	"acip/frame"
)

// How long a cell may differ from the best one.
//
// A cell that differs by noise alone need not change: it then neither flickers nor costs bytes. The rate decides how
// much error a byte must save; this file decides how much of that error each cell tolerates. A cell tolerates all of it
// for holdFull pictures, then less and less, and none after holdFrames pictures, after stillFrames equal ones, or if
// the whole picture is the same twice in a row.
const (
	holdFull    = 90  // pictures for which a cell tolerates all of the rate's error
	holdFrames  = 180 // pictures after which it tolerates nothing
	stillFrames = 60  // equal best cells in a row that mean there is no noise
)

// cellHistory is what is kept of a cell's last pictures. It is small, so that those of a whole screen stay in the
// cache.
type cellHistory struct {
	best      uint32 // hash of the cell that the last picture wanted
	age       uint8  // pictures since the cell last showed the best
	still     uint8  // pictures in a row that wanted the same
	tolerance uint8  // share of the rate's error that the cell tolerates, of fullTolerance; 0 for cells that show no picture
}

const fullTolerance = 255

// hashOf returns a number that equal cells share and different ones almost never do.
func hashOf(c *Cell) uint32 {
	return (uint32(c.Glyph)*0x9e3779b1^uint32(c.FG))*0x85ebca6b ^ uint32(c.BG)*0xc2b2ae35
}

// updateHistoryPlain is updateHistory in plain Go; the vector version agrees with it bit for bit.
func updateHistoryPlain(history []cellHistory, want []Cell, gain []float32, again bool) (moves bool) {
	for i := range history {
		gain[i] = max(gain[i], 0) // below zero is rounding
		if history[i].update(&want[i], gain[i], again) {
			moves = true
		}
	}
	return moves
}

// update records the best cell, and sets how much error the cell tolerates from now on. It reports whether the best
// cell differs from the last picture's. If the frame is the same again, nothing ages.
func (m *cellHistory) update(best *Cell, gain float32, again bool) (changed bool) {
	if h := hashOf(best); m.best != h {
		m.best, m.still = h, 0
		changed = true
	} else if m.still < stillFrames && !again {
		m.still++
	}
	switch {
	case gain == 0:
		m.age, m.tolerance = 0, fullTolerance
		return changed
	case gain == incomparable || m.still == stillFrames || m.age >= holdFrames:
		m.tolerance = 0
		return changed
	case m.age < holdFull:
		m.tolerance = fullTolerance
	default:
		m.tolerance = uint8(fullTolerance * (holdFrames - int(m.age)) / (holdFrames - holdFull))
	}
	if !again {
		m.age++
	}
	return changed
}

// drawn identifies the frame that a place showed last.
type drawn struct {
	at   frame.Rect
	seq  uint64
	time time.Time
}

// recentPlaces bounds the places whose frames are remembered: more than a screen has tiles.
const recentPlaces = 64

// again reports whether f is the frame that the place showed last. Frames without number and time always count as new.
func (c *Canvas) again(at frame.Rect, f *frame.Frame) bool {
	for i := range c.recent {
		r := &c.recent[i]
		if r.at == at {
			same := r.seq == f.Seq && r.time.Equal(f.Time) && (f.Seq != 0 || !f.Time.IsZero())
			r.seq, r.time = f.Seq, f.Time
			return same
		}
	}
	if len(c.recent) == recentPlaces {
		c.recent = c.recent[:0]
	}
	c.recent = append(c.recent, drawn{at, f.Seq, f.Time})
	return false
}
