package render

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"acip/frame"
	"acip/internal/testkit/vt"
	"acip/render/internal/kitty"

	"pgregory.net/rapid"
)

// show draws pictures on a canvas and returns what graphics the terminal got for the last one.
func show(t *testing.T, s Style, pictures ...*frame.Frame) []string {
	t.Helper()
	c, v := NewCanvas(16, 7, s), vt.New(16, 7)
	had := 0
	for _, f := range pictures {
		had = len(v.Graphics())
		c.Picture(frame.Rect{W: 16, H: 6}, f, PictureOptions{Fit: frame.Cover})
		if _, err := v.Write(c.Append(nil)); err != nil {
			t.Fatal(err)
		}
	}
	return v.Graphics()[had:]
}

// TestKittyShowsWhatIsWanted draws pictures and text over each other in any order. Over every cell that a picture is
// wanted in lies that part of it, over no other cell anything, and the terminal keeps nothing else.
func TestKittyShowsWhatIsWanted(t *testing.T) {
	places := []frame.Rect{{W: 20, H: 8}, {W: 10, H: 4}, {X: 10, W: 10, H: 4}, {Y: 4, W: 10, H: 4}, {X: 4, Y: 2, W: 9, H: 5}}
	rapid.Check(t, func(t *rapid.T) {
		style := Style{Graphics: Kitty, Cell: frame.Size{W: 5, H: 9}}
		c, v := NewCanvas(20, 8, style), vt.New(20, 8)
		t.Repeat(map[string]func(*rapid.T){
			"picture": func(t *rapid.T) {
				f := moving(64, 48, rapid.IntRange(0, 9).Draw(t, "n"), 0)
				c.Picture(rapid.SampledFrom(places).Draw(t, "at"), f, PictureOptions{Fit: frame.Fit(rapid.IntRange(0, 1).Draw(t, "fit"))})
			},
			"text": func(t *rapid.T) {
				c.Text(rapid.IntRange(-2, 19).Draw(t, "x"), rapid.IntRange(0, 7).Draw(t, "y"), rapid.SampledFrom(words).Draw(t, "s"), TextStyle{BG: RGB(9, 9, 9)})
			},
			"fill":       func(t *rapid.T) { c.Fill(rapid.SampledFrom(places).Draw(t, "at"), TextStyle{}) },
			"budget":     func(t *rapid.T) { c.Budget(rapid.SampledFrom([]int{0, 500, 5000}).Draw(t, "bytes")) },
			"invalidate": func(t *rapid.T) { c.Invalidate() },
			"cells and back": func(t *rapid.T) {
				c.SetStyle(Style{})
				c.SetStyle(style)
			},
			"resize": func(t *rapid.T) {
				c.Resize(20, 8)
				v.Resize(20, 8)
			},
			"": func(t *rapid.T) {
				if _, err := v.Write(c.Append(nil)); err != nil {
					t.Fatal(err)
				}
				if err := compare(c, c.shown, v); err != nil {
					t.Fatal(err)
				}
				if err := c.compareKitty(v); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}

// compareKitty holds the pictures that an emulator shows against those that are wanted.
func (c *Canvas) compareKitty(v *vt.Terminal) error {
	numbers := map[int]bool{}
	for i, char := range c.want {
		x, y := i%c.cols, i/c.cols
		over, covered := v.Over(x, y)
		n, wanted := char.PictureNumber()
		if covered != wanted {
			return fmt.Errorf("cell %d,%d: a picture is over it: %v, wanted: %v", x, y, covered, wanted)
		}
		if !wanted {
			continue
		}
		numbers[n] = true
		p := &c.pictures[n]
		w, h := p.size.W/p.at.W, p.size.H/p.at.H
		for row := range h {
			fromX, fromY := over.X+(x-over.Col)*over.W/over.Cols, over.Y+(y-over.Row)*over.H/over.Rows+row
			got := over.Image.Pix[(fromY*over.Image.W+fromX)*3:][:w*3]
			want := p.pix[(((y-p.at.Y)*h+row)*p.size.W+(x-p.at.X)*w)*3:][:w*3]
			if !bytes.Equal(got, want) {
				return fmt.Errorf("cell %d,%d shows another part of picture %d", x, y, n)
			}
		}
	}
	if v.Images() != len(numbers) {
		return fmt.Errorf("the terminal keeps %d images, %d are wanted", v.Images(), len(numbers))
	}
	return nil
}

func TestKittyCarriesThePixels(t *testing.T) {
	f := moving(128, 96, 1, 0)
	var text strings.Builder
	for i, g := range show(t, Style{Graphics: Kitty}, f) {
		head, body, _ := strings.Cut(g, ";")
		if len(body) > kitty.Chunk {
			t.Errorf("piece %d is %d bytes long", i, len(body))
		}
		if i == 0 && !strings.Contains(head, "s=128,v=96") {
			t.Errorf("the first piece says %s", head)
		}
		if strings.Contains(head, "a=p") {
			continue
		}
		text.WriteString(body)
	}
	packed, err := base64.StdEncoding.DecodeString(text.String())
	if err != nil {
		t.Fatal(err)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if pix, err := io.ReadAll(z); err != nil || !bytes.Equal(pix, f.Pix) {
		t.Errorf("%d bytes arrive, %v", len(pix), err)
	}
}

func TestKittySendsOnlyWhatChanged(t *testing.T) {
	c, f := NewCanvas(16, 6, Style{Graphics: Kitty}), moving(128, 96, 1, 0)
	draw := func(text string) string {
		c.Picture(c.bounds(), f, PictureOptions{})
		c.Text(1, 1, text, TextStyle{})
		return string(c.Append(nil))
	}
	draw("one")
	if again := draw("one"); again != "" {
		t.Errorf("the same screen is sent twice: %.80q", again)
	}
	if moved := draw("longer"); strings.Contains(moved, "a=t") || !strings.Contains(moved, "a=p") {
		t.Errorf("text over a picture does not just move its pieces: %.80q", moved)
	}
}

func TestKittyShowsTheNewBeforeTheOldGoes(t *testing.T) {
	order := regexp.MustCompile(`a=([tpd])`)
	var got []string
	for _, g := range show(t, Style{Graphics: Kitty}, moving(128, 96, 1, 0), moving(128, 96, 2, 0)) {
		if m := order.FindStringSubmatch(g); m != nil {
			got = append(got, m[1])
		}
	}
	if s := strings.Join(got, ""); s != "tpd" {
		t.Errorf("a new picture takes %s: want sent, placed, the old one deleted", s)
	}
}

func TestTmuxDoublesEscapes(t *testing.T) {
	for _, g := range show(t, Style{Graphics: Kitty, Tmux: true}, moving(128, 96, 1, 0)) {
		if !strings.HasPrefix(g, "Ptmux;\x1b\x1b") || strings.Contains(strings.ReplaceAll(g, "\x1b\x1b", ""), "\x1b") {
			t.Fatalf("%.60q", g)
		}
	}
}

// unsixel draws sixels, as a terminal would.
func unsixel(s string, w, h int) *frame.Frame {
	f := frame.New(w, h+6)
	var colors [256][3]byte
	x, y, register := 0, 0, 0
	token := regexp.MustCompile(`"[\d;]+|#\d+(;2;\d+;\d+;\d+)?|!\d+[?-~]|[?-~]|[$-]`)
	for _, k := range token.FindAllString(s[strings.Index(s, "q")+1:], -1) {
		n := 1
		switch k[0] {
		case '"':
			continue
		case '#':
			p := strings.Split(k[1:], ";")
			register, _ = strconv.Atoi(p[0])
			if len(p) == 5 {
				for ch := range 3 {
					v, _ := strconv.Atoi(p[2+ch])
					colors[register][ch] = byte((v*255 + 50) / 100)
				}
			}
			continue
		case '$':
			x = 0
			continue
		case '-':
			x, y = 0, y+6
			continue
		case '!':
			n, _ = strconv.Atoi(k[1 : len(k)-1])
		}
		for bits := k[len(k)-1] - '?'; n > 0; n, x = n-1, x+1 {
			for row := range 6 {
				if bits>>row&1 == 1 {
					copy(f.Row(y + row)[x*3:], colors[register][:])
				}
			}
		}
	}
	return f
}

func TestSixelShowsThePicture(t *testing.T) {
	f := scene(128, 96)
	got := show(t, Style{Graphics: Sixel}, f)
	if len(got) != 1 {
		t.Fatalf("%d sixel pictures", len(got))
	}
	g := unsixel(got[0], 128, 96)
	var sum float64
	for i, v := range f.Pix {
		d := float64(v) - float64(g.Pix[i])
		sum += d * d
	}
	if mean := sum / float64(len(f.Pix)); mean > 30 {
		t.Errorf("the mean squared error is %.1f", mean)
	}
}

// TestSixelLeavesTheLastRow: most terminals scroll when a sixel picture ends on their last row.
func TestSixelLeavesTheLastRow(t *testing.T) {
	places := []frame.Rect{{W: 20, H: 8}, {Y: 7, W: 20, H: 1}, {X: 3, Y: 2, W: 9, H: 6}, {Y: 2, W: 20, H: 20}, {W: 20, H: 7}}
	for _, place := range places {
		for _, fit := range []frame.Fit{frame.Contain, frame.Cover} {
			c := NewCanvas(20, 8, Style{Graphics: Sixel})
			at := c.Picture(place, scene(128, 96), PictureOptions{Fit: fit})
			if at.Y+at.H > 7 {
				t.Errorf("%v, %v: drawn in %v, the last row included", place, fit, at)
			}
			for x := range 20 {
				if _, ok := c.At(x, 7).PictureNumber(); ok {
					t.Errorf("%v, %v: column %d of the last row shows a picture", place, fit, x)
				}
			}
			if place.Y < 7 && at.Empty() {
				t.Errorf("%v, %v: nothing is drawn", place, fit)
			}
		}
	}
}

func TestSixelComesBackUnderText(t *testing.T) {
	c, v := NewCanvas(16, 6, Style{Graphics: Sixel}), vt.New(16, 6)
	f := scene(128, 96)
	draw := func(text string) int {
		had := len(v.Graphics())
		c.Picture(c.bounds(), f, PictureOptions{Fit: frame.Cover})
		c.Text(2, 2, text, TextStyle{})
		if _, err := v.Write(c.Append(nil)); err != nil {
			t.Fatal(err)
		}
		return len(v.Graphics()) - had
	}
	if draw("name") != 1 || draw("name") != 0 {
		t.Error("text over a picture that stays sends it again")
	}
	if v.Cell(2, 2).Text != "n" {
		t.Error("the text is under the picture")
	}
	if draw("nam") != 1 {
		t.Error("a cell that text leaves does not get its picture back")
	}
}
