package codec

import "acip/codec/internal/ycc"

// planes holds a frame in Y'CbCr 4:2:0: one byte of luma per pixel and one byte of each chroma per 2x2 pixels, sited in the
// centre of its four pixels. Odd sizes round the chroma up.
type planes struct {
	w, h    int
	cw, ch  int // chroma size
	y, u, v []byte
	ys, cs  int // strides in bytes
}

// resize makes space for w x h pixels, reusing the memory if it suffices.
func (p *planes) resize(w, h int) {
	p.w, p.h, p.cw, p.ch = w, h, (w+1)/2, (h+1)/2
	p.ys, p.cs = w, p.cw
	p.y = grow(p.y, w*h)
	p.u = grow(p.u, p.cw*p.ch)
	p.v = grow(p.v, p.cw*p.ch)
}

// grow returns a slice of n bytes with unspecified content.
func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// fromRGB converts w x h pixels of RGB24 rows; chroma is the mean of its four pixels.
func (p *planes) fromRGB(m *ycc.Matrix, pix []byte, w, h int) {
	p.resize(w, h)
	for y := 0; y < h; y += 2 {
		top := pix[y*w*3 : (y+1)*w*3]
		bottom, yb := top, p.y[y*w:(y+1)*w]
		if y+1 < h {
			bottom, yb = pix[(y+1)*w*3:(y+2)*w*3], p.y[(y+1)*w:(y+2)*w]
		}
		c := y / 2 * p.cs
		m.FromRGB(p.y[y*w:(y+1)*w], yb, p.u[c:c+p.cw], p.v[c:c+p.cw], top, bottom)
	}
}

// toRGB writes RGB24 rows, w*h*3 bytes. It interpolates chroma linearly between its sites, which gains about a decibel at
// coloured edges over repeating it.
func (p *planes) toRGB(m *ycc.Matrix, pix []byte, row *ycc.Chroma) {
	row.Resize(p.w)
	for y := range p.h {
		near := y / 2
		far := near - 1 + y%2*2
		if far < 0 || far >= p.ch {
			far = near
		}
		m.Fill(row, row.U, p.u[near*p.cs:near*p.cs+p.cw], p.u[far*p.cs:far*p.cs+p.cw])
		m.Fill(row, row.V, p.v[near*p.cs:near*p.cs+p.cw], p.v[far*p.cs:far*p.cs+p.cw])
		m.ToRGB(pix[y*p.w*3:(y+1)*p.w*3], p.y[y*p.ys:y*p.ys+p.w], row.U, row.V)
	}
}
