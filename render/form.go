package render

// form is a mask as the rectangles that it covers wholly and the pixels that it covers in part: of most masks a few
// numbers.
type form struct {
	boxes []formBox
	parts []formPart
}

// formBox is a rectangle of pixels: columns x0 to x1, rows y0 to y1, the latter not included.
type formBox struct{ x0, y0, x1, y1 uint8 }

// formPart is a pixel of a cell, and how much of it is covered.
type formPart struct{ at, cover uint8 }

// formOf takes a mask apart. Equal runs in rows below each other make one rectangle.
func formOf(m *mask) (f form) {
	for i, v := range m {
		if v > 0 && v < opaque {
			f.parts = append(f.parts, formPart{uint8(i), v})
		}
	}
	for y := range uint8(16) {
		for x := uint8(0); x < 8; x++ {
			from := x
			for x < 8 && m[y*8+x] == opaque {
				x++
			}
			if x > from {
				f.add(formBox{from, y, x, y + 1})
			}
		}
	}
	return f
}

// add puts a run under a rectangle of its width, or begins one with it.
func (f *form) add(run formBox) {
	for i := range f.boxes {
		if b := &f.boxes[i]; b.y1 == run.y0 && b.x0 == run.x0 && b.x1 == run.x1 {
			b.y1++
			return
		}
	}
	f.boxes = append(f.boxes, run)
}

// corners is the table of sums of a cell of 8x16: entry y*cornersWide+x is the sum of all pixels left of x and above y.
type corners [cornersWide * 17]packed

const cornersWide = 9

// of fills the table.
func (c *corners) of(px *[cellPixels]packed) {
	for y := range 16 {
		var row packed
		above, here := c[y*cornersWide:][:9], c[(y+1)*cornersWide:][:9]
		for x, v := range px[y*8:][:8] {
			row += v
			here[x+1] = above[x+1] + row
		}
	}
}

// sum adds up a cell's pixels under every mask, in plain Go.
func (s *maskSet) sum(dst []maskSum, px *[cellPixels]packed) {
	var c corners
	c.of(px)
	for i := range s.forms {
		f := &s.forms[i]
		var whole, partly packed
		for _, b := range f.boxes {
			top, bottom := int(b.y0)*cornersWide, int(b.y1)*cornersWide
			whole += c[bottom+int(b.x1)] - c[bottom+int(b.x0)] - c[top+int(b.x1)] + c[top+int(b.x0)]
		}
		for _, p := range f.parts {
			partly += px[p.at&(cellPixels-1)] * packed(p.cover)
		}
		dst[i] = (whole*opaque + partly).sum()
	}
}
