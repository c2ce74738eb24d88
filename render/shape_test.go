package render

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"acip/frame"
	"acip/internal/testkit/vt"

	"pgregory.net/rapid"
)

// disc is a picture of a bright disc on black, of that radius around the middle, with soft edges.
func disc(w, h int, radius float64) *frame.Frame {
	f := frame.New(w, h)
	for y := range h {
		row := f.Row(y)
		for x := range w {
			d := math.Hypot(float64(x)+.5-float64(w)/2, float64(y)+.5-float64(h)/2)
			v := byte(255 * min(max(radius-d+.5, 0), 1))
			row[3*x], row[3*x+1], row[3*x+2] = v, v, v
		}
	}
	return f
}

// extent is how far what is bright on a screen reaches to the sides and up and down: the deviations of its light, to which
// drawing it in rectangles of dotW x dotH has added.
func extent(light func(x, y int) float64, w, h int, dotW, dotH float64) (across, down float64) {
	var n, sx, sy, xx, yy float64
	for y := range h {
		for x := range w {
			v := light(x, y)
			if v < 32 {
				v = 0 // a palette's black is not quite black
			}
			n, sx, sy, xx, yy = n+v, sx+v*float64(x), sy+v*float64(y), xx+v*float64(x*x), yy+v*float64(y*y)
		}
	}
	mx, my := sx/n, sy/n
	return math.Sqrt(xx/n - mx*mx - dotW*dotW/6), math.Sqrt(yy/n - my*my - dotH*dotH/6)
}

// shownByKitty is the screen as kitty shows it: each placement is scaled to its cells, whatever that does to its shape.
func shownByKitty(v *vt.Terminal, cell frame.Size) func(x, y int) float64 {
	return func(x, y int) float64 {
		p, ok := v.Over(x/cell.W, y/cell.H)
		if !ok {
			return 0
		}
		col := p.X + (x-p.Col*cell.W)*p.W/(p.Cols*cell.W)
		row := p.Y + (y-p.Row*cell.H)*p.H/(p.Rows*cell.H)
		return float64(p.Image.Pix[3*(row*p.Image.W+col)])
	}
}

// TestCirclesStayRound: whatever the sizes of source, place and cell, and however few bytes there are, what is round in the
// source is round on the screen within one per cent.
func TestCirclesStayRound(t *testing.T) {
	for _, graphics := range []Graphics{Kitty, Sixel} {
		t.Run(graphics.String(), rapid.MakeCheck(func(t *rapid.T) { drawDiscs(t, graphics) }))
	}
}

func drawDiscs(t *rapid.T, graphics Graphics) {
	cell := frame.Size{W: rapid.IntRange(5, 18).Draw(t, "cell width"), H: rapid.IntRange(8, 36).Draw(t, "cell height")}
	cols, rows := rapid.IntRange(8, 60).Draw(t, "cols"), rapid.IntRange(6, 24).Draw(t, "rows")
	src := frame.Size{W: rapid.IntRange(100, 640).Draw(t, "width"), H: rapid.IntRange(100, 640).Draw(t, "height")}
	fit := frame.Fit(rapid.IntRange(0, 1).Draw(t, "fit"))
	c, v := NewCanvas(cols, rows, Style{Graphics: graphics, Cell: cell}), vt.New(cols, rows)
	for range rapid.IntRange(1, 3).Draw(t, "pictures") {
		if rapid.Bool().Draw(t, "another cell") {
			cell.W, cell.H = rapid.IntRange(5, 18).Draw(t, "cell width"), rapid.IntRange(8, 36).Draw(t, "cell height")
			c.SetStyle(Style{Graphics: graphics, Cell: cell})
			c.Invalidate()
		}
		c.Budget(rapid.SampledFrom([]int{0, 0, 60_000, 400_000}).Draw(t, "budget"))
		at := c.Picture(c.bounds(), frame.New(src.W, src.H), PictureOptions{Fit: fit})
		seen := frame.CropTo(src, frame.Size{W: at.W * cell.W, H: at.H * cell.H})
		f := disc(src.W, src.H, .45*min(seen.W, seen.H))
		c.Fill(c.bounds(), TextStyle{})
		at = c.Picture(c.bounds(), f, PictureOptions{Fit: fit})
		if _, err := v.Write(c.Append(nil)); err != nil {
			t.Fatal(err)
		}
		if err := looksRound(c, v, at, seen); err != nil {
			t.Fatalf("%v in %v of %v: %v", src, at, cell, err)
		}
	}
}

// looksRound measures the disc on the screen. One of few dots measures badly: it is left to its larger brothers.
func looksRound(c *Canvas, v *vt.Terminal, at frame.Rect, seen frame.Window) error {
	cell := c.style.CellSize()
	n, _ := c.At(at.X, at.Y).PictureNumber()
	size := c.pictures[n].size
	dotW, dotH := float64(at.W*cell.W)/float64(size.W), float64(at.H*cell.H)/float64(size.H)
	diameter := .9 * min(seen.W, seen.H) // in the source
	if diameter < 64 || diameter/seen.W*float64(at.W*cell.W) < 64*max(dotW, dotH) {
		return nil
	}
	w, h := c.cols*cell.W, c.rows*cell.H
	light := shownByKitty(v, cell)
	if c.style.Graphics == Sixel {
		light = shownAsSixel(v)
		w, h = size.W, size.H
	}
	across, down := extent(light, w, h, dotW, dotH)
	if d := across / down; d < .99 || d > 1.01 {
		return fmt.Errorf("a circle is %.1f by %.1f, off by %.1f %%, sent as %v", across, down, 100*(d-1), size)
	}
	return nil
}

// shownAsSixel is the last sixel picture in its own pixels, which are the screen's.
func shownAsSixel(v *vt.Terminal) func(x, y int) float64 {
	all := v.Graphics()
	s := all[len(all)-1]
	_, raster, _ := strings.Cut(s, `"1;1;`)
	raster, _, _ = strings.Cut(raster, "#")
	width, height, _ := strings.Cut(raster, ";")
	w, _ := strconv.Atoi(width)
	h, _ := strconv.Atoi(height)
	f := unsixel(s, w, h)
	return func(x, y int) float64 { return float64(f.Row(y)[3*x]) }
}

// TestStillInTheFlow: a picture is printed at the cursor in the middle of a screen, and leaves the
// cursor at the start of the line below.
func TestStillInTheFlow(t *testing.T) {
	for _, graphics := range []Graphics{Cells, Kitty, Sixel} {
		for _, row := range []int{0, 4} {
			v := vt.New(30, 12)
			text := fmt.Sprintf("\x1b[%d;1Habove\r\n", row+1)
			still := string(AppendStill(nil, Style{Graphics: graphics}, frame.Size{W: 20, H: 6}, moving(80, 48, 1, 0), frame.Contain))
			still = strings.ReplaceAll(still, "\n", "\r\n") // as the terminal driver does
			if _, err := v.Write([]byte(text + still + "below")); err != nil {
				t.Fatalf("%v: %v", graphics, err)
			}
			at := row + 1
			x, y := v.Cursor()
			if x != 5 || y != at+6 || v.Cell(0, y).Text != "b" || v.Cell(0, at-1).Text != "a" {
				t.Errorf("%v at row %d: the cursor is at %d,%d on\n%s", graphics, row, x, y, v)
			}
			if graphics == Cells {
				continue
			}
			if len(v.Graphics()) == 0 {
				t.Errorf("%v: no picture", graphics)
			}
		}
	}
}
