package codec

import "math"

// Quantizers of VP8 as libvpx counts them.
const (
	baseQ = 26 // of clean pictures: 35 dB and better on what a camera sees
	tinyQ = 29 // of tiny ones
	maxQ  = 63
)

// governor chooses quantizers: as fine as is worth while, and coarser while the stream owes bits to its ceiling.
//
// A key picture, ten times an ordinary one, is let pass; what lasts is answered within a second.
type governor struct {
	debt float64 // bits above what the ceiling allowed so far
}

// spent counts one coded picture of n bytes against a ceiling.
func (g *governor) spent(n int, kbps int, fps float64) {
	g.debt = max(g.debt+float64(n)*8-float64(kbps)*1000/fps, 0)
}

// coarser is how many quantizer steps the debt costs: none up to a third of a second's worth, then four a tenth.
func (g *governor) coarser(kbps int) int {
	seconds := g.debt / (float64(kbps) * 1000)
	return int(math.Round(max(seconds-0.33, 0) * 40))
}

// quantizer for the next picture, where the finest one worth while is given.
func (g *governor) quantizer(finest, kbps int) int { return min(finest+g.coarser(kbps), maxQ) }

// quantizerFor is the finest quantizer worth using for a picture of so many pixels at a noise of sigma levels (see
// noiseMeter): noise costs bytes and can't be kept, so the noisier a picture, the coarser.
func quantizerFor(sigma float64, pixels int) int {
	q := float64(baseQ)
	if pixels <= tiny {
		q = tinyQ
	}
	// The larger the picture, the smoother at the same quantizer: 35 dB need less and less.
	q += min(max(6.5*math.Log2(float64(pixels)/(160*90)), 0), 12)
	q += min(max(sigma-0.4, 0)/0.6, 1) * 20
	return int(math.Round(q + min(max(sigma-1, 0)*3, 8)))
}

// tiny is a number of pixels up to which the packet's own head weighs as much as the picture.
const tiny = 100 * 60
