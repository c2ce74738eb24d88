package y4m

import "acip/frame"

// planeMerger makes RGB pictures of green, blue and red planes.
type planeMerger struct {
	whole  frame.Frame // where the size changes
	scaler frame.Scaler
}

// draw fills dst with the planes of a picture, at size to.
func (s *planeMerger) draw(dst *frame.Frame, planes []byte, size, to frame.Size) {
	dst.Resize(to.W, to.H)
	if size == to {
		interleave(dst.Pix, planes)
		return
	}
	s.whole.Resize(size.W, size.H)
	interleave(s.whole.Pix, planes)
	s.scaler.Scale(dst, frame.Rect{W: to.W, H: to.H}, &s.whole, frame.Rect{W: size.W, H: size.H})
}

// interleave puts green, blue and red planes side by side.
func interleave(dst, planes []byte) {
	n := len(dst) / 3
	g, b, r := planes[:n], planes[n:2*n], planes[2*n:3*n]
	for i := range g {
		d := dst[3*i : 3*i+3]
		d[0], d[1], d[2] = r[i], g[i], b[i]
	}
}
