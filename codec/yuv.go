package codec

// planes is a picture in Y'CbCr 4:2:0: a byte of luma per pixel, a byte of each chroma per 2x2 pixels, chroma sited in the
// middle of its four pixels. Odd sizes round the chroma up.
type planes struct {
	w, h    int
	cw, ch  int // chroma size
	y, u, v []byte
	ys, cs  int // strides in bytes
}

// resize makes room for w x h pixels, keeping the memory where it suffices.
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

// matrix holds one conversion both ways, in 16-bit fixed point.
type matrix struct {
	yr, yg, yb, y0 int32 // luma = (yr*R + yg*G + yb*B + y0) >> 16
	ur, ug, ub     int32 // Cb = (ur*R + ug*G + ub*B) >> 16, plus 128
	vr, vg, vb     int32 // Cr likewise
	ky             int32 // back: ky*(Y-off), then
	off            int32
	rv, gu, gv, bu int32 // R += rv*Cr', G += gu*Cb' + gv*Cr', B += bu*Cb'
}

// bt601 is BT.601 in limited range (luma 16..235, chroma 16..240), which is what RFC 6386 prescribes for VP8 and what every
// browser's decoder takes it for.
func bt601() matrix {
	return matrix{
		yr: 16829, yg: 33039, yb: 6416, y0: 16<<16 + 1<<15,
		ur: -9714, ug: -19070, ub: 28784,
		vr: 28784, vg: -24103, vb: -4681,
		ky: 76309, off: 16, rv: 104597, gu: -25675, gv: -53279, bu: 132201,
	}
}

// jfif is BT.601 in full range, as JFIF has it.
func jfif() matrix {
	return matrix{
		yr: 19595, yg: 38470, yb: 7471, y0: 1 << 15,
		ur: -11059, ug: -21709, ub: 32768,
		vr: 32768, vg: -27439, vb: -5329,
		ky: 65536, off: 0, rv: 91881, gu: -22554, gv: -46802, bu: 116130,
	}
}

// fromRGB converts w x h pixels of RGB24 rows into p; chroma is the mean of its four pixels.
func (m *matrix) fromRGB(p *planes, pix []byte, w, h int) {
	p.resize(w, h)
	for y := 0; y < h; y += 2 {
		top := pix[y*w*3 : (y+1)*w*3]
		bottom, yb := top, p.y[y*w:(y+1)*w]
		if y+1 < h {
			bottom, yb = pix[(y+1)*w*3:(y+2)*w*3], p.y[(y+1)*w:(y+2)*w]
		}
		c := y / 2 * p.cs
		m.rowsFromRGB(p.y[y*w:(y+1)*w], yb, p.u[c:c+p.cw], p.v[c:c+p.cw], top, bottom)
	}
}

// rowsFromRGB converts two rows of pixels into two of luma and one of each chroma.
func (m *matrix) rowsFromRGB(y0, y1, u, v, top, bottom []byte) {
	k := *m
	n := len(y0) &^ 1
	y1 = y1[:len(y0)]
	v = v[:len(u)]
	for x := 0; x+1 < len(y0) && x < n; x += 2 {
		a, b := top[x*3:x*3+6:x*3+6], bottom[x*3:x*3+6:x*3+6]
		r0, g0, b0, r1, g1, b1 := int32(a[0]), int32(a[1]), int32(a[2]), int32(a[3]), int32(a[4]), int32(a[5])
		r2, g2, b2, r3, g3, b3 := int32(b[0]), int32(b[1]), int32(b[2]), int32(b[3]), int32(b[4]), int32(b[5])
		y0[x] = byte((k.yr*r0 + k.yg*g0 + k.yb*b0 + k.y0) >> 16)
		y0[x+1] = byte((k.yr*r1 + k.yg*g1 + k.yb*b1 + k.y0) >> 16)
		y1[x] = byte((k.yr*r2 + k.yg*g2 + k.yb*b2 + k.y0) >> 16)
		y1[x+1] = byte((k.yr*r3 + k.yg*g3 + k.yb*b3 + k.y0) >> 16)
		r, g, bl := r0+r1+r2+r3, g0+g1+g2+g3, b0+b1+b2+b3
		u[x/2] = chroma(k.ur*r + k.ug*g + k.ub*bl)
		v[x/2] = chroma(k.vr*r + k.vg*g + k.vb*bl)
	}
	if n < len(y0) {
		m.lastFromRGB(y0[n:], y1[n:], u[n/2:], v[n/2:], top[n*3:], bottom[n*3:])
	}
}

// lastFromRGB converts the last column of an odd width.
func (m *matrix) lastFromRGB(y0, y1, u, v, top, bottom []byte) {
	r0, g0, b0 := int32(top[0]), int32(top[1]), int32(top[2])
	r1, g1, b1 := int32(bottom[0]), int32(bottom[1]), int32(bottom[2])
	y0[0] = byte((m.yr*r0 + m.yg*g0 + m.yb*b0 + m.y0) >> 16)
	y1[0] = byte((m.yr*r1 + m.yg*g1 + m.yb*b1 + m.y0) >> 16)
	r, g, b := 2*(r0+r1), 2*(g0+g1), 2*(b0+b1)
	u[0] = chroma(m.ur*r + m.ug*g + m.ub*b)
	v[0] = chroma(m.vr*r + m.vg*g + m.vb*b)
}

// chroma rounds a sum over four pixels to a byte; full range can reach 256.
func chroma(s int32) byte {
	return byte(min((s+128<<18+1<<17)>>18, 255))
}
