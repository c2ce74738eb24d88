// Package testcard draws the moving test pattern, and reads the number of a picture back out of its pixels.
package testcard

import (
	"math"

	"acip/frame"
)

// Painter draws the pattern, and keeps tables from one picture to the next. The zero value is ready.
type Painter struct {
	columns []uint8 // three values a column
}

// The picture's parts, in twelfths of its height from the top: a row of code, colour bars, the scene, two rows of code.
const (
	codeTop    = 1
	barsBottom = 3
	codeBottom = 10
	parts      = 12
)

// Draw draws picture n of a pattern of fps pictures a second into dst, which it resizes to size.
func (p *Painter) Draw(dst *frame.Frame, size frame.Size, n uint64, fps float64) {
	dst.Resize(size.W, size.H)
	p.scene(dst, float64(n)/fps)
	bars(dst)
	drawBall(dst, float64(n)/fps)
	drawClock(dst, n, fps)
	drawCode(dst, uint32(n))
}

// scene fills everything with three slow waves, one a colour, each the sum of a column's value and a row's.
func (p *Painter) scene(f *frame.Frame, t float64) {
	if cap(p.columns) < f.Width*3 {
		p.columns = make([]uint8, f.Width*3)
	}
	p.columns = p.columns[:f.Width*3]
	for x := range f.Width {
		u := float64(x) / float64(f.Width)
		for c, speed := range [3]float64{.31, .23, .17} {
			p.columns[x*3+c] = uint8(52 + 50*math.Sin(2*math.Pi*(u*.7+speed*t/2+float64(c)*.21)))
		}
	}
	for y := range f.Height {
		v := float64(y) / float64(f.Height)
		var rgb [3]uint8
		for c, speed := range [3]float64{.13, -.19, .11} {
			rgb[c] = uint8(52 + 50*math.Sin(2*math.Pi*(v*.6+speed*t/2+float64(c)*.33)))
		}
		row := f.Row(y)
		columns := p.columns[:len(row)]
		for i := 0; i+2 < len(row); i += 3 {
			row[i] = columns[i] + rgb[0]
			row[i+1] = columns[i+1] + rgb[1]
			row[i+2] = columns[i+2] + rgb[2]
		}
	}
}

// bars draws the eight colours of a 75 % test card.
func bars(f *frame.Frame) {
	colours := [8][3]uint8{
		{191, 191, 191}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0}, {191, 0, 191}, {191, 0, 0}, {0, 0, 191}, {16, 16, 16},
	}
	for i, c := range colours {
		fill(f, part(f.Width, i, 8), part(f.Height, codeTop, parts), part(f.Width, i+1, 8), part(f.Height, barsBottom, parts), c)
	}
}

// part returns where share i of n of a side begins.
func part(side, i, n int) int { return (side*i + n/2) / n }

// fill paints from x0, y0 to before x1, y1.
func fill(f *frame.Frame, x0, y0, x1, y1 int, c [3]uint8) {
	x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, f.Width), min(y1, f.Height)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	first := f.Row(y0)[x0*3 : x1*3]
	for i := 0; i < len(first); i += 3 {
		first[i], first[i+1], first[i+2] = c[0], c[1], c[2]
	}
	for y := y0 + 1; y < y1; y++ {
		copy(f.Row(y)[x0*3:], first)
	}
}

// drawBall draws a lit ball that bounces between the bars and the code, its edge smoothed.
func drawBall(f *frame.Frame, t float64) {
	h := float64(f.Height)
	top, bottom := h*barsBottom/parts, h*codeBottom/parts
	r := (bottom - top) / 6
	cx := r + (float64(f.Width)-2*r)*triangle(t/5.3)
	cy := bottom - r - (bottom-top-2*r)*math.Abs(math.Sin(math.Pi*t/1.7))
	for y := max(int(cy-r), 0); y <= min(int(cy+r), f.Height-1); y++ {
		row := f.Row(y)
		dy := float64(y) + .5 - cy
		for x := max(int(cx-r), 0); x <= min(int(cx+r), f.Width-1); x++ {
			dx := float64(x) + .5 - cx
			d := math.Sqrt(dx*dx + dy*dy)
			cover := min(max(r-d+.5, 0), 1)
			light := 1.1 - .8*math.Hypot(dx+r*.35, dy+r*.4)/(1.5*r)
			for c, v := range [3]float64{255, 214, 120} {
				px := &row[x*3+c]
				*px = uint8(float64(*px)*(1-cover) + min(v*light, 255)*cover)
			}
		}
	}
}

// triangle goes from 0 to 1 and back once in each whole t.
func triangle(t float64) float64 { return math.Abs(2*(t-math.Floor(t)) - 1) }

// drawClock writes the time of day and the number of the picture within the second.
func drawClock(f *frame.Frame, n uint64, fps float64) {
	seconds := uint64(float64(n) / fps)
	in := n - uint64(math.Ceil(float64(seconds)*fps))
	digits := [11]uint64{
		seconds / 36000 % 2, seconds / 3600 % 10, 10, seconds / 600 % 6, seconds / 60 % 10, 10, seconds / 10 % 6, seconds % 10,
		10, in / 10 % 10, in % 10,
	}
	hour := seconds / 3600 % 24
	digits[0], digits[1] = hour/10, hour%10
	unit := f.Width / 64
	if unit < 1 {
		return
	}
	x, y := (f.Width-unit*(len(digits)*4-1))/2, part(f.Height, 8, parts)
	for i, d := range digits {
		drawDigit(f, x+i*4*unit, y, unit, d)
	}
}

// drawDigit draws a digit, or a colon for 10, of 3 by 5 squares of unit pixels, with a dark edge to be read on
// anything.
func drawDigit(f *frame.Frame, x, y, unit int, d uint64) {
	shapes := [11]uint16{
		0b111_101_101_101_111, 0b010_110_010_010_111, 0b111_001_111_100_111, 0b111_001_111_001_111, 0b101_101_111_001_001,
		0b111_100_111_001_111, 0b111_100_111_101_111, 0b111_001_010_010_010, 0b111_101_111_101_111, 0b111_101_111_001_111,
		0b000_010_000_010_000,
	}
	edge := max(unit/4, 1)
	for pass, c := range [2][3]uint8{{24, 26, 40}, {245, 240, 225}} {
		grow := edge * (1 - pass)
		for i := range 15 {
			if shapes[d]>>(14-i)&1 == 0 {
				continue
			}
			px, py := x+i%3*unit, y+i/3*unit
			fill(f, px-grow, py-grow, px+unit+grow, py+unit+grow, c)
		}
	}
}
