package frame

// Scaler carries pictures from one size to another. The zero value is ready. It keeps its tables and its intermediate
// row between calls, so that pictures of the same sizes cost no allocation after the first. Not for concurrent use.
type Scaler struct {
	made plan
	x, y taps
	xw   []int16 // of x, as the vector pass reads them
	xp   pairs   // of x, as the plain pass reads them where it can
	wide *wide   // instead of x and y, for windows longer than those can hold
	row  []int16 // one row between the passes
	from int     // the part of it, in words, that the samples touch
	to   int
	out  []byte // one row of samples, for Scale
	pure bool   // use the plain twins; for tests
}

// plan is what the tables were made for.
type plan struct {
	src    Size
	crop   Window
	x, y   Axis
	filter Filter
	mirror bool
}

// Grid says which samples to take of a picture.
type Grid struct {
	X, Y   Axis
	Filter Filter
	Mirror bool // left and right exchanged
}

// Scale draws the part crop of src into the part at of dst; both are first clipped to their pictures, and nothing is
// drawn where either is then empty. Reducing, each pixel is the mean of what it covers, within ±1 of the exact one;
// enlarging, a window of neighbours interpolates.
func (s *Scaler) Scale(dst *Frame, at Rect, src *Frame, crop Rect) {
	at = at.Intersect(Rect{0, 0, dst.Width, dst.Height})
	crop = crop.Intersect(Rect{0, 0, src.Width, src.Height})
	if at.Empty() || crop.Empty() {
		return
	}
	s.prepare(plan{src.Size(), crop.Window(), Even(at.W), Even(at.H), Area, false})
	if need := at.W*3 + 4; cap(s.out) < need {
		s.out = make([]byte, need)
	}
	out := s.out[:at.W*3+4]
	for y := range at.H {
		s.sample(out, y, src, 3)
		copy(dst.Pix[((at.Y+y)*dst.Width+at.X)*3:][:at.W*3], out)
	}
}

// Sample takes the samples of g from the part crop of src: rows of g.X.Len() pixels of four bytes (red, green, blue, 0)
// from the top. The returned slice is dst, grown where it was too small.
func (s *Scaler) Sample(dst []byte, g Grid, src *Frame, crop Window) []byte {
	return s.Rows(dst, g, src, crop, 0, g.Y.Len())
}

// Rows is Sample for the rows from (included) to to (not included), so that a caller can use them while they are in the
// cache.
func (s *Scaler) Rows(dst []byte, g Grid, src *Frame, crop Window, from, to int) []byte {
	w := g.X.Len()
	if n := w * (to - from) * 4; cap(dst) < n {
		dst = make([]byte, n)
	} else {
		dst = dst[:n]
	}
	if src.Size().Empty() || len(dst) == 0 {
		clear(dst)
		return dst
	}
	s.prepare(plan{src.Size(), crop, g.X, g.Y, g.Filter, g.Mirror})
	for y := from; y < to; y++ {
		s.sample(dst[(y-from)*w*4:][:w*4], y, src, 4)
	}
	return dst
}

// prepare makes the tables for p unless they are there.
func (s *Scaler) prepare(p plan) {
	if s.made == p {
		return
	}
	s.made = p
	xs := p.x.curves(p.src.W, p.crop.X, p.crop.W, p.filter)
	ys := p.y.curves(p.src.H, p.crop.Y, p.crop.H, p.filter)
	if p.mirror {
		for i, j := 0, len(xs)-1; i < j; i, j = i+1, j-1 {
			xs[i], xs[j] = xs[j], xs[i]
		}
	}
	var okX, okY bool
	s.wide = nil
	most := maxTaps
	if p.filter == Sharp {
		most = sharpTaps
	}
	s.x, okX = quantise(xs, 4, p.src.W, most)
	s.y, okY = quantise(ys, 2, p.src.H, most)
	if !okX || !okY {
		s.wide = newWide(xs, ys)
		return
	}
	s.xw, s.xp = vectorWeights(s.x), s.x.pairs(p.src.W)
	s.from, s.to = s.x.span()
	s.row = make([]int16, p.src.W*3+8) // the vector pass reads up to four words beyond the last pixel
}

// sample makes row y of the samples, step bytes each; with a step of 3 it also touches the byte after the row.
func (s *Scaler) sample(out []byte, y int, src *Frame, step int) {
	if s.wide != nil {
		s.wide.sample(out, y, src, step)
		return
	}
	stride := src.Width * 3
	weights := s.y.w[y*s.y.n : (y+1)*s.y.n]
	rows := src.Pix[int(s.y.start[y])*stride+s.from:]
	columns := s.row[s.from:s.to]
	if !hasVector || s.pure || len(columns) < vectorColumns {
		addRows(columns, rows, stride, weights)
	} else {
		addRowsVector(columns, rows, stride, weights)
	}
	switch n := len(s.x.start); {
	case hasVector && !s.pure:
		addColumnsVector(out, s.row, s.x.start, s.xw, s.x.n, step)
	case s.xp.n > 0:
		addPairs(out, s.row, s.xp, step)
		addColumns(out[n&^1*step:], s.row, s.x.from(n&^1), step)
	default:
		addColumns(out, s.row, s.x, step)
	}
}
