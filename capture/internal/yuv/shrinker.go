package yuv

import (
	"slices"

	"acip/frame"
)

// Shrinker makes RGB pictures of a demanded size out of those in luma and chroma: each row is averaged down first, then
// across, in luma and chroma, and only the pixels of the result are converted. The zero value is ready. It keeps its
// tables and rows between pictures, so that pictures of the same kind cost no allocation. Not for concurrent use.
type Shrinker struct {
	made  shape
	down  [3]taps // a band each
	right [3]taps // a component each
	coef  coefficients
	rows  [3][]int16 // a band each, after the vertical pass
	at    [3]int32   // the window that rows holds, as its first output row; chroma rows are often the same for two
	words [3][]int16 // a component each, after the horizontal pass
	sums  sums       // of the plain vertical pass
	whole bool       // nothing is averaged
	pure  bool       // use the plain twins; for tests
}

// shape is what the tables are made for.
type shape struct {
	from, to frame.Size
	bands    [3]struct{ bytes, sy int }
	comps    [3]component
	grey     bool
	colour   Encoding
}

func shapeOf(p *Picture, to frame.Size) shape {
	s := shape{from: p.Size, to: to, comps: p.comps, grey: p.grey, colour: p.Colour}
	for i, b := range p.bands {
		s.bands[i] = struct{ bytes, sy int }{b.bytes, b.sy}
	}
	return s
}

// Draw fills dst with p at size to, which must not be larger than p.
func (s *Shrinker) Draw(dst *frame.Frame, p *Picture, to frame.Size) {
	dst.Resize(to.W, to.H)
	if to.Empty() {
		return
	}
	if sh := shapeOf(p, to); sh != s.made {
		s.prepare(sh)
	}
	s.at = [3]int32{-1, -1, -1}
	comps := 3
	if p.grey {
		comps = 1
	}
	for y := range to.H {
		for i := range comps {
			switch {
			case s.whole:
				s.widen(p, i, y)
			case s.vertical(p, i, y):
				s.horizontal(i)
			}
		}
		s.convert(dst.Row(y))
	}
}

// prepare makes the tables.
func (s *Shrinker) prepare(sh shape) {
	*s = Shrinker{made: sh, pure: s.pure, coef: sh.colour.coefficients()}
	s.whole = sh.whole()
	for i, b := range sh.bands {
		if b.bytes == 0 || s.whole {
			continue
		}
		rows := (sh.from.H + b.sy - 1) / b.sy
		s.down[i] = lane{side: sh.from.H, sub: b.sy, step: 1, count: rows, unit: 1, longest: 1, bits: rowBits}.area(sh.to.H)
		s.rows[i] = make([]int16, b.bytes+64)
	}
	for i, c := range sh.comps {
		if i > 0 && sh.grey {
			s.words[i] = neutral(sh.to.W)
			continue
		}
		if s.words[i] = make([]int16, sh.to.W+16); s.whole {
			continue
		}
		// Windows of more than 4 words are a multiple of 8, for the vector pass; it reads words beyond the row.
		l := lane{side: sh.from.W, sub: c.sx, first: c.first, step: c.step, count: sh.bands[c.band].bytes, unit: 4, longer: 4, longest: 8,
			bits: columnBits}
		s.right[i] = l.area(sh.to.W)
	}
}

// whole reports whether the picture keeps its size and its samples lie in planes of their own.
func (sh *shape) whole() bool {
	for i, c := range sh.comps {
		if c.step != 1 && (i == 0 || !sh.grey) {
			return false
		}
	}
	return sh.from == sh.to
}

// widen makes the words of output row y of a picture that keeps its size.
func (s *Shrinker) widen(p *Picture, i, y int) {
	c := p.comps[i]
	b := &p.bands[c.band]
	at := int32(y / b.sy)
	if s.at[i] == at {
		return
	}
	s.at[i] = at
	row := b.pix[int(at)*b.stride:][:b.bytes]
	if hasVector && !s.pure {
		widenVector(s.words[i][:p.Size.W], row, c.sx)
		return
	}
	widen(s.words[i][:p.Size.W], row, c.sx)
}

// neutral returns a row of chroma without colour.
func neutral(n int) []int16 {
	w := make([]int16, n+16)
	for i := range w {
		w[i] = 128 << coarseBits
	}
	return w
}

// vertical makes the row of component comp's band for output row y. It reports whether the horizontal pass is still to
// be done: it is not where the row is the one that was there, or where both passes are done at once.
func (s *Shrinker) vertical(p *Picture, comp, y int) (more bool) {
	i := p.comps[comp].band
	b, t := &p.bands[i], &s.down[i]
	w := t.w[y*t.n : (y+1)*t.n]
	if last := s.at[i]; last >= 0 {
		if last == int32(y) {
			return true // another component of the same band
		}
		if t.start[last] == t.start[y] && slices.Equal(w, t.w[int(last)*t.n:][:t.n]) {
			return false
		}
	}
	s.at[i] = int32(y)
	rows := b.pix[int(t.start[y])*b.stride:]
	if right := &s.right[comp]; right.even && (s.pure || !hasVector) {
		s.sums.addRowsAndColumns(s.words[comp][:s.made.to.W], rows, b.stride, w, right.n)
		return false
	}
	s.addRows(s.rows[i][:b.bytes], rows, b.stride, w)
	return true
}

func (s *Shrinker) addRows(dst []int16, rows []byte, stride int, w []int16) {
	if hasVector && !s.pure && len(dst) >= vectorColumns {
		addRowsVector(dst, rows, stride, w)
		return
	}
	s.sums.addRows(dst, rows, stride, w)
}

func (s *Shrinker) horizontal(i int) {
	t := s.right[i]
	row := s.rows[s.made.comps[i].band]
	if hasVector && !s.pure {
		addColumnsVector(s.words[i], row, t)
		return
	}
	addColumns(s.words[i], row, t)
}

func (s *Shrinker) convert(row []byte) {
	if hasVector && !s.pure {
		toRGBVector(row, s.words[0], s.words[1], s.words[2], &s.coef)
		return
	}
	toRGB(row, s.words[0], s.words[1], s.words[2], &s.coef)
}
