package frame

import "math"

const (
	// weightBits is the precision of a weight: 14 bits and sign, so that pairs of weights go through a 16-bit
	// multiply-and-add.
	weightBits = 14
	// coarseBits stay after the first of the two passes: 6 bits below the byte, which leaves head-room in 16 bits for
	// what a Lanczos window overshoots.
	coarseBits = 6
	// maxTaps is the longest window for which 14-bit weights are within ±1 of the exact mean; the plain wide path
	// takes longer ones.
	maxTaps = 32
	// sharpTaps is the same for Sharp, which nobody holds to the exact mean.
	sharpTaps = 64
)

// taps are the windows of all samples along one axis, n weights each, in fixed point.
type taps struct {
	n     int
	start []int32
	w     []int16 // n per sample; they sum to 1<<weightBits
}

// quantise brings curves to fixed point with a window that is a multiple of unit long, none of which reaches beyond
// size. ok is false where the windows are longer than most.
func quantise(cs []curve, unit, size, most int) (t taps, ok bool) {
	longest := 0
	for _, c := range cs {
		longest = max(longest, len(c.w))
	}
	t.n = (longest + unit - 1) / unit * unit
	if longest > most || t.n > size {
		return taps{n: t.n}, false
	}
	t.start, t.w = make([]int32, len(cs)), make([]int16, len(cs)*t.n)
	for i, c := range cs {
		first := min(c.first, size-t.n)
		t.start[i] = int32(first)
		fixed(t.w[i*t.n+c.first-first:], c.w)
	}
	return t, true
}

// fixed rounds weights so that every partial sum is within half a unit, and the whole is exact.
func fixed(dst []int16, w []float64) {
	var sum float64
	var done int
	for i, v := range w {
		sum += v
		next := int(math.Round(sum * (1 << weightBits)))
		dst[i] = int16(next - done)
		done = next
	}
}

// from is t without the first samples.
func (t taps) from(first int) taps { return taps{t.n, t.start[first:], t.w[first*t.n:]} }

// span is the part of an RGB row that any sample touches.
func (t taps) span() (from, to int) {
	from, to = math.MaxInt, 0
	for _, s := range t.start {
		from, to = min(from, int(s)*3), max(to, (int(s)+t.n)*3)
	}
	return from, to
}

// spread is the weights as the vector pass over RGB reads them: for each four taps two groups of eight,
// w0 w1 w0 w1 w0 w1 0 0 and the same of w2 w3: one pair for each channel.
func (t taps) spread() []int16 {
	out := make([]int16, 0, len(t.w)*4)
	for i := 0; i+1 < len(t.w); i += 2 {
		a, b := t.w[i], t.w[i+1]
		out = append(out, a, b, a, b, a, b, 0, 0)
	}
	return out
}

// pairWeights is, for samples of four taps of which no second one is more than a pixel further than the one before, five
// weights for each two: those of the first, and in the upper half those of the second. It is nil where that is not so. An
// odd last sample is left out.
func (t taps) pairWeights() (w []int64) {
	if t.n != 4 {
		return nil
	}
	for i := 0; i+1 < len(t.start); i += 2 {
		by := int(t.start[i+1] - t.start[i])
		if by != 0 && by != 1 {
			return nil
		}
		var five [5]int64
		for k := range 4 {
			five[k] += int64(t.w[i*4+k])
			five[k+by] += int64(t.w[i*4+4+k]) << 32
		}
		w = append(w, five[:]...)
	}
	return w
}
