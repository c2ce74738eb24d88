package vt

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
)

// Image is a picture that the terminal was sent by kitty's graphics protocol, in RGB24.
type Image struct {
	W, H int
	Pix  []byte
	data strings.Builder // what has come of it, in base64
}

// Place is a part of an image, X, Y, W, H in its pixels, shown at some cells, above the text.
type Place struct {
	Image                *Image
	X, Y, W, H           int
	Col, Row, Cols, Rows int
	number, placement    int
}

// kitty is the state of the protocol; what lies above comes later in places.
type kitty struct {
	images  map[int]*Image
	places  []Place
	pending *Image // more of it is to come
}

// Images is how many images the terminal keeps.
func (t *Terminal) Images() int { return len(t.kitty.images) }

// Over is the part of an image that is shown over a cell.
func (t *Terminal) Over(x, y int) (p Place, ok bool) {
	for _, p := range t.kitty.places {
		if x >= p.Col && x < p.Col+p.Cols && y >= p.Row && y < p.Row+p.Rows {
			return p, true
		}
	}
	return p, false
}

// apc takes a kitty graphics command. Another program command is not known.
func (t *Terminal) apc(s string) {
	control, data, _ := strings.Cut(s, ";")
	if !strings.HasPrefix(control, "G") {
		t.fail("unknown APC %.20q", s)
		return
	}
	f := map[string]string{}
	for pair := range strings.SplitSeq(control[1:], ",") {
		key, value, _ := strings.Cut(pair, "=")
		f[key] = value
	}
	n := func(key string) int { v, _ := strconv.Atoi(f[key]); return v }
	switch {
	case t.kitty.pending != nil && f["a"] != "":
		t.fail("a picture breaks off: %.40q", s)
	case t.kitty.pending != nil:
		t.more(t.kitty.pending, n("m") == 1, data)
	case f["a"] == "t", f["a"] == "T": // T shows it at once, whole
		t.kitty.remove(n("i"), 0)
		i := &Image{W: n("s"), H: n("v")}
		t.kitty.images[n("i")] = i
		if f["a"] == "T" {
			f["w"], f["h"] = f["s"], f["v"]
			t.place(f, n)
		}
		t.more(i, n("m") == 1, data)
	case f["a"] == "p":
		t.place(f, n)
	case f["a"] == "d" && f["d"] == "I":
		t.kitty.remove(n("i"), 0)
		delete(t.kitty.images, n("i"))
	case f["a"] == "d" && f["d"] == "i":
		t.kitty.remove(n("i"), n("p"))
	default:
		t.fail("unknown graphics %.40q", s)
	}
}

// more takes a piece of an image's data.
func (t *Terminal) more(i *Image, goesOn bool, data string) {
	i.data.WriteString(data)
	if t.kitty.pending = i; goesOn {
		return
	}
	t.kitty.pending = nil
	packed, err := base64.StdEncoding.DecodeString(i.data.String())
	if err != nil {
		t.fail("graphics: %v", err)
		return
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.fail("graphics: %v", err)
		return
	}
	if i.Pix, err = io.ReadAll(z); err != nil || len(i.Pix) != i.W*i.H*3 {
		t.fail("graphics: %d bytes for %dx%d pixels, %v", len(i.Pix), i.W, i.H, err)
	}
}

// place shows a part of an image at the cursor.
func (t *Terminal) place(f map[string]string, n func(string) int) {
	i := t.kitty.images[n("i")]
	if i == nil {
		t.fail("image %s is shown and was not sent", f["i"])
		return
	}
	p := Place{
		Image: i, X: n("x"), Y: n("y"), W: n("w"), H: n("h"), Col: t.x, Row: t.y, Cols: n("c"), Rows: n("r"),
		number: n("i"), placement: n("p"),
	}
	if p.W <= 0 || p.H <= 0 || p.X+p.W > i.W || p.Y+p.H > i.H || p.Col+p.Cols > t.cols || p.Row+p.Rows > t.rows || f["C"] != "1" {
		t.fail("placement %v is not inside", f)
		return
	}
	t.kitty.remove(p.number, p.placement)
	t.kitty.places = append([]Place{p}, t.kitty.places...)
}

// remove takes away a placement of an image, or all for 0.
func (k *kitty) remove(image, placement int) {
	var left []Place
	for _, p := range k.places {
		if p.number != image || placement != 0 && p.placement != placement {
			left = append(left, p)
		}
	}
	k.places = left
}
