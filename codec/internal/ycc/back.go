package ycc

// Chroma holds one row of both chromas at full width, in sixteenths and without their offset. mix is the row at its own
// width, in quarters, with a neighbour beyond either end.
type Chroma struct{ U, V, mix []int16 }

// Resize makes space for rows of w pixels.
func (r *Chroma) Resize(w int) {
	even := (w + 1) &^ 1
	if cap(r.U) < even {
		r.U, r.V, r.mix = make([]int16, even), make([]int16, even), make([]int16, even/2+2)
	}
	r.U, r.V, r.mix = r.U[:even], r.V[:even], r.mix[:even/2+2]
}

// Fill mixes the near and the far chroma row 3:1, then neighbours in the mixed row 3:1.
func (m *Matrix) Fill(r *Chroma, out []int16, near, far []byte) {
	inner := r.mix[1 : 1+len(near)]
	vector := hasVector && !m.pure && len(near) >= vectorPixels
	if vector {
		mixVector(inner, near, far)
	} else {
		mix(inner, near, far)
	}
	r.mix[0], r.mix[len(near)+1] = inner[0], inner[len(near)-1]
	if vector {
		spreadVector(out, r.mix)
	} else {
		spread(out, r.mix)
	}
}

// mix is three quarters of near and one of far, in quarters.
func mix(dst []int16, near, far []byte) {
	far, dst = far[:len(near)], dst[:len(near)]
	for i, n := range near {
		dst[i] = 3*int16(n) + int16(far[i]) - 512
	}
}

// spread puts two samples where one was, each nearer to another neighbour. mixed has one more at both ends.
func spread(dst, mixed []int16) {
	for i := range len(dst) / 2 {
		left, c, right := mixed[i], mixed[i+1], mixed[i+2]
		dst[2*i], dst[2*i+1] = 3*c+left, 3*c+right
	}
}

// ToRGB converts one row; u and v are in sixteenths, without their offset.
func (m *Matrix) ToRGB(pix, y []byte, u, v []int16) {
	if hasVector && !m.pure && len(y) >= vectorPixels {
		m.toRGBVector(pix, y, u, v)
	} else {
		m.plainToRGB(pix, y, u, v)
	}
}

// plainToRGB is ToRGB in plain Go.
func (m *Matrix) plainToRGB(pix, y []byte, u, v []int16) {
	ky, rv, gu, gv, bu := int32(m.ky), int32(m.rv), int32(m.gu), int32(m.gv), int32(m.bu)
	bias := int32(1<<16) - int32(m.off)*ky<<4
	u, v = u[:len(y)], v[:len(y)]
	for x := range y {
		l := ky*int32(y[x])<<4 + bias
		cu, cv := int32(u[x]), int32(v[x])
		o := pix[x*3 : x*3+3 : x*3+3]
		o[0] = clamp((l + rv*cv) >> 17)
		o[1] = clamp((l + gu*cu + gv*cv) >> 17)
		o[2] = clamp((l + bu*cu) >> 17)
	}
}

func clamp(v int32) byte {
	if uint32(v) > 255 {
		return byte(^(v >> 31))
	}
	return byte(v)
}
