package render

import (
	"time"

	"acip/frame"
)

// How long what the terminal shows may differ from what is best.
//
// A cell whose picture changed by noise alone need not change: it neither flickers nor costs bytes. How much error a
// byte is worth is the rate's affair; here is how much a cell bears of it. It bears all for a while, then ever less,
// and nothing after holdFrames pictures, after stillFrames equal ones, or when the whole picture is the same twice.
const (
	holdFull    = 90  // pictures for which a cell bears what the rate says
	holdFrames  = 180 // pictures after which it bears nothing
	stillFrames = 60  // equal best cells one after another that mean no noise
)

// memory is what is kept of a cell's last pictures. It is small, since all cells' together should stay in the cache.
type memory struct {
	best  uint32 // a mark of what the last picture wanted
	age   uint8  // pictures for which the cell has shown something else
	still uint8  // pictures that wanted the same
	bears uint8  // how much of the rate's error the cell bears, of bearsAll; nothing for what is no picture
}

const bearsAll = 255

// mark is a number that equal cells share, and others almost never.
func (c *Cell) mark() uint32 {
	return (uint32(c.Glyph)*0x9e3779b1^uint32(c.FG))*0x85ebca6b ^ uint32(c.BG)*0xc2b2ae35
}

// settlePlain is settle in plain Go; the vector one agrees with it bit by bit.
func settlePlain(kept []memory, want []Cell, gain []float32, again bool) (moves bool) {
	for i := range kept {
		gain[i] = max(gain[i], 0) // less than nothing is rounding
		if kept[i].settle(&want[i], gain[i], again) {
			moves = true
		}
	}
	return moves
}

// settle takes note of the best cell, and of how much error the cell bears then. It reports whether the best cell is
// another than last time. The same frame again is no news, and does not make anything older.
func (m *memory) settle(best *Cell, gain float32, again bool) (changed bool) {
	if mark := best.mark(); m.best != mark {
		m.best, m.still = mark, 0
		changed = true
	} else if m.still < stillFrames && !again {
		m.still++
	}
	switch {
	case gain == 0:
		m.age, m.bears = 0, bearsAll
		return changed
	case gain == anew || m.still == stillFrames || m.age >= holdFrames:
		m.bears = 0
		return changed
	case m.age < holdFull:
		m.bears = bearsAll
	default:
		m.bears = uint8(bearsAll * (holdFrames - int(m.age)) / (holdFrames - holdFull))
	}
	if !again {
		m.age++
	}
	return changed
}

// drawn is a frame that a place has shown.
type drawn struct {
	at   frame.Rect
	seq  uint64
	time time.Time
}

// recentPlaces is how many places are remembered with their frames: more than anyone looks at.
const recentPlaces = 64

// again reports whether a place is shown the frame that it showed last. Frames without number and time are all new.
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
