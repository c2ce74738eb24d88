// Package ycc converts rows of pixels between RGB24 and Y'CbCr 4:2:0. It is a package of its own because one that uses cgo
// may hold no assembly.
package ycc

// Matrix holds one conversion both ways, in numbers that fit the words of a vector pass.
type Matrix struct {
	yr, yg, yb int16 // 15 bits: luma = (yr*R + yg*G + yb*B)>>15 + off
	ur, ug, ub int16 // Cb = (ur*R + ug*G + ub*B)>>15 + 128
	vr, vg, vb int16 // Cr likewise
	off        int16 // black
	ky         int16 // 13 bits: R = ky*(Y-off) + rv*(Cr-128), and so on
	rv, gu, gv int16
	bu         int16
	pure       bool // plain Go only, for tests
}

// BT601 is BT.601 in limited range (luma 16..235, chroma 16..240), which is what RFC 6386 prescribes for VP8 and what every
// browser's decoder takes it for.
func BT601() Matrix {
	return Matrix{
		yr: 8414, yg: 16520, yb: 3208, ur: -4857, ug: -9535, ub: 14392, vr: 14392, vg: -12052, vb: -2340,
		off: 16, ky: 9539, rv: 13075, gu: -3209, gv: -6660, bu: 16525,
	}
}

// JFIF is BT.601 in full range, as JFIF has it.
func JFIF() Matrix {
	return Matrix{
		yr: 9798, yg: 19235, yb: 3735, ur: -5530, ug: -10854, ub: 16384, vr: 16384, vg: -13720, vb: -2664,
		ky: 8192, rv: 11485, gu: -2819, gv: -5850, bu: 14516,
	}
}

// What is added before shifting down: black or grey, and a half.
const chromaBias = 128<<17 + 1<<16

func (m *Matrix) lumaBias() int32 { return int32(m.off)<<15 + 1<<14 }
