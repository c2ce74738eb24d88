package testcard

import "acip/frame"

// The pattern's number stands in its pixels as 3 rows of 16 light or dark blocks, each a sixteenth of the width and a
// twelfth of the height: at the very top the number's CRC-16, in the last two rows the number itself, the highest bit
// first. With the check above the scene and the number under it, a picture that is put together from two is found out.
const codeColumns = 16

func codeCell(f frame.Rect, row, column int) (x0, y0, x1, y1 int) {
	if row > 0 {
		row += codeBottom - 1
	}
	return f.X + part(f.W, column, codeColumns), f.Y + part(f.H, row, parts),
		f.X + part(f.W, column+1, codeColumns), f.Y + part(f.H, row+1, parts)
}

// drawCode writes n over the top and the bottom of the picture.
func drawCode(f *frame.Frame, n uint32) {
	whole := frame.Rect{W: f.Width, H: f.Height}
	code := uint64(crc16(n))<<32 | uint64(n)
	for i := range 3 * codeColumns {
		x0, y0, x1, y1 := codeCell(whole, i/codeColumns, i%codeColumns)
		c := [3]uint8{22, 26, 44}
		if code>>(3*codeColumns-1-i)&1 == 1 {
			c = [3]uint8{238, 228, 205}
		}
		fill(f, x0, y0, x1, y1, c)
	}
}

// Number reads the number of a picture of the pattern out of its pixels: the low 32 bits of what Draw was given. It
// works on pictures that went through JPEG, VP8 and any scaling down to 32x24, and on ones with dark bars around them.
// ok is false if there is no such number, or if the picture is put together from two.
func Number(f *frame.Frame) (n uint32, ok bool) {
	whole := frame.Rect{W: f.Width, H: f.Height}
	if n, ok = readCode(f, whole); ok {
		return n, true
	}
	if inner := withoutBars(f); inner != whole {
		return readCode(f, inner)
	}
	return 0, false
}

func readCode(f *frame.Frame, at frame.Rect) (uint32, bool) {
	if at.W < codeColumns || at.H < parts {
		return 0, false
	}
	var levels [3 * codeColumns]int
	low, high := 255, 0
	for i := range levels {
		x0, y0, x1, y1 := codeCell(at, i/codeColumns, i%codeColumns)
		levels[i] = level(f, x0, y0, x1, y1)
		low, high = min(low, levels[i]), max(high, levels[i])
	}
	if high-low < 60 {
		return 0, false
	}
	var code uint64
	for _, v := range levels {
		code <<= 1
		if v > (low+high)/2 {
			code |= 1
		}
	}
	return uint32(code), crc16(uint32(code)) == uint16(code>>32)
}

// level returns the mean brightness of the inner half of a block, where its neighbours have not bled in.
func level(f *frame.Frame, x0, y0, x1, y1 int) int {
	dx, dy := (x1-x0)/4, (y1-y0)/4
	sum, count := 0, 0
	for y := y0 + dy; y < y1-dy; y++ {
		for px := f.Row(y)[(x0+dx)*3 : (x1-dx)*3]; len(px) >= 3; px = px[3:] {
			sum += (2*int(px[0]) + 5*int(px[1]) + int(px[2])) / 8
			count++
		}
	}
	return sum / max(count, 1)
}

// withoutBars returns the picture without the rows and columns of near black around it.
func withoutBars(f *frame.Frame) frame.Rect {
	dark := func(x, y, dx, dy, n int) bool {
		for range n {
			px := f.Pix[(y*f.Width+x)*3:][:3]
			if max(px[0], px[1], px[2]) > 18 { // the pattern's darkest block is 44 in blue
				return false
			}
			x, y = x+dx, y+dy
		}
		return true
	}
	r := frame.Rect{W: f.Width, H: f.Height}
	for r.H > 0 && dark(0, r.Y, 1, 0, f.Width) {
		r.Y, r.H = r.Y+1, r.H-1
	}
	for r.H > 0 && dark(0, r.Y+r.H-1, 1, 0, f.Width) {
		r.H--
	}
	for r.W > 0 && r.H > 0 && dark(r.X, r.Y, 0, 1, r.H) {
		r.X, r.W = r.X+1, r.W-1
	}
	for r.W > 0 && r.H > 0 && dark(r.X+r.W-1, r.Y, 0, 1, r.H) {
		r.W--
	}
	return r
}

// crc16 is CRC-16/CCITT-FALSE of n's four bytes, the highest first.
func crc16(n uint32) uint16 {
	crc := uint16(0xFFFF)
	for i := 31; i >= 0; i-- {
		top := crc>>15 ^ uint16(n>>i&1)
		crc <<= 1
		if top == 1 {
			crc ^= 0x1021
		}
	}
	return crc
}
