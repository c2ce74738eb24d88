package render

// What a byte is worth.
//
// Most of what a live picture would have a terminal change can't be seen: noise, and drifts of a level or two. So each
// cell is written if that lowers the error by more than the bytes are worth, and near colours that the pen has already
// may stand for the exact ones. What a byte is worth follows from the picture: as much as keeps the mean squared error
// against the exact cells at errorGoal.
const (
	errorGoal  = 1.58 // mean squared error per channel; 46.1 dB
	worthStart = 0.2
	worthLeast = 0.01
	worthMost  = 0.5 // with what a cell costs, the bound on the error of every cell: about 20, or 4.5 levels
)

// rate adapts what a byte is worth from one update to the next.
type rate struct {
	worth float32 // mean squared error of one cell that a byte stands for
	mean  float32 // what was left of late
}

// adapt moves the worth towards the goal, given the mean error of the picture cells after an update. It moves slowly:
// bytes serve best where they are worth the same in all pictures, so that still moments make up for lively ones.
func (r *rate) adapt(mean float32) {
	r.mean += (mean - r.mean) / 16
	step := 1 + (errorGoal-r.mean)/errorGoal/64
	r.worth = min(max(r.worth*max(step, 0.95), worthLeast), worthMost)
}

// The bytes of parts of a cell, roughly: what can be known before it is written.
const (
	colorBytes  = 16 // three numbers of two or three digits and what introduces them
	sgrBytes    = 3
	cursorBytes = 4
)

// near finds the colours to write for c where a byte is worth w: its own, or ones like them that the pen has; the same
// twice stand for a flat cell. It says what error they leave and how many bytes they take. Only shapes and flats in
// 24-bit colours have near ones. (Plain values, since they stay in registers.)
func (p *pen) near(c *Cell, w float32) (fg, bg Paint, error, bytes float32) {
	switch {
	case c.BG&p.fg&p.bg&paintKind != paintRGB:
	case c.Glyph == blank:
		return p.nearFlat(c.BG, w)
	case c.Glyph&glyphKind == glyphShape && c.FG&paintKind == paintRGB:
		return p.nearShape(c, w)
	}
	return c.FG, c.BG, 0, p.bytes(c)
}

// close reports whether a colour of the pen might stand for one of c's, judged by green alone: a quick no for the many
// cells that noise alone moves.
func (p *pen) close(c *Cell) bool {
	f, b := int32(p.fg>>8&0xff), int32(p.bg>>8&0xff)
	upper, lower := int32(c.FG>>8&0xff), int32(c.BG>>8&0xff)
	const reach = 12 * 12
	return square(f-lower) < reach || square(b-lower) < reach || square(f-upper) < reach || square(b-upper) < reach
}

func (p *pen) nearFlat(c Paint, w float32) (fg, bg Paint, error, bytes float32) {
	const change = colorBytes + sgrBytes
	b, f := apart(p.bg, c), apart(p.fg, c)
	switch {
	case b <= f+2*w && b < w*change: // the full block is two bytes longer than a blank
		return p.bg, p.bg, b, 1
	case f+2*w < w*change:
		return p.fg, p.fg, f, 3
	}
	return c, c, 0, 1 + change
}

// nearShape weighs a colour of the pen against a new one for either part, upright and turned over, and one colour for
// both: one that the pen has, or the mean. It goes by whole numbers, errors times errorUnit, since it is asked for every
// cell of a lively picture.
func (p *pen) nearShape(c *Cell, w float32) (fg, bg Paint, error, bytes float32) {
	share := shares[c.Glyph&^glyphKind]
	rest := cellArea - share
	ff, bb := share*distance(p.fg, c.FG), rest*distance(p.bg, c.BG)
	bf, fb := share*distance(p.bg, c.FG), rest*distance(p.fg, c.BG)
	change, shorter := int32(w*colorBytes*errorUnit), int32(w*2*errorUnit)
	upright, turned := min(ff, change)+min(bb, change), min(bf, change)+min(fb, change)
	blank, full := bf+bb-shorter, ff+fb
	mean := change - shorter + share*rest*distance(c.FG, c.BG)/cellArea
	least := min(upright, turned, blank, full)
	switch {
	case mean < least:
		m := blend(c.FG, c.BG, share)
		return m, m, float32(mean-change+shorter) / errorUnit, 1 + colorBytes + sgrBytes
	case blank == least:
		return p.bg, p.bg, float32(bf+bb) / errorUnit, 1
	case full == least:
		return p.fg, p.fg, float32(full) / errorUnit, 3
	case turned < upright:
		return c.dressed(bf, fb, change, p.bg, p.fg)
	}
	return c.dressed(ff, bb, change, p.fg, p.bg)
}

// dressed is c's colours, those replaced by fg and bg of which the error is less than a change.
func (c *Cell) dressed(fgError, bgError, change int32, fg, bg Paint) (Paint, Paint, float32, float32) {
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

// errorUnit makes a squared distance times its area in a cell of the mean squared error per channel.
const errorUnit = 3 * cellArea

// bytes is what c takes to write with the pen as it is.
func (p *pen) bytes(c *Cell) float32 {
	n := glyphBytes(c.Glyph)
	if c.Glyph == blank {
		if c.BG != p.bg {
			n += colorBytes + sgrBytes
		}
		return float32(n)
	}
	changes := 0
	if c.FG != p.fg && c.FG != p.bg {
		changes++
	}
	if c.BG != p.bg && c.BG != p.fg {
		changes++
	}
	if changes > 0 {
		n += changes*colorBytes + sgrBytes
	}
	return float32(n)
}

// apart is the squared error per channel of one colour for another.
func apart(p, q Paint) float32 { return float32(distance(p, q)) * (1. / 3) }

// blend mixes share units of p with the rest of q.
func blend(p, q Paint, share int32) Paint {
	mix := func(shift int) Paint {
		a, b := int32(p>>shift&0xff), int32(q>>shift&0xff)
		return Paint((a*share+b*(cellArea-share)+cellArea/2)/cellArea) << shift
	}
	return paintRGB | mix(16) | mix(8) | mix(0)
}

// shares is how much of a cell each shape covers, in units of cellArea; vectors look up to ten bits far.
var shares = func() (t [1 << 10]int32) {
	for _, l := range []*lattice{octants, sextants} {
		for p := range 1 << (l.subs - 1) {
			s := l.shape[p]
			t[s] = int32(l.filled[p])
			t[shapes[s].turn] = cellArea - t[s]
		}
	}
	for i, r := range extraRunes {
		s := extraShapes + 2*i
		t[s] = int32(coverage(extraRegion(r[0]))*cellArea + .5)
		t[shapes[s].turn] = cellArea - t[s]
	}
	for p := range 256 {
		t[brailleShapes+p] = int32(dots.filled[p])
	}
	return t
}()

// coverage is how much of a cell a region covers.
func coverage(in region) float32 {
	n := 0
	for i := range 32 * 32 {
		if in((float64(i%32)+.5)/32, (float64(i/32)+.5)/32) {
			n++
		}
	}
	return float32(n) / (32 * 32)
}
