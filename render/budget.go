package render

import "math"

// Budget limits what the following Appends write to about bytes each; 0 is no limit. Cells are written where the error
// falls most per byte, text first; what does not fit waits for the next Append, so that a still picture becomes exact
// over a few of them.
func (c *Canvas) Budget(bytes int) { c.budget = max(bytes, 0) }

const (
	// Scores are sorted by exponent and two bits of mantissa: four buckets an octave.
	bucketShift = 21
	buckets     = 1 << (31 - bucketShift)
)

// afford is the error that a byte must save now, and the bytes after which to stop.
func (c *Canvas) afford() (worth float32, most int) {
	if c.budget == 0 || c.graphics() { // beside pictures in pixels cells are text, and few
		return c.rate.worth, math.MaxInt / 2
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
			return max(c.rate.worth, math.Float32frombits(uint32(b)<<bucketShift)), c.budget
		}
	}
	return c.rate.worth, c.budget
}

func bucket(gain float32) uint32 { return math.Float32bits(gain) >> bucketShift }

// cost estimates the bytes that cell i takes when its left neighbour is written too.
func (c *Canvas) cost(i int) int {
	const color = 17 // ";38;2;" and three numbers of two or three digits
	w := &c.want[i]
	n := glyphBytes(w.Glyph)
	if i == 0 || c.want[i-1].BG != w.BG {
		n += color
	}
	if w.Glyph != blank && (i == 0 || c.want[i-1].FG != w.FG) {
		n += color
	}
	return n
}
