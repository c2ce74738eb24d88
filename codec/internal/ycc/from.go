package ycc

// FromRGB converts two rows of pixels into two of luma and one of each chroma.
func (m *Matrix) FromRGB(y0, y1, u, v, top, bottom []byte) {
	n := len(y0) &^ 1
	if hasVector && !m.pure && n >= vectorPixels {
		m.fromRGBVector(y0, y1, u, v, top, bottom)
	} else {
		m.plainFromRGB(y0[:n], y1, u, v, top, bottom)
	}
	if n < len(y0) {
		m.lastFromRGB(y0[n:], y1[n:], u[n/2:], v[n/2:], top[n*3:], bottom[n*3:])
	}
}

// plainFromRGB is FromRGB for an even width, that of y0.
func (m *Matrix) plainFromRGB(y0, y1, u, v, top, bottom []byte) {
	k, bias := m.wide(), m.lumaBias()
	n := len(y0)
	y1, u, v = y1[:n], u[:n/2], v[:n/2]
	for x := 0; x+1 < n; x += 2 {
		a, b := top[x*3:x*3+6:x*3+6], bottom[x*3:x*3+6:x*3+6]
		r0, g0, b0, r1, g1, b1 := int32(a[0]), int32(a[1]), int32(a[2]), int32(a[3]), int32(a[4]), int32(a[5])
		r2, g2, b2, r3, g3, b3 := int32(b[0]), int32(b[1]), int32(b[2]), int32(b[3]), int32(b[4]), int32(b[5])
		y0[x] = byte((k.yr*r0 + k.yg*g0 + k.yb*b0 + bias) >> 15)
		y0[x+1] = byte((k.yr*r1 + k.yg*g1 + k.yb*b1 + bias) >> 15)
		y1[x] = byte((k.yr*r2 + k.yg*g2 + k.yb*b2 + bias) >> 15)
		y1[x+1] = byte((k.yr*r3 + k.yg*g3 + k.yb*b3 + bias) >> 15)
		r, g, bl := r0+r1+r2+r3, g0+g1+g2+g3, b0+b1+b2+b3
		u[x/2] = chroma(k.ur*r + k.ug*g + k.ub*bl)
		v[x/2] = chroma(k.vr*r + k.vg*g + k.vb*bl)
	}
}

// forward is a Matrix's numbers towards Y'CbCr, widened once a row.
type forward struct{ yr, yg, yb, ur, ug, ub, vr, vg, vb int32 }

func (m *Matrix) wide() forward {
	return forward{
		int32(m.yr), int32(m.yg), int32(m.yb), int32(m.ur), int32(m.ug), int32(m.ub), int32(m.vr), int32(m.vg), int32(m.vb),
	}
}

// lastFromRGB converts the last column of an odd width.
func (m *Matrix) lastFromRGB(y0, y1, u, v, top, bottom []byte) {
	k, bias := m.wide(), m.lumaBias()
	r0, g0, b0 := int32(top[0]), int32(top[1]), int32(top[2])
	r1, g1, b1 := int32(bottom[0]), int32(bottom[1]), int32(bottom[2])
	y0[0] = byte((k.yr*r0 + k.yg*g0 + k.yb*b0 + bias) >> 15)
	y1[0] = byte((k.yr*r1 + k.yg*g1 + k.yb*b1 + bias) >> 15)
	r, g, b := 2*(r0+r1), 2*(g0+g1), 2*(b0+b1)
	u[0] = chroma(k.ur*r + k.ug*g + k.ub*b)
	v[0] = chroma(k.vr*r + k.vg*g + k.vb*b)
}

// chroma rounds a sum over four pixels to a byte; full range can reach 256.
func chroma(s int32) byte { return byte(min((s+chromaBias)>>17, 255)) }
