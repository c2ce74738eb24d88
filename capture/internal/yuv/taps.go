package yuv

const (
	// rowBits is the precision of the weights down: a weighted sum of bytes then fits 16 bits, so that four columns go
	// through one 64-bit multiplication. It moves an edge of a window by at most 1/512 of the window.
	rowBits = 8
	// columnBits is the precision of the weights across: pairs of them go through a 16-bit multiply-and-add.
	columnBits = 14
	// coarseBits stay below the byte between the passes.
	coarseBits = 6
)

// taps are weighted windows along one axis: n words each, from position start on.
type taps struct {
	n     int
	start []int32
	w     []int16 // n a window, summing to 1<<rowBits or 1<<columnBits
	even  bool    // the windows are 2 or 4 words of the same weight, side by side from 0 on
}

// lane is what a window slides over.
type lane struct {
	side    int // picture pixels that the axis covers
	sub     int // picture pixels a sample stands for
	first   int // position of the first sample
	step    int // distance between samples
	count   int // positions there are
	unit    int // windows are a multiple of this many positions long
	longer  int // windows longer than this many positions …
	longest int // … are a multiple of this
	bits    int // the precision of a weight
}

// area makes the windows of n samples that divide a side evenly, each the exact mean of what it covers, to the
// precision of a weight.
func (l lane) area(n int) taps {
	padded := (n + 7) / 8 * 8 // the vector pass makes eight windows at a time
	t := taps{start: make([]int32, n, padded)}
	from, to := make([]int, n), make([]int, n)
	for i := range n {
		from[i] = i * l.side / n / l.sub
		to[i] = ((i+1)*l.side - 1) / n / l.sub
		t.n = max(t.n, (to[i]-from[i])*l.step+1)
	}
	t.even = l.step == 1 && l.longer > 0 && l.side == n*t.n*l.sub && (t.n == 2 || t.n == 4)
	if !t.even {
		t.n = l.round(t.n)
	}
	t.w = make([]int16, n*t.n, padded*t.n)
	for i := range n {
		at := l.first + from[i]*l.step
		t.start[i] = int32(max(min(at, l.count-t.n), 0))
		w := t.w[i*t.n:][:t.n]
		for k := from[i]; k <= to[i]; k++ {
			w[l.first+k*l.step-int(t.start[i])] = l.weight(i, n, k)
		}
	}
	return t
}

// round returns the window's length in memory.
func (l lane) round(n int) int {
	unit := l.unit
	if n > l.longer {
		unit = l.longest
	}
	return (n + unit - 1) / unit * unit
}

// weight returns the share of sample k in window i of n. Rounding the running sum makes each window sum to exactly one
// unit.
func (l lane) weight(i, n, k int) int16 {
	upTo := func(k int) int {
		covered := min(k*l.sub*n, (i+1)*l.side) - i*l.side // in picture pixels times n
		return (max(covered, 0)<<l.bits + l.side/2) / l.side
	}
	return int16(upTo(k+1) - upTo(k))
}
