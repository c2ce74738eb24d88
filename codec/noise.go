package codec

import "math"

// noiseMeter estimates a camera's noise in levels of luma (the standard deviation of one pixel over time), and detects global
// motion, as when somebody carries the camera around.
//
// Where nothing moves, the difference between two frames is noise. The estimate is the deviation that a tenth of the 8x8
// blocks stay below, after subtracting each block's mean, which removes flickering light. Motion and cuts cannot raise the
// estimate for long: it rises slowly, falls quickly, and does not rise at all during global motion.
type noiseMeter struct {
	sigma        float64
	motion       float64 // share of blocks that change by much more than noise, smoothed
	globalMotion bool    // the camera itself moves
	last         []byte  // luma of the previous frame
	w, h         int
	count        [noiseBins]int
}

// The number of bins, each a tenth of a level of standard deviation wide; the side of a block in pixels; and the number of
// blocks sampled.
const (
	noiseBins   = 128
	noiseBlock  = 8
	noiseSample = 256 // enough for a stable 10th percentile
)

// A block counts as moving if it deviates by at least motionLevels levels and motionOverNoise times the 10th percentile.
// Global motion begins when the moving share of the blocks exceeds globalMotionOn, and ends below globalMotionOff. A head in
// front of a fixed camera stays below 0.25; a hand-held camera reaches 0.5.
const (
	motionLevels    = 4.5
	motionOverNoise = 1.5
	globalMotionOn  = 0.35
	globalMotionOff = 0.25

	stillSigma  = 0.15  // levels
	stillMotion = 0.002 // share of blocks
)

// add takes the next frame into account.
func (n *noiseMeter) add(p *planes) {
	if n.w == p.w && n.h == p.h {
		n.count = [noiseBins]int{}
		n.compare(p)
		tenth := n.p10()
		moved := n.share(max(motionLevels, motionOverNoise*tenth))
		n.motion += (moved - n.motion) / 4
		n.globalMotion = n.motion > globalMotionOn || n.globalMotion && n.motion > globalMotionOff
		if moved <= globalMotionOn || tenth < n.sigma {
			n.update(tenth)
		}
	}
	n.w, n.h = p.w, p.h
	n.last = append(n.last[:0], p.y...)
}

// update moves the estimate towards s: quickly downwards, slowly upwards.
func (n *noiseMeter) update(s float64) {
	switch {
	case s < n.sigma:
		n.sigma += (s - n.sigma) / 4
	default:
		n.sigma += (s - n.sigma) / 8
	}
}

// compare counts the deviations of a sample of blocks from the previous frame.
func (n *noiseMeter) compare(p *planes) {
	step := 1 + p.w*p.h/(noiseBlock*noiseBlock)/noiseSample // samples diagonals
	for row := range p.h / noiseBlock {
		for column := row % step; column < p.w/noiseBlock; column += step {
			x, y := column*noiseBlock, row*noiseBlock
			n.count[min(int(10*blockDeviation(p.y[y*p.w+x:], n.last[y*p.w+x:], p.w)), noiseBins-1)]++
		}
	}
}

// still reports whether nothing moves and there is next to no noise, as with slides and screens.
func (n *noiseMeter) still() bool { return n.sigma <= stillSigma && n.motion <= stillMotion }

// p10 returns the deviation that a tenth of the blocks stay below, in levels.
func (n *noiseMeter) p10() float64 {
	seen, blocks := 0, n.blocks()
	for i, c := range n.count {
		if seen += c; seen*10 > blocks {
			return (float64(i) + 0.5) / 10
		}
	}
	return 0
}

// share returns the share of the blocks that deviate by at least that many levels.
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

// blockDeviation returns the standard deviation over time of a pixel in a block whose luma changed from b to a.
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
