package ycc

import "golang.org/x/sys/cpu"

//go:generate go run ./internal/asm -out passes_amd64.s -stubs passes_amd64.go -pkg ycc

// hasVector reports whether this machine runs the vector passes.
var hasVector = cpu.X86.HasAVX2

// vectorPixels is the fewest samples that the vector passes take.
const vectorPixels = 16

// fromRGBVector is FromRGB without the last column of an odd width.
func (m *Matrix) fromRGBVector(y0, y1, u, v, top, bottom []byte) {
	n := len(y0) &^ 1
	_, _, _ = y1[n-1], u[n/2-1], v[n/2-1]
	_, _ = top[n*3-1], bottom[n*3-1]
	bias := m.lumaBias()
	const grey = chromaBias
	c := [16]int16{
		m.yr, m.yg, m.yb, 0, m.ur, m.ug, m.ub, 0, m.vr, m.vg, m.vb, 0,
		int16(bias), int16(bias >> 16), grey & 0xFFFF, grey >> 16,
	}
	fromRGBAVX2(&y0[0], &y1[0], &u[0], &v[0], &top[0], &bottom[0], n, &c[0])
}

func mixVector(dst []int16, near, far []byte) {
	_, _ = dst[len(near)-1], far[len(near)-1]
	mixAVX2(&dst[0], &near[0], &far[0], len(near))
}

func spreadVector(dst, mixed []int16) {
	n := len(dst) / 2
	_ = mixed[n+1]
	spreadAVX2(&dst[0], &mixed[1], n)
}

func (m *Matrix) toRGBVector(pix, y []byte, u, v []int16) {
	n := len(y)
	_, _, _ = pix[n*3-1], u[n-1], v[n-1]
	c := [12]int16{m.ky, m.rv, m.ky, m.gu, m.gv, 0, m.ky, m.bu, m.off, m.off, 0, 1}
	toRGBAVX2(&pix[0], &y[0], &u[0], &v[0], n, &c[0])
}
