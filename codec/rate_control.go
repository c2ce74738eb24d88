package codec

import "math"

// Quantizers of VP8 as libvpx counts them.
const (
	baseQ = 26 // of clean pictures: 35 dB and better on what a camera sees
	tinyQ = 29 // of tinyPixels ones
	maxQ  = 63
)

// rateControl chooses quantizers: as fine as pays off, and coarser while the stream is over its ceiling.
//
// It ignores a single keyframe, which is ten times as large as an ordinary frame, and answers a lasting excess within a
// second.
type rateControl struct {
	debt float64 // bits sent in excess of the ceiling
}

// spent counts a coded frame of n bytes against a ceiling in kbit/s.
func (r *rateControl) spent(n int, kbps int, fps float64) {
	r.debt = max(r.debt+float64(n)*8-float64(kbps)*1000/fps, 0)
}

// coarser returns by how many steps the debt raises the quantizer: 0 up to a third of a second's worth, then 4 for each
// further tenth.
func (r *rateControl) coarser(kbps int) int {
	seconds := r.debt / (float64(kbps) * 1000)
	return int(math.Round(max(seconds-0.33, 0) * 40))
}

// quantizer returns the quantizer for the next frame; finest is the one that quantizerFor returned.
func (r *rateControl) quantizer(finest, kbps int) int { return min(finest+r.coarser(kbps), maxQ) }

// quantizerFor returns the finest quantizer that pays off for a frame with that many pixels and noise of sigma levels
// (see noiseMeter). Noise costs bytes and cannot be preserved, so a noisier frame gets a coarser quantizer.
func quantizerFor(sigma float64, pixels int) int {
	q := float64(baseQ)
	if pixels <= tinyPixels {
		q = tinyQ
	}
	// Larger frames are smoother at the same quantizer, so that 35 dB need a coarser one.
	q += min(max(6.5*math.Log2(float64(pixels)/(160*90)), 0), 12)
	q += min(max(sigma-0.4, 0)/0.6, 1) * 20
	return int(math.Round(q + min(max(sigma-1, 0)*3, 8)))
}

// tinyPixels is the size in pixels up to which a packet's header weighs as much as the coded frame.
const tinyPixels = 100 * 60
