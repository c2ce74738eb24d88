package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"acip/capture/internal/format"
	"acip/capture/internal/imagefile"
	"acip/frame"
)

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openFast(t testing.TB, name string, data []byte) (Source, error) {
	t.Helper()
	return Open(context.Background(), "file:"+write(t, name, data), Options{Fast: true})
}

// letterF has no symmetry: 4 columns, 6 rows, white on black.
func letterF() *image.Gray {
	m := image.NewGray(image.Rect(0, 0, 4*16, 6*16))
	for y, row := range []string{"####", "#...", "###.", "#...", "#...", "#..."} {
		for x, c := range row {
			for i := range 256 {
				if c == '#' {
					m.SetGray(x*16+i%16, y*16+i/16, color.Gray{255})
				}
			}
		}
	}
	return m
}

// look is the picture as letterF's rows, from the middles of its 16 by 16 blocks.
func look(f *frame.Frame) (rows []string) {
	for y := 8; y < f.Height; y += 16 {
		row := ""
		for x := 8; x < f.Width; x += 16 {
			if f.Row(y)[x*3] > 128 {
				row += "#"
			} else {
				row += "."
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// exifJPEG is m stored as orientation says it must be turned to stand upright.
func exifJPEG(t testing.TB, m image.Image, orientation uint16, order binary.AppendByteOrder) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	mark := "MM"
	if order == binary.LittleEndian {
		mark = "II"
	}
	tiff := append([]byte("Exif\x00\x00"), mark...)
	tiff = order.AppendUint16(tiff, 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(tiff)+2))...)
	return append(append(out, tiff...), b.Bytes()[2:]...)
}

// The eight orientations as the standard draws them: where the stored first row and first column are to be seen.
func TestStillsStandUpright(t *testing.T) {
	stored := [9][]string{
		1: {"####", "#...", "###.", "#...", "#...", "#..."},
		2: {"####", "...#", ".###", "...#", "...#", "...#"},
		3: {"...#", "...#", "...#", ".###", "...#", "####"},
		4: {"#...", "#...", "#...", "###.", "#...", "####"},
		5: {"######", "#.#...", "#.#...", "#....."},
		6: {"#.....", "#.#...", "#.#...", "######"},
		7: {".....#", "...#.#", "...#.#", "######"},
		8: {"######", "...#.#", "...#.#", ".....#"},
	}
	for n := uint16(1); n <= 8; n++ {
		m := image.NewGray(image.Rect(0, 0, len(stored[n][0])*16, len(stored[n])*16))
		for i := range m.Pix {
			if stored[n][i/m.Stride/16][i%m.Stride/16] == '#' {
				m.Pix[i] = 255
			}
		}
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			s, err := openFast(t, "f.jpg", exifJPEG(t, m, n, order))
			if err != nil {
				t.Fatal(err)
			}
			var f frame.Frame
			if err := s.Read(context.Background(), &f, frame.Size{}); err != nil {
				t.Fatal(err)
			}
			if !same(look(&f), stored[1]) {
				t.Errorf("orientation %d: %q", n, look(&f))
			}
			s.Close()
		}
	}
}

func TestTurning(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, letterF()); err != nil {
		t.Fatal(err)
	}
	path := write(t, "f.png", b.Bytes())
	cases := []struct {
		rotate string
		flip   string
		want   []string
	}{
		{"0", "none", []string{"####", "#...", "###.", "#...", "#...", "#..."}},
		{"90", "", []string{"######", "...#.#", "...#.#", ".....#"}},
		{"180", "", []string{"...#", "...#", "...#", ".###", "...#", "####"}},
		{"270", "", []string{"#.....", "#.#...", "#.#...", "######"}},
		{"0", "horizontal", []string{"####", "...#", ".###", "...#", "...#", "...#"}},
		{"0", "vertical", []string{"#...", "#...", "#...", "###.", "#...", "####"}},
		{"180", "both", []string{"####", "#...", "###.", "#...", "#...", "#..."}},
		{"90", "horizontal", []string{"######", "#.#...", "#.#...", "#....."}},
	}
	for _, c := range cases {
		turn, err := ParseRotation(c.rotate)
		if err != nil {
			t.Fatal(err)
		}
		flip, err := ParseFlip(c.flip)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(context.Background(), "file:"+path, Options{Fast: true, Loop: true, Rotate: turn, Flip: flip})
		if err != nil {
			t.Fatal(err)
		}
		var f frame.Frame
		if err := s.Read(context.Background(), &f, frame.Size{}); err != nil || f.Size() != s.Info().Size || !same(look(&f), c.want) {
			t.Errorf("%s %s: %v, %v, %q", c.rotate, c.flip, err, f.Size(), look(&f))
		}
		if err := s.Read(context.Background(), &f, frame.Size{W: 40, H: 30}); err != nil || f.Width > 40 || f.Height > 30 {
			t.Errorf("%s %s: %v in a box of 40x30", c.rotate, c.flip, f.Size())
		}
		s.Close()
	}
	if _, err := ParseRotation("45"); err == nil {
		t.Error("a rotation by 45 is taken")
	}
	if _, err := ParseFlip("x"); err == nil {
		t.Error("a flip called x is taken")
	}
}

// pngOf is a PNG that claims a size and has next to no data.
func pngOf(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	body := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	body = append(body, 8, 2, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, 13)
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
}

func TestBadFiles(t *testing.T) {
	var good bytes.Buffer
	if err := png.Encode(&good, letterF()); err != nil {
		t.Fatal(err)
	}
	bomb := []byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff\x2c\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02\x4c\x01\x00\x3b")
	cases := []struct {
		name string
		data []byte
		kind Kind
	}{
		{"empty.png", nil, BadData},
		{"bomb.png", pngOf(60000, 60000), TooLarge},
		{"short.png", good.Bytes()[:60], BadData},
		{"short.jpg", exifJPEG(t, letterF(), 1, binary.BigEndian)[:200], BadData},
		{"bomb.gif", bomb, TooLarge},
		{"head.gif", []byte("GIF89a"), BadData},
		{"none.gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00\x3b"), BadData},
		{"bomb.y4m", []byte("YUV4MPEG2 W99999 H99999\nFRAME\n"), TooLarge},
	}
	for _, c := range cases {
		s, err := openFast(t, c.name, c.data)
		if err == nil {
			s.Close()
		}
		if KindOf(err) != c.kind || err.(*Error).Hint == "" {
			t.Errorf("%s: %v (%v)", c.name, err, KindOf(err))
		}
	}
	for spec, kind := range map[string]Kind{"file:/there/is/none.y4m": Missing, "file:" + t.TempDir(): Usage, "file:": Usage, "nonsense": Usage, "pattern:3": Usage} {
		if _, err := Open(context.Background(), spec, Options{}); KindOf(err) != kind {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func TestStillOnce(t *testing.T) {
	s, err := openFast(t, "f.jpg", exifJPEG(t, letterF(), 1, binary.BigEndian))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f frame.Frame
	if err := s.Read(context.Background(), &f, frame.Size{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(context.Background(), &f, frame.Size{}); err != io.EOF {
		t.Errorf("then %v", err)
	}
}

func TestStillRepeats(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, letterF()); err != nil {
		t.Fatal(err)
	}
	path := write(t, "f.png", b.Bytes())
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(context.Background(), "file:"+path, Options{FPS: 10})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		start := time.Now()
		var f frame.Frame
		for i := range uint64(11) {
			if err := s.Read(context.Background(), &f, frame.Size{W: 32, H: 32}); err != nil || f.Seq != i {
				t.Fatal(err, f.Seq)
			}
		}
		if d := time.Since(start); d != time.Second || !s.Info().Still || f.Size() != (frame.Size{W: 21, H: 32}) {
			t.Errorf("%v, %+v, %v", d, s.Info(), f.Size())
		}
	})
}

// threeGIF has a red canvas of 4x4, a green dot that goes away, then a blue one that is put back to what was before.
func threeGIF(t testing.TB) []byte {
	t.Helper()
	p := color.Palette{color.RGBA{}, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 255, 0, 255}, color.RGBA{0, 0, 255, 255}}
	area := func(r image.Rectangle, c uint8) *image.Paletted {
		m := image.NewPaletted(r, p)
		for i := range m.Pix {
			m.Pix[i] = c
		}
		return m
	}
	g := &gif.GIF{
		Image: []*image.Paletted{
			area(image.Rect(0, 0, 4, 4), 1), area(image.Rect(0, 0, 2, 2), 2), area(image.Rect(2, 2, 4, 4), 3), area(image.Rect(3, 0, 4, 1), 0),
		},
		Delay:    []int{50, 0, 20, 30},
		Disposal: []byte{gif.DisposalNone, gif.DisposalBackground, gif.DisposalPrevious, gif.DisposalNone},
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// colours is the picture's corners as letters.
func colours(f *frame.Frame) string {
	name := map[[3]byte]string{{255, 0, 0}: "r", {0, 255, 0}: "g", {0, 0, 255}: "b", {}: "."}
	out := ""
	for y := range f.Height {
		for x := range f.Width {
			out += name[[3]byte(f.Row(y)[x*3:])]
		}
		out += " "
	}
	return out
}

func TestGIF(t *testing.T) {
	path := write(t, "three.gif", threeGIF(t))
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(context.Background(), "file:"+path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		start := time.Now()
		want := []struct {
			at  time.Duration
			pix string
		}{
			{0, "rrrr rrrr rrrr rrrr "},
			{500 * time.Millisecond, "ggrr ggrr rrrr rrrr "},
			{600 * time.Millisecond, "..rr ..rr rrbb rrbb "},
			{800 * time.Millisecond, "..rr ..rr rrrr rrrr "},
		}
		var f frame.Frame
		for i, w := range want {
			if err := s.Read(context.Background(), &f, frame.Size{}); err != nil {
				t.Fatal(err)
			}
			if at := time.Since(start); at != w.at || colours(&f) != w.pix || f.Seq != uint64(i) {
				t.Errorf("picture %d at %v: %s; want %v: %s", i, at, colours(&f), w.at, w.pix)
			}
		}
		if err := s.Read(context.Background(), &f, frame.Size{}); err != io.EOF || time.Since(start) != 1100*time.Millisecond {
			t.Errorf("at %v: %v", time.Since(start), err)
		}
	})
}

func TestGIFLoops(t *testing.T) {
	s, err := Open(context.Background(), "file:"+write(t, "three.gif", threeGIF(t)), Options{Fast: true, Loop: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f frame.Frame
	for i := range 9 {
		if err := s.Read(context.Background(), &f, frame.Size{}); err != nil {
			t.Fatal(err)
		}
		if i%4 == 0 && colours(&f) != "rrrr rrrr rrrr rrrr " {
			t.Errorf("picture %d: %s", i, colours(&f))
		}
	}
}

func FuzzGIF(f *testing.F) {
	f.Add(threeGIF(f))
	f.Add([]byte("GIF89a\x02\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x0d\x01\x00\x00\x00\x2c\x01\x00\x01\x00\x01\x00\x01\x00\x00\x02\x02\x4c\x01\x00\x3b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 10 && int(binary.LittleEndian.Uint16(b[6:]))*int(binary.LittleEndian.Uint16(b[8:])) > 1<<20 {
			return // slow, and limited elsewhere
		}
		film, err := imagefile.ParseGIF(b)
		if err != nil || film.Size.W*film.Size.H > 1<<20 {
			return
		}
		s, err := newAnimation(film, "x", Options{Fast: true})
		if err != nil {
			return
		}
		defer s.Close()
		var out frame.Frame
		for range 3 {
			if err := s.Read(context.Background(), &out, frame.Size{W: 8, H: 8}); err != nil {
				return
			}
		}
	})
}

func FuzzEXIF(f *testing.F) {
	f.Add(exifJPEG(f, letterF(), 6, binary.BigEndian)[:60])
	f.Add(exifJPEG(f, letterF(), 6, binary.LittleEndian)[:60])
	f.Fuzz(func(t *testing.T, b []byte) { _ = imagefile.Orientation(b, format.JPEG) })
}
