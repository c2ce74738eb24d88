package render

import (
	"acip/render/internal/ansi"
	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// How much error a byte must save.
//
// Most of what a live picture would change on a terminal cannot be seen: noise, and drifts of a level or two. So a cell
// is written only if it lowers the error by more than errorPerByte for each of its bytes, and similar colours that are
// already set may replace the exact ones. errorPerByte adapts so that the mean squared error against the exact cells is
// errorGoal.
const (
	errorGoal         = 1.58 // mean squared error per channel; 46.1 dB
	errorPerByteStart = 0.2
	errorPerByteMin   = 0.01
	errorPerByteMax   = 0.5 // with the cost of a cell, this bounds the error of every cell to about 20, or 4.5 levels
)

// rate adapts errorPerByte from one update to the next.
type rate struct {
	errorPerByte float32 // mean squared error of one cell
	mean         float32 // the error left lately, smoothed
}

// adapt moves errorPerByte so that the error approaches the goal, given the mean error of the picture's cells after an
// update. It moves slowly: bytes serve best if they save the same error in every picture, so that still moments make up
// for lively ones.
func (r *rate) adapt(mean float32) {
	r.mean += (mean - r.mean) / 16
	step := 1 + (errorGoal-r.mean)/errorGoal/64
	r.errorPerByte = min(max(r.errorPerByte*max(step, 0.95), errorPerByteMin), errorPerByteMax)
}

// Estimated bytes of the parts of a cell, before it is written.
const (
	colorBytes  = 16 // three numbers of two or three digits and what introduces them
	sgrBytes    = 3
	cursorBytes = 4
)

// near returns the colours to write for c if a byte must save an error of w: its own, or similar ones that are set
// already; two equal ones stand for a blank. It also returns the error that they leave and the bytes that they take.
// Only shapes and blanks in 24-bit colours have alternatives. (The results are plain values so that they stay in
// registers.)
func near(p *ansi.Rendition, c *Cell, w float32) (fg, bg Paint, error, bytes float32) {
	switch {
	case c.BG&p.FG&p.BG&paint.KindMask != paint.KindRGB:
	case c.Glyph == cell.Blank:
		return nearFlat(p, c.BG, w)
	case c.Glyph&cell.KindMask == cell.KindShape && c.FG&paint.KindMask == paint.KindRGB:
		return nearShape(p, c, w)
	}
	return c.FG, c.BG, 0, bytesOf(p, c)
}

// isClose reports whether a colour that is set might replace one of c's, judged by green alone: a quick no for the many
// cells that change by noise alone.
func isClose(p *ansi.Rendition, c *Cell) bool {
	f, b := int32(p.FG>>8&0xff), int32(p.BG>>8&0xff)
	upper, lower := int32(c.FG>>8&0xff), int32(c.BG>>8&0xff)
	const reach = 12 * 12
	return paint.Square(f-lower) < reach || paint.Square(b-lower) < reach || paint.Square(f-upper) < reach || paint.Square(b-upper) < reach
}

func nearFlat(p *ansi.Rendition, c Paint, w float32) (fg, bg Paint, error, bytes float32) {
	const change = colorBytes + sgrBytes
	b, f := channelError(p.BG, c), channelError(p.FG, c)
	switch {
	case b <= f+2*w && b < w*change: // the full block is two bytes longer than a blank
		return p.BG, p.BG, b, 1
	case f+2*w < w*change:
		return p.FG, p.FG, f, 3
	}
	return c, c, 0, 1 + change
}

// nearShape compares, for both parts of a shape, a colour that is set with a new one, upright and exchanged, and one
// colour for both: one that is set, or the mean. It works in integers, errors times errorUnit, because it runs for
// every cell of a lively picture.
func nearShape(p *ansi.Rendition, c *Cell, w float32) (fg, bg Paint, error, bytes float32) {
	share := shares[c.Glyph&^cell.KindMask]
	rest := cellArea - share
	ff, bb := share*paint.Distance(p.FG, c.FG), rest*paint.Distance(p.BG, c.BG)
	bf, fb := share*paint.Distance(p.BG, c.FG), rest*paint.Distance(p.FG, c.BG)
	change, shorter := int32(w*colorBytes*errorUnit), int32(w*2*errorUnit)
	upright, turned := min(ff, change)+min(bb, change), min(bf, change)+min(fb, change)
	blank, full := bf+bb-shorter, ff+fb
	mean := change - shorter + share*rest*paint.Distance(c.FG, c.BG)/cellArea
	least := min(upright, turned, blank, full)
	switch {
	case mean < least:
		m := blend(c.FG, c.BG, share)
		return m, m, float32(mean-change+shorter) / errorUnit, 1 + colorBytes + sgrBytes
	case blank == least:
		return p.BG, p.BG, float32(bf+bb) / errorUnit, 1
	case full == least:
		return p.FG, p.FG, float32(full) / errorUnit, 3
	case turned < upright:
		return substitute(c, bf, fb, change, p.BG, p.FG)
	}
	return substitute(c, ff, bb, change, p.FG, p.BG)
}

// substitute returns c's colours, replaced by fg and bg where their error is less than the cost of a change, with the
// error left and the bytes needed.
func substitute(c *Cell, fgError, bgError, change int32, fg, bg Paint) (Paint, Paint, float32, float32) {
	bytes := float32(3)
	if fgError >= change {
		fg, fgError = c.FG, 0
		bytes += colorBytes + sgrBytes
	}
	if bgError >= change {
		bg, bgError = c.BG, 0
		bytes += colorBytes
	}
	return fg, bg, float32(fgError+bgError) * (1. / errorUnit), bytes
}

// errorUnit converts a squared distance times its area in a cell into mean squared error per channel.
const errorUnit = 3 * cellArea

// bytes returns how many bytes c takes with the rendition as it is.
func bytesOf(p *ansi.Rendition, c *Cell) float32 {
	n := ansi.GlyphBytes(c.Glyph)
	if c.Glyph == cell.Blank {
		if c.BG != p.BG {
			n += colorBytes + sgrBytes
		}
		return float32(n)
	}
	changes := 0
	if c.FG != p.FG && c.FG != p.BG {
		changes++
	}
	if c.BG != p.BG && c.BG != p.FG {
		changes++
	}
	if changes > 0 {
		n += changes*colorBytes + sgrBytes
	}
	return float32(n)
}

// channelError returns the squared error per channel of one colour for another.
func channelError(p, q Paint) float32 { return float32(paint.Distance(p, q)) * (1. / 3) }

// blend mixes share units of p with the rest of q.
func blend(p, q Paint, share int32) Paint {
	mix := func(shift int) Paint {
		a, b := int32(p>>shift&0xff), int32(q>>shift&0xff)
		return Paint((a*share+b*(cellArea-share)+cellArea/2)/cellArea) << shift
	}
	return paint.KindRGB | mix(16) | mix(8) | mix(0)
}

// shares holds how much of a cell each shape covers, in units of cellArea; vector code indexes it with up to ten bits.
var shares = func() (t [1 << 10]int32) {
	for _, l := range []*glyphGrid{octants, sextants} {
		for p := range 1 << (l.subs - 1) {
			s := l.shape[p]
			t[s] = int32(l.filled[p])
			t[cell.Shapes[s].Turned] = cellArea - t[s]
		}
	}
	for i, r := range cell.ExtraRunes {
		s := cell.ExtraShapes + 2*i
		t[s] = int32(coverage(cell.ExtraRegion(r[0]))*cellArea + .5)
		t[cell.Shapes[s].Turned] = cellArea - t[s]
	}
	for p := range 256 {
		t[cell.BrailleShapes+p] = int32(dots.filled[p])
	}
	return t
}()

// coverage returns the share of a cell that a region covers.
func coverage(in cell.Region) float32 {
	n := 0
	for i := range 32 * 32 {
		if in((float64(i%32)+.5)/32, (float64(i/32)+.5)/32) {
			n++
		}
	}
	return float32(n) / (32 * 32)
}
