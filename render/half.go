package render

import (
	"acip/frame"
	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// halfPainter paints two samples a cell, which need no search.
type halfPainter struct{}

func (halfPainter) axes(cols, rows int) (x, y frame.Axis) {
	return frame.Cut(cols, 8, 0), frame.Cut(rows, 16, 0, 8)
}

func (halfPainter) row(dst []Cell, gain []float32, samples []byte, shown []Cell, _, _ int) {
	paintHalves(dst, gain, samples[:len(dst)*4], samples[len(dst)*4:], shown)
}

// halvesPlain is paintHalves in plain Go; the vector one agrees with it bit by bit.
func halvesPlain(dst []Cell, gain []float32, top, bottom []byte, shown []Cell) {
	for i := range dst {
		a, b := paintOf(le32(top[i*4:])), paintOf(le32(bottom[i*4:]))
		if s := &shown[i]; dst[i].Draw(cell.UpperHalf, a, b, s) {
			gain[i] = halfGain(s, a, b)
		} else {
			gain[i] = 0
		}
	}
}

// halfGain returns the mean squared error of showing s where a over b belongs.
func halfGain(s *Cell, a, b Paint) float32 {
	if !s.IsPaint(paint.KindRGB) {
		return incomparable
	}
	fg := s.FG
	switch s.Glyph {
	case cell.Blank:
		fg = s.BG
	case cell.KindShape | cell.UpperHalf:
	default:
		return incomparable
	}
	return float32(paint.Distance(fg, a)+paint.Distance(s.BG, b)) * (1. / 6)
}

// paintOf returns a sample's pixel as a paint.
func paintOf(p uint32) Paint {
	return paint.KindRGB | Paint(p&0xff)<<16 | Paint(p&0xff00) | Paint(p>>16&0xff)
}
