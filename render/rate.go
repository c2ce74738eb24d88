package render

// What a byte is worth.
//
// Most of what a live picture would have a terminal change can't be seen: noise, and drifts of a level or two. So each
// cell is written if that lowers the error by more than the bytes are worth, and near colours that the pen has already
// may stand for the exact ones. What a byte is worth follows from the picture: as much as keeps the mean squared error
// against the exact cells at errorGoal.
const (
	errorGoal  = 1.5 // mean squared error per channel; 46.4 dB
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

// offer is a cell that might stand for another, the error of that, and its bytes.
type offer struct {
	cell  Cell
	error float32
	bytes float32
}

// better keeps the cheaper of two offers, a byte being worth w.
func (o *offer) better(p offer, w float32) {
	if p.error+w*p.bytes < o.error+w*o.bytes {
		*o = p
	}
}

// near finds the cell to write for c where a byte is worth w: c itself, or something like it that the pen has colours
// for. Only shapes and flats in 24-bit colours have near ones.
func (p *pen) near(c *Cell, w float32) offer {
	if c.Glyph == blank {
		return p.nearFlat(c, w)
	}
	exact := offer{cell: *c, bytes: p.bytes(c)}
	if c.Glyph&glyphKind != glyphShape || c.FG&c.BG&paintKind != paintRGB || p.fg&p.bg&paintKind != paintRGB {
		return exact
	}
	share := shares[c.Glyph&^glyphKind]
	ff, bb := apart(p.fg, c.FG), apart(p.bg, c.BG)
	fb, bf := apart(p.fg, c.BG), apart(p.bg, c.FG)
	best := exact
	best.better(p.dress(c, share*ff, (1-share)*bb, p.fg, p.bg, w), w)
	best.better(p.dress(c, share*bf, (1-share)*fb, p.bg, p.fg, w), w)
	best.better(offer{flat(p.bg), share*bf + (1-share)*bb, 1}, w)
	best.better(offer{flat(p.fg), share*ff + (1-share)*fb, 3}, w)
	if e := share * (1 - share) * apart(c.FG, c.BG); e < w*colorBytes {
		best.better(offer{flat(blend(c.FG, c.BG, share)), e, 1 + colorBytes + sgrBytes}, w)
	}
	return best
}

// dress is c with each of its colours replaced by that of the pen where the error of that, fg or bg, is worth it.
func (p *pen) dress(c *Cell, fg, bg float32, penFG, penBG Paint, w float32) offer {
	o := offer{cell: *c, bytes: 3}
	if fg < w*colorBytes {
		o.cell.FG, o.error = penFG, fg
	} else {
		o.bytes += colorBytes
	}
	if bg < w*colorBytes {
		o.cell.BG, o.error = penBG, o.error+bg
	} else {
		o.bytes += colorBytes
	}
	if o.bytes > 3 {
		o.bytes += sgrBytes
	}
	if o.cell.FG == o.cell.BG {
		o.cell = flat(o.cell.FG)
	}
	return o
}

func (p *pen) nearFlat(c *Cell, w float32) offer {
	best := offer{cell: *c, bytes: p.bytes(c)}
	if c.BG&p.bg&paintKind == paintRGB {
		best.better(offer{flat(p.bg), apart(p.bg, c.BG), 1}, w)
	}
	if c.BG&p.fg&paintKind == paintRGB {
		best.better(offer{flat(p.fg), apart(p.fg, c.BG), 3}, w)
	}
	return best
}

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

// blend mixes share of p with the rest of q.
func blend(p, q Paint, share float32) Paint {
	mix := func(shift int) Paint {
		a, b := float32(p>>shift&0xff), float32(q>>shift&0xff)
		return Paint(a*share+b*(1-share)+.5) << shift
	}
	return paintRGB | mix(16) | mix(8) | mix(0)
}

// shares is how much of a cell each shape covers.
var shares = func() (t [shapeCount]float32) {
	for _, l := range []*lattice{octants, sextants} {
		for p := range 1 << (l.subs - 1) {
			s := l.shape[p]
			t[s] = float32(l.filled[p]) / cellArea
			t[shapes[s].turn] = 1 - t[s]
		}
	}
	for i, r := range extraRunes {
		s := extraShapes + 2*i
		t[s] = coverage(extraRegion(r[0]))
		t[shapes[s].turn] = 1 - t[s]
	}
	for p := range 256 {
		t[brailleShapes+p] = float32(dots.filled[p]) / cellArea
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
