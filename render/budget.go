package render

import (
	"math"

	"acip/render/internal/ansi"
	"acip/render/internal/cell"
)

// Budget limits what each following Append writes to about that many bytes; 0 means no limit. Append writes the cells
// that save the most error per byte, text first. The rest waits for the next Append, so that a still picture becomes
// exact over a few of them.
func (c *Canvas) Budget(bytes int) { c.budget = max(bytes, 0) }

const (
	// Gains per byte are sorted by exponent and two bits of mantissa: four buckets an octave.
	bucketShift = 21
	buckets     = 1 << (31 - bucketShift)
)

// limits returns the error that a byte must save now, and the number of bytes after which to stop.
func (c *Canvas) limits() (errorPerByte float32, most int) {
	if c.budget == 0 || c.graphics() { // the cells beside pictures in pixels are few, and text
		return c.rate.errorPerByte, math.MaxInt / 2
	}
	clear(c.costs[:])
	for i, g := range c.gain {
		if g > 0 && c.want[i] != c.shown[i] {
			cost := c.cost(i)
			c.costs[bucket(g/float32(cost))] += uint32(cost)
		}
	}
	sum := 0
	for b := buckets - 1; b > 0; b-- {
		if sum += int(c.costs[b]); sum > c.budget {
			return max(c.rate.errorPerByte, math.Float32frombits(uint32(b)<<bucketShift)), c.budget
		}
	}
	return c.rate.errorPerByte, c.budget
}

func bucket(gain float32) uint32 { return math.Float32bits(gain) >> bucketShift }

// cost estimates the bytes that cell i takes if its left neighbour is written too.
func (c *Canvas) cost(i int) int {
	const color = 17 // ";38;2;" and three numbers of two or three digits
	w := &c.want[i]
	n := ansi.GlyphBytes(w.Glyph)
	if i == 0 || c.want[i-1].BG != w.BG {
		n += color
	}
	if w.Glyph != cell.Blank && (i == 0 || c.want[i-1].FG != w.FG) {
		n += color
	}
	return n
}
