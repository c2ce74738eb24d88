package render

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"acip/frame"
	"acip/internal/testkit/vt"
	"acip/render/internal/ansi"
	"acip/render/internal/cell"

	"pgregory.net/rapid"
)

// moving is a picture with a gradient, edges and noise, which drifts with n.
func moving(w, h, n int, noise int) *frame.Frame {
	f := frame.New(w, h)
	r := rand.New(rand.NewPCG(uint64(n), 2))
	for y := range h {
		for x := range w {
			v := (x*3 + y*2 + n*2) % 512
			p := f.Pix[(y*w+x)*3:]
			p[0], p[1], p[2] = byte(min(v, 511-v)), byte(x*255/w), byte(y*255/h)
			if (x/9+y/7+n/4)%5 == 0 {
				p[0], p[1], p[2] = 255-p[0], p[2], p[1]
			}
			for k := range 3 {
				if noise > 0 {
					p[k] = byte(min(max(int(p[k])+r.IntN(2*noise+1)-noise, 0), 255))
				}
			}
		}
	}
	return f
}

// looks is what a cell looks like, so that shapes and their complements compare.
func looks(text string, fg, bg vt.Color, attr string) string {
	if text == " " {
		return fmt.Sprint("flat", bg, attr)
	}
	if text == "█" {
		return fmt.Sprint("flat", fg, attr)
	}
	for i := range cell.Shapes {
		s := &cell.Shapes[i]
		if int(s.Turned) < i && text == s.String() {
			t := &cell.Shapes[s.Turned]
			return looks(t.String(), bg, fg, attr)
		}
	}
	return fmt.Sprint(text, fg, bg, attr)
}

func color(p Paint) vt.Color {
	if i, ok := p.Index(); ok {
		return vt.Color{Kind: vt.Palette, R: i}
	}
	if p.Default() {
		return vt.Color{}
	}
	r, g, b := p.RGB()
	return vt.Color{Kind: vt.RGB, R: r, G: g, B: b}
}

// text is what a canvas's cell puts on the screen.
func (c *Canvas) text(char Cell) string {
	switch char.Glyph & cell.KindMask {
	case cell.KindShape:
		s := &cell.Shapes[char.Glyph&^cell.KindMask]
		return s.String()
	case cell.KindGraphic:
		return " "
	case cell.KindCluster:
		return c.clusters[char.Glyph&^cell.KindMask]
	}
	if char.Part == cell.Tail {
		return ""
	}
	return string(utf8.AppendRune(nil, rune(char.Glyph)))
}

// compare holds cells against the emulator's screen.
func compare(c *Canvas, cells []Cell, v *vt.Terminal) error {
	for i, char := range cells {
		got := v.Cell(i%c.cols, i/c.cols)
		if char.Glyph == cell.Unknown {
			continue
		}
		a := char.Attr
		want := looks(c.text(char), color(char.FG), color(char.BG),
			fmt.Sprint(a&cell.Bold > 0, a&cell.Dim > 0, a&cell.Italic > 0, a&cell.Underline > 0, a&cell.Reverse > 0))
		shows := looks(got.Text, got.FG, got.BG, fmt.Sprint(got.Bold, got.Dim, got.Italic, got.Underline, got.Reverse))
		if c.text(char) == "" {
			want, shows = "", got.Text
		}
		if want != shows {
			return fmt.Errorf("cell %d,%d shows %s, want %s", i%c.cols, i/c.cols, shows, want)
		}
	}
	return nil
}

var words = []string{"hello", "日本語", "👩‍👩‍👧‍👦 family", "é́", "\x1b[31mred", "a\tb\nc", "🇩🇪🇫", "\u202eevil", "ＷＩＤＥ", "x"}

// anyStyle is a random style that draws cells.
func anyStyle(t *rapid.T) Style {
	return Style{
		Glyphs: rapid.SampledFrom([]Glyphs{ASCII, Half, Quadrant, Sextant, Octant, Blocks, Braille}).Draw(t, "glyphs"),
		Color:  rapid.SampledFrom([]Color{TrueColor, Color256, Color16, Mono}).Draw(t, "color"),
		Ramp:   rapid.SampledFrom([]string{"", " .:#", "日é"}).Draw(t, "ramp"),
		Light:  rapid.Bool().Draw(t, "light"), Sync: rapid.Bool().Draw(t, "sync"), Repeat: rapid.Bool().Draw(t, "repeat"),
	}
}

// TestReplay draws anything in any order, and holds an emulator that was fed every byte against the canvas.
func TestReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cols, rows := rapid.IntRange(1, 40).Draw(t, "cols"), rapid.IntRange(1, 12).Draw(t, "rows")
		c, v := NewCanvas(cols, rows, anyStyle(t)), vt.New(cols, rows)
		spot := func() frame.Rect {
			at := rapid.IntRange(-3, 40)
			return frame.Rect{X: at.Draw(t, "x"), Y: at.Draw(t, "y"), W: at.Draw(t, "w"), H: at.Draw(t, "h")}
		}
		t.Repeat(map[string]func(*rapid.T){
			"picture": func(t *rapid.T) {
				f := moving(64, 48, rapid.IntRange(0, 9).Draw(t, "n"), rapid.SampledFrom([]int{0, 3}).Draw(t, "noise"))
				c.Picture(spot(), f, PictureOptions{Fit: frame.Fit(rapid.IntRange(0, 1).Draw(t, "fit")), Dim: rapid.SampledFrom([]uint8{0, 0, 120}).Draw(t, "dim")})
			},
			"whole picture": func(t *rapid.T) {
				c.Picture(c.bounds(), moving(64, 48, rapid.IntRange(0, 9).Draw(t, "n"), 2), PictureOptions{Fit: frame.Cover})
			},
			"text": func(t *rapid.T) {
				at := spot()
				c.Text(at.X, at.Y, rapid.SampledFrom(words).Draw(t, "s"), TextStyle{
					FG: rapid.SampledFrom([]Paint{0, Indexed(3), Indexed(12), Indexed(99), RGB(1, 20, 255)}).Draw(t, "fg"),
					BG: rapid.SampledFrom([]Paint{0, Indexed(4), RGB(9, 99, 199)}).Draw(t, "bg"), Attr: Attr(rapid.IntRange(0, 31).Draw(t, "attr")),
				})
			},
			"fill":   func(t *rapid.T) { c.Fill(spot(), TextStyle{BG: Indexed(5)}) },
			"box":    func(t *rapid.T) { c.Box(spot(), TextStyle{}) },
			"style":  func(t *rapid.T) { c.SetStyle(anyStyle(t)) },
			"budget": func(t *rapid.T) { c.Budget(rapid.SampledFrom([]int{0, 100, 1000}).Draw(t, "bytes")) },
			"resize": func(t *rapid.T) {
				cols, rows := rapid.IntRange(1, 40).Draw(t, "cols"), rapid.IntRange(1, 12).Draw(t, "rows")
				c.Resize(cols, rows)
				v.Resize(cols, rows)
			},
			"": func(t *rapid.T) {
				if _, err := v.Write(c.Append(nil)); err != nil {
					t.Fatal(err)
				}
				if err := compare(c, c.shown, v); err != nil {
					t.Fatal(err)
				}
				for i, char := range c.want {
					if c.budget == 0 && c.history[i].tolerance == 0 && char != c.shown[i] {
						t.Fatalf("cell %d must be exact and is not", i)
					}
				}
			},
		})
		whole := vt.New(c.cols, c.rows)
		lines := bytes.TrimSuffix(c.AppendLines(nil), []byte("\n"))
		lines = bytes.ReplaceAll(lines, []byte("\n"), []byte("\r\n"))
		if _, err := whole.Write(append([]byte(ansi.WrapOff+ansi.Reset+ansi.ClearAll+ansi.Home), lines...)); err != nil {
			t.Fatal(err)
		}
		if err := compare(c, c.want, whole); err != nil {
			t.Fatal("lines: ", err)
		}
	})
}

func TestAppendLines(t *testing.T) {
	c := NewCanvas(6, 3, Style{})
	c.Text(1, 0, "日x", TextStyle{FG: Indexed(2)})
	c.Fill(frame.Rect{Y: 1, W: 2, H: 1}, TextStyle{BG: RGB(1, 2, 3)})
	want := " \x1b[32m日x\x1b[m\n\x1b[48;2;1;2;3m  \x1b[m\n\n"
	if got := string(c.AppendLines(nil)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
