package render

import "acip/render/internal/cell"

// dots is the glyph grid of braille: eight dots of 2x2 pixels, and all that is between and around them. That last part
// is never foreground, so the patterns of the dots are the patterns of the grid.
var dots = func() *glyphGrid {
	l := &glyphGrid{subs: 9, cellStride: wideCellStride, xs: []int{0, 1, 3, 5, 7}, ys: []int{0, 1, 3, 5, 7, 9, 11, 13, 15}}
	for i := range 8 {
		l.area[i] = 1
	}
	l.area[8] = cellArea - 8
	l.number(func(p int) int { return cell.BrailleShapes + p })
	return l
}()

// gatherDots is gather for braille: of the strips of samples the odd ones in both directions are dots.
func gatherDots(dst []uint32, samples []byte, cols int) {
	for x := range cols {
		d := dst[x*wideCellStride:][:9]
		var rest sums
		for k := range 45 {
			sx, sy := k%5, k/5
			v := le32(samples[(sy*cols*5+x*5+sx)*4:])
			if sx&1 == 1 && sy&1 == 1 {
				d[sy/2*2+sx/2] = v
				continue
			}
			rest += spread(v) * sums(stripWidth(sx, 4)*stripWidth(sy, 8))
		}
		d[8] = rest.meanOf96()
	}
}

// stripWidth returns the width of a strip of samples: 1 at both edges of the cell, else 2.
func stripWidth(i, last int) int {
	if i == 0 || i == last {
		return 1
	}
	return 2
}

// meanOf96 returns the mean of the 96 pixels beside the dots.
func (s sums) meanOf96() uint32 {
	return uint32(s.r()/96) | uint32(s.g()/96)<<8 | uint32(s.b()/96)<<16
}
