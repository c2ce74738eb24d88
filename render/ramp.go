package render

import (
	"acip/frame"
	"acip/render/internal/cell"
	"acip/render/internal/paint"

	"github.com/rivo/uniseg"
)

// rampPainter paints with the characters of a ramp from dark to light, in the cell's mean colour where there are
// colours. Characters that are not one column wide are left out.
type rampPainter struct {
	color Color
	ramp  []Glyph
}

func newRampPainter(s Style) *rampPainter {
	p := &rampPainter{color: s.Color}
	for _, r := range s.Ramp {
		if t := string(r); uniseg.StringWidth(t) == 1 && printable(t) {
			p.ramp = append(p.ramp, Glyph(r))
		}
	}
	if len(p.ramp) == 0 {
		p.ramp = []Glyph{cell.Blank}
	}
	if s.Light && s.Color == Mono {
		for i, j := 0, len(p.ramp)-1; i < j; i, j = i+1, j-1 {
			p.ramp[i], p.ramp[j] = p.ramp[j], p.ramp[i]
		}
	}
	return p
}

func (*rampPainter) axes(cols, rows int) (x, y frame.Axis) { return frame.Even(cols), frame.Even(rows) }

func (p *rampPainter) row(dst []Cell, gain []float32, samples []byte, shown []Cell, _, _ int) {
	for i := range dst {
		px := le32(samples[i*4:])
		r, g, b := red(px), green(px), blue(px)
		level := float32(299*r+587*g+114*b) / 255000 * float32(len(p.ramp))
		k := min(int(level), len(p.ramp)-1)
		d := &dst[i]
		*d, gain[i] = Cell{Glyph: p.ramp[k], FG: p.color.reduce(RGB(uint8(r), uint8(g), uint8(b)))}, 0
		if p.ramp[k] == cell.Blank {
			d.FG = 0
		}
		if s := &shown[i]; *s != *d {
			gain[i] = p.gain(s, *d, level)
		}
	}
}

// gain returns what d saves against s. A character one step off counts for little unless the light is clearly on the
// other side of the border between them.
func (p *rampPainter) gain(s *Cell, d Cell, level float32) float32 {
	if s.Attr != 0 || s.Part != cell.Narrow || s.BG != 0 || s.FG.Default() != d.FG.Default() {
		return incomparable
	}
	for k, g := range p.ramp {
		if g == s.Glyph {
			off := max(float32(k)-level, level-float32(k+1), 0) * 255 / float32(len(p.ramp))
			return max(off*off, float32(paint.Distance(s.FG.Resolve(), d.FG.Resolve()))/3)
		}
	}
	return incomparable
}
