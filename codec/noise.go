package codec

import "math"

// noiseMeter estimates how noisy a camera is, in levels of luma (standard deviation of one pixel in time), and whether the whole
// picture moves, as when somebody walks about with the camera.
//
// Where nothing moves, what changes from one picture to the next is noise: of the 8x8 blocks, the tenth that changes least,
// after taking out each block's mean (light that flickers), says how much. Motion and cuts can't raise it for long, since the
// estimate follows up slowly and down quickly, and not up at all while the whole picture moves.
type noiseMeter struct {
	sigma float64
	moved float64 // share of blocks that change by much more than noise, smoothed
	moves bool    // the whole picture moves
	last  []byte  // luma of the picture before
	w, h  int
	count [noiseBins]int
}

// Bins of a tenth of a level of standard deviation, and blocks in pixels a side.
const (
	noiseBins   = 128
	noiseBlock  = 8
	noiseSample = 256 // blocks that are enough to know the tenth by
)

// A block moved that deviates by movedLeast levels, and by movedNoise times what the calmest do; the picture moves where that is
// movedMost of the blocks, until it is less than movedRest. Heads in front of a camera stay below 0.25, hands that hold it come
// to 0.5.
const (
	movedLeast = 4.5
	movedNoise = 1.5
	movedMost  = 0.35
	movedRest  = 0.25
)

// add takes the next picture into account.
func (n *noiseMeter) add(p *planes) {
	if n.w == p.w && n.h == p.h {
		n.count = [noiseBins]int{}
		n.compare(p)
		tenth := n.tenth()
		moved := n.share(max(movedLeast, movedNoise*tenth))
		n.moved += (moved - n.moved) / 4
		n.moves = n.moved > movedMost || n.moves && n.moved > movedRest
		if moved <= movedMost || tenth < n.sigma {
			n.follow(tenth)
		}
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

// compare counts the deviations of blocks from the picture before.
func (n *noiseMeter) compare(p *planes) {
	step := 1 + p.w*p.h/(noiseBlock*noiseBlock)/noiseSample // diagonals of them
	for row := range p.h / noiseBlock {
		for column := row % step; column < p.w/noiseBlock; column += step {
			x, y := column*noiseBlock, row*noiseBlock
			n.count[min(int(10*blockDeviation(p.y[y*p.w+x:], n.last[y*p.w+x:], p.w)), noiseBins-1)]++
		}
	}
}

// tenth is the deviation that one block in ten stays below.
func (n *noiseMeter) tenth() float64 {
	seen, blocks := 0, n.blocks()
	for i, c := range n.count {
		if seen += c; seen*10 > blocks {
			return (float64(i) + 0.5) / 10
		}
	}
	return 0
}

// share of the blocks that deviate by least levels and more.
func (n *noiseMeter) share(least float64) float64 {
	above := 0
	for _, c := range n.count[min(int(least*10), noiseBins-1):] {
		above += c
	}
	return float64(above) / float64(max(n.blocks(), 1))
}

func (n *noiseMeter) blocks() (sum int) {
	for _, c := range n.count {
		sum += c
	}
	return sum
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
