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

// span returns the part of an RGB row that any sample touches.
func (t taps) span() (from, to int) {
	from, to = math.MaxInt, 0
	for _, s := range t.start {
		from, to = min(from, int(s)*3), max(to, (int(s)+t.n)*3)
	}
	return from, to
}

// spread returns the weights as the vector pass over RGB reads them: for each four taps two groups of eight,
// w0 w1 w0 w1 w0 w1 0 0 and the same of w2 w3: one pair for each channel.
func (t taps) spread() []int16 {
	out := make([]int16, 0, len(t.w)*4)
	for i := 0; i+1 < len(t.w); i += 2 {
		a, b := t.w[i], t.w[i+1]
		out = append(out, a, b, a, b, a, b, 0, 0)
	}
	return out
}

// pairs are the windows of two samples each, of n pixels, an even number: for each pixel the weight that it has in the
// first one, and in the upper half that in the second. An odd last sample is left out.
type pairs struct {
	n     int // 0: windows have too little in common for that to pay
	start []int32
	w     []int64 // n per pair
}

// pairs joins windows over a row of size pixels.
func (t taps) pairs(size int) pairs {
	p := pairs{start: make([]int32, len(t.start)/2)}
	for i := range p.start {
		from, to := t.touched(2 * i)
		begin, end := t.touched(2*i + 1)
		from, to = min(from, begin), max(to, end)
		p.start[i], p.n = int32(from), max(p.n, (to-from+1)&^1)
	}
	if 2*p.n > 3*t.n || p.n > size {
		return pairs{}
	}
	p.w = make([]int64, len(p.start)*p.n)
	for i := range p.start {
		p.start[i] = min(p.start[i], int32(size-p.n))
		t.lay(p.w[i*p.n:(i+1)*p.n], 2*i, int(p.start[i]), 0)
		t.lay(p.w[i*p.n:(i+1)*p.n], 2*i+1, int(p.start[i]), 32)
	}
	return p
}

// touched returns the part of the row that counts in sample i.
func (t taps) touched(i int) (from, to int) {
	w := t.w[i*t.n : (i+1)*t.n]
	from, to = 0, len(w)
	for to > 1 && w[to-1] == 0 {
		to--
	}
	for from < to-1 && w[from] == 0 {
		from++
	}
	return int(t.start[i]) + from, int(t.start[i]) + to
}

// lay adds the weights of sample i, by bits to the left, to those of a window that begins at first.
func (t taps) lay(dst []int64, i, first, bits int) {
	for k, v := range t.w[i*t.n : (i+1)*t.n] {
		if v != 0 {
			dst[int(t.start[i])+k-first] += int64(v) << bits
		}
	}
}
