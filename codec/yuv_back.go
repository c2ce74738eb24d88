package codec

// toRGB converts p into RGB24 rows, w*h*3 bytes. Chroma is interpolated linearly between its sites, which gains about a
// decibel at coloured edges over repeating it.
func (m *matrix) toRGB(pix []byte, p *planes, row *chromaRow) {
	row.resize(p.w)
	for y := range p.h {
		near := y / 2
		far := near - 1 + y%2*2
		if far < 0 || far >= p.ch {
			far = near
		}
		row.fill(p.u[near*p.cs:near*p.cs+p.cw], p.u[far*p.cs:far*p.cs+p.cw], row.u)
		row.fill(p.v[near*p.cs:near*p.cs+p.cw], p.v[far*p.cs:far*p.cs+p.cw], row.v)
		m.rowToRGB(pix[y*p.w*3:(y+1)*p.w*3], p.y[y*p.ys:y*p.ys+p.w], row.u, row.v)
	}
}

// chromaRow holds one row of both chromas at full width, in sixteenths.
type chromaRow struct{ u, v, mix []int32 }

func (r *chromaRow) resize(w int) {
	if cap(r.u) < w+1 {
		r.u, r.v, r.mix = make([]int32, w+1), make([]int32, w+1), make([]int32, w/2+1)
	}
	r.u, r.v, r.mix = r.u[:w], r.v[:w], r.mix[:(w+1)/2]
}

// fill mixes the near and the far chroma row 3:1, then neighbours in the mixed row 3:1.
func (r *chromaRow) fill(near, far []byte, out []int32) {
	mix := r.mix
	far = far[:len(near)]
	mix = mix[:len(near)]
	for i := range near {
		mix[i] = 3*int32(near[i]) + int32(far[i]) - 512
	}
	last := len(mix) - 1
	left := mix[0]
	for i := 0; i < last; i++ {
		c, right := mix[i], mix[i+1]
		out[2*i] = 3*c + left
		out[2*i+1] = 3*c + right
		left = c
	}
	out[2*last] = 3*mix[last] + left
	if 2*last+1 < len(out) {
		out[2*last+1] = 4 * mix[last]
	}
}

// rowToRGB converts one row; u and v are in sixteenths, without their offset.
func (m *matrix) rowToRGB(pix, y []byte, u, v []int32) {
	k := *m
	u, v = u[:len(y)], v[:len(y)]
	bias := int32(1<<15) - k.off*k.ky
	for x := range y {
		l := k.ky*int32(y[x]) + bias
		cu, cv := u[x], v[x]
		o := pix[x*3 : x*3+3 : x*3+3]
		o[0] = clamp((l + k.rv*cv>>4) >> 16)
		o[1] = clamp((l + (k.gu*cu+k.gv*cv)>>4) >> 16)
		o[2] = clamp((l + k.bu*cu>>4) >> 16)
	}
}

func clamp(v int32) byte {
	if uint32(v) > 255 {
		return byte(^(v >> 31))
	}
	return byte(v)
}
