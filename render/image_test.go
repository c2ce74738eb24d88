package render

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"acip/frame"
	"acip/internal/testkit/vt"
)

// show draws pictures on a canvas and returns what graphics the terminal got for the last one.
func show(t *testing.T, s Style, pictures ...*frame.Frame) []string {
	t.Helper()
	c, v := NewCanvas(16, 6, s), vt.New(16, 6)
	had := 0
	for _, f := range pictures {
		had = len(v.Graphics())
		c.Picture(c.bounds(), f, PictureOptions{Fit: frame.Cover})
		if _, err := v.Write(c.Append(nil)); err != nil {
			t.Fatal(err)
		}
	}
	return v.Graphics()[had:]
}

func TestKittyCarriesThePixels(t *testing.T) {
	f := moving(128, 96, 1, 0)
	var text strings.Builder
	for i, g := range show(t, Style{Graphics: Kitty}, f) {
		head, body, _ := strings.Cut(g, ";")
		if len(body) > kittyChunk {
			t.Errorf("piece %d is %d bytes long", i, len(body))
		}
		if i == 0 && !strings.Contains(head, "s=128,v=96,c=16,r=6") {
			t.Errorf("the first piece says %s", head)
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

func TestKittyKeepsItsNumber(t *testing.T) {
	number := regexp.MustCompile(`,i=(\d+)`)
	a := show(t, Style{Graphics: Kitty}, moving(128, 96, 1, 0))
	b := show(t, Style{Graphics: Kitty}, moving(128, 96, 1, 0), moving(128, 96, 2, 0))
	if x, y := number.FindString(a[0]), number.FindString(b[0]); x == "" || x != y {
		t.Errorf("the first picture is %q, the second %q", x, y)
	}
	if again := show(t, Style{Graphics: Kitty}, moving(128, 96, 1, 0), moving(128, 96, 1, 0)); len(again) != 0 {
		t.Errorf("the same picture is sent twice")
	}
}

func TestKittyGoesWhenItIsDrawnOver(t *testing.T) {
	c, v := NewCanvas(16, 6, Style{Graphics: Kitty}), vt.New(16, 6)
	c.Picture(c.bounds(), moving(128, 96, 1, 0), PictureOptions{})
	v.Write(c.Append(nil))
	c.Fill(c.bounds(), TextStyle{})
	v.Write(c.Append(nil))
	if last := v.Graphics()[len(v.Graphics())-1]; !strings.Contains(last, "a=d") {
		t.Errorf("the last graphics are %q", last)
	}
}

func TestTmuxDoublesEscapes(t *testing.T) {
	for _, g := range show(t, Style{Graphics: Kitty, Tmux: true}, moving(128, 96, 1, 0)) {
		if !strings.HasPrefix(g, "Ptmux;\x1b\x1b7") || strings.Contains(strings.ReplaceAll(g, "\x1b\x1b", ""), "\x1b") {
			t.Fatalf("%.60q", g)
		}
	}
}

// unsixel draws sixels, as a terminal would.
func unsixel(t *testing.T, s string, w, h int) *frame.Frame {
	t.Helper()
	f := frame.New(w, h+sixelRows)
	var colors [sixelColors][3]byte
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
			x, y = 0, y+sixelRows
			continue
		case '!':
			n, _ = strconv.Atoi(k[1 : len(k)-1])
		}
		for bits := k[len(k)-1] - '?'; n > 0; n, x = n-1, x+1 {
			for row := range sixelRows {
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
	g := unsixel(t, got[0], 128, 96)
	var sum float64
	for i, v := range f.Pix {
		d := float64(v) - float64(g.Pix[i])
		sum += d * d
	}
	if mean := sum / float64(len(f.Pix)); mean > 30 {
		t.Errorf("the mean squared error is %.1f", mean)
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
