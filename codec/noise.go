package codec

import "math"

// noiseMeter estimates how noisy a camera is, in levels of luma (standard deviation of one pixel in time).
//
// Where nothing moves, what changes from one picture to the next is noise: of the 8x8 blocks, the tenth that changes least,
// after taking out each block's mean (light that flickers), says how much. Motion and cuts can't raise it for long, since the
// estimate follows up slowly and down quickly.
type noiseMeter struct {
	sigma float64
	last  []byte // luma of the picture before
	w, h  int
	count [noiseBins]int
}

// Bins of a tenth of a level of standard deviation, and blocks in pixels a side.
const (
	noiseBins   = 128
	noiseBlock  = 8
	noiseSample = 256 // blocks that are enough to know the tenth by
)

// add takes the next picture into account.
func (n *noiseMeter) add(p *planes) {
	if n.w == p.w && n.h == p.h {
		n.follow(n.tenth(p))
	}
	n.w, n.h = p.w, p.h
	n.last = append(n.last[:0], p.y...)
}

// follow moves the estimate towards s, quickly at the start and downwards.
func (n *noiseMeter) follow(s float64) {
	switch {
	case s < n.sigma:
		n.sigma += (s - n.sigma) / 4
	default:
		n.sigma += (s - n.sigma) / 8
	}
}

// tenth is the deviation that one block in ten stays below.
func (n *noiseMeter) tenth(p *planes) float64 {
	n.count = [noiseBins]int{}
	blocks := 0
	step := 1 + p.w*p.h/(noiseBlock*noiseBlock)/noiseSample // diagonals of them
	for row := range p.h / noiseBlock {
		for column := row % step; column < p.w/noiseBlock; column += step {
			x, y := column*noiseBlock, row*noiseBlock
			n.count[min(int(10*blockDeviation(p.y[y*p.w+x:], n.last[y*p.w+x:], p.w)), noiseBins-1)]++
			blocks++
		}
	}
	seen := 0
	for i, c := range n.count {
		if seen += c; seen*10 > blocks {
			return (float64(i) + 0.5) / 10
		}
	}
	return 0
}

// blockDeviation is the deviation in time of one pixel of a block whose luma was b and is a.
func blockDeviation(a, b []byte, stride int) float64 {
	sum, squares := 0, 0
	for range noiseBlock {
		for i, v := range a[:noiseBlock] {
			d := int(v) - int(b[i])
			sum += d
			squares += d * d
		}
		a, b = a[min(stride, len(a)):], b[min(stride, len(b)):]
		if len(a) < noiseBlock {
			break
		}
	}
	const n = noiseBlock * noiseBlock
	return math.Sqrt(max(float64(squares)/n-float64(sum*sum)/(n*n), 0) / 2)
}
