package y4m

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"acip/capture/internal/fail"
	"acip/frame"
)

func TestHeader(t *testing.T) {
	ok := []struct {
		line  string
		size  frame.Size
		fps   float64
		bytes int
	}{
		{"YUV4MPEG2 W320 H240 F10:1 Ip A1:1 C420mpeg2", frame.Size{W: 320, H: 240}, 10, 115200},
		{"YUV4MPEG2 H3 W5", frame.Size{W: 5, H: 3}, 0, 15 + 12},
		{"YUV4MPEG2 W5 H3 F30000:1001 C422 XYSCSS=422", frame.Size{W: 5, H: 3}, 30000. / 1001, 15 + 18},
		{"YUV4MPEG2 W5 H3 F0:0 C444 A0:0 It", frame.Size{W: 5, H: 3}, 0, 45},
		{"YUV4MPEG2 W5 H3 C444alpha", frame.Size{W: 5, H: 3}, 0, 60},
		{"YUV4MPEG2 W5 H3 C420p10 XYSCSS=420P10", frame.Size{W: 5, H: 3}, 0, 30 + 24},
		{"YUV4MPEG2 W5 H3 Cmono16", frame.Size{W: 5, H: 3}, 0, 30},
		{"YUV4MPEG2 W5 H3 Cmono", frame.Size{W: 5, H: 3}, 0, 15},
		{"YUV4MPEG2 W5 H3 C411 Q?", frame.Size{W: 5, H: 3}, 0, 15 + 12},
		{"YUV4MPEG2 W720 H576 A128:117 C420paldv", frame.Size{W: 720, H: 527}, 0, 622080},
		{"YUV4MPEG2 W720 H480 A8:9 C420jpeg", frame.Size{W: 640, H: 480}, 0, 518400},
		{"YUV4MPEG2 W3 H4 F1000000:1", frame.Size{W: 3, H: 4}, 0, 20},
		{"YUV4MPEG2 W3 H4 F24000:1", frame.Size{W: 3, H: 4}, 0, 20},
		{"YUV4MPEG2 W3 H4 F0:0", frame.Size{W: 3, H: 4}, 0, 20},
		{"YUV4MPEG2 W3 H4 F99999999999999999999:1", frame.Size{W: 3, H: 4}, 0, 20},
		{"YUV4MPEG2 W4 H4 A1:30000", frame.Size{W: 4, H: 4}, 0, 24},
	}
	for _, c := range ok {
		h, err := parseHeader(c.line)
		if err != nil || h.square() != c.size || h.fps() != c.fps || h.bytes() != c.bytes {
			t.Errorf("%s: %v, %v, %g/s, %d bytes", c.line, err, h.square(), h.fps(), h.bytes())
		}
	}
	bad := map[string]fail.Kind{
		"":                                   fail.BadData,
		"YUV4MPEG W1 H1":                     fail.BadData,
		"YUV4MPEG2":                          fail.BadData,
		"YUV4MPEG2 W320":                     fail.BadData,
		"YUV4MPEG2 W-3 H4":                   fail.BadData,
		"YUV4MPEG2 W3 H0":                    fail.BadData,
		"YUV4MPEG2 Wx H4":                    fail.BadData,
		"YUV4MPEG2 W3 H4 F30":                fail.BadData,
		"YUV4MPEG2 W3 H4 F-1:1":              fail.BadData,
		"YUV4MPEG2 W99999999999999999999 H4": fail.BadData,
		"YUV4MPEG2 W100000 H100000":          fail.TooLarge,
		"YUV4MPEG2 W16384 H16384":            fail.TooLarge,
		"YUV4MPEG2 W4294967297 H1":           fail.TooLarge,
		"YUV4MPEG2 W3 H4 C420p11":            fail.Unsupported,
		"YUV4MPEG2 W3 H4 C444alphap10":       fail.Unsupported,
		"YUV4MPEG2 W3 H4 C\x1b[31m":          fail.Unsupported,
	}
	for line, kind := range bad {
		_, err := parseHeader(line)
		if err == nil || fail.KindOf(err) != kind {
			t.Errorf("%q: %v, want kind %v", line, err, kind)
			continue
		}
		if e := err.(*fail.Error); e.Hint == "" || strings.ContainsRune(e.Msg, 0x1b) {
			t.Errorf("%q: %q, hint %q", line, e.Msg, e.Hint)
		}
	}
}

func TestStreamsThatBreak(t *testing.T) {
	whole := clip(t, 2, frame.Size{W: 48, H: 36})
	head := bytes.IndexByte(whole, '\n') + 1
	one := head + len(frameLine) + 48*36*3
	cases := []struct {
		name   string
		stream []byte
		frames int
		kind   fail.Kind // of the error after them; Failed: io.EOF
	}{
		{"whole", whole, 2, fail.Failed},
		{"nothing", nil, 0, fail.BadData},
		{"half a header", whole[:5], 0, fail.BadData},
		{"header without end", whole[:head-1], 0, fail.BadData},
		{"header alone", whole[:head], 0, fail.BadData},
		{"half a FRAME", whole[:head+3], 0, fail.BadData},
		{"FRAME alone", whole[:head+6], 0, fail.BadData},
		{"half a picture", whole[:head+500], 0, fail.BadData},
		{"one picture", whole[:one], 1, fail.Failed},
		{"one and a half FRAME", whole[:one+2], 1, fail.BadData},
		{"one and a half", whole[:one+2000], 1, fail.BadData},
		{"a wrong size", append([]byte("YUV4MPEG2 W43 H36 C444\n"), whole[head:]...), 1, fail.BadData},
		{"endless header", bytes.Repeat([]byte("YUV4MPEG2 W1 "), 1000), 0, fail.BadData},
	}
	for _, c := range cases {
		for how, r := range map[string]io.Reader{
			"at once": bytes.NewReader(c.stream), "by bytes": iotest.OneByteReader(bytes.NewReader(c.stream)),
			"with EOF": iotest.DataErrReader(bytes.NewReader(c.stream)),
		} {
			frames, err := drain(r)
			if c.kind == fail.Failed && err != io.EOF || c.kind != fail.Failed && (fail.KindOf(err) != c.kind || errors.Is(err, io.EOF)) || frames != c.frames {
				t.Errorf("%s %s: %d pictures, then %v", c.name, how, frames, err)
			}
		}
	}
}

func drain(r io.Reader) (frames int, err error) {
	y, err := NewReader(r)
	if err != nil {
		return 0, err
	}
	var f frame.Frame
	for {
		if err = y.Read(&f, frame.Size{}); err != nil {
			return frames, err
		}
		frames++
	}
}

// A header that promises much takes no memory until the bytes come.
func TestMemoryIsTakenAsBytesCome(t *testing.T) {
	y, err := NewReader(io.MultiReader(strings.NewReader("YUV4MPEG2 W8192 H4320 C444\nFRAME\n"), strings.NewReader("xyz")))
	if err != nil {
		t.Fatal(err)
	}
	var f frame.Frame
	if err := y.Read(&f, frame.Size{}); fail.KindOf(err) != fail.BadData || cap(y.pix) > 2<<20 || cap(f.Pix) > 0 {
		t.Errorf("%v; %d bytes taken", err, cap(y.pix)+cap(f.Pix))
	}
}

// pixelOf is pixel x, y of a stream's picture, by BT.601 as the standard writes it.
func pixelOf(pix []byte, h *header, x, y int) [3]float64 {
	c, luma := h.chroma, h.size.W*h.size.H
	v := [3]float64{float64(pix[y*h.size.W+x]), 128, 128}
	if !c.grey {
		wide, high := (h.size.W+c.sx-1)/c.sx, (h.size.H+c.sy-1)/c.sy
		at := luma + y/c.sy*wide + x/c.sx
		v[1], v[2] = float64(pix[at]), float64(pix[at+wide*high])
	}
	v[1], v[2] = v[1]-128, v[2]-128
	if !h.full {
		v[0], v[1], v[2] = (v[0]-16)*255/219, v[1]*255/224, v[2]*255/224
	}
	r, b := v[0]+1.402*v[2], v[0]+1.772*v[1]
	g := (v[0] - .299*r - .114*b) / .587
	return [3]float64{min(max(r, 0), 255), min(max(g, 0), 255), min(max(b, 0), 255)}
}

// Each layout in each range against the conversion in real numbers.
func TestColours(t *testing.T) {
	const w, h = 12, 8
	for _, c := range chromas() {
		for _, full := range []bool{false, true} {
			line := fmt.Sprintf("YUV4MPEG2 W%d H%d C%s", w, h, c.tag)
			if full {
				line += " XCOLORRANGE=FULL"
			}
			head, err := parseHeader(line)
			if err != nil {
				t.Fatal(err)
			}
			pix := noise(head.bytes(), uint64(len(c.tag)))
			y, err := NewReader(io.MultiReader(strings.NewReader(line+"\nFRAME Ixyz\n"), bytes.NewReader(pix)))
			if err != nil {
				t.Fatal(err)
			}
			var f frame.Frame
			if err := y.Read(&f, frame.Size{}); err != nil {
				t.Fatal(line, err)
			}
			for i := range w * h {
				want := pixelOf(pix, &head, i%w, i/w)
				for k, v := range want {
					if d := float64(f.Pix[i*3+k]) - v; d > .51 || d < -1.01 {
						t.Fatalf("%s: pixel %d channel %d is %d, want %.2f", line, i, k, f.Pix[i*3+k], v)
					}
				}
			}
		}
	}
}

// Deep samples show what their upper bits show, rounded, at each depth and in each layout that ffmpeg writes.
func TestDeepSamples(t *testing.T) {
	const w, h = 12, 8
	for _, tag := range []string{"420", "422", "444", "mono"} {
		for _, depth := range []int{9, 10, 12, 14, 16} {
			line, deepLine := "YUV4MPEG2 W12 H8 C"+tag, fmt.Sprintf("YUV4MPEG2 W%d H%d C%sp%d", w, h, tag, depth)
			if tag == "mono" {
				deepLine = fmt.Sprintf("YUV4MPEG2 W%d H%d C%s%d", w, h, tag, depth)
			}
			head, err := parseHeader(line)
			if err != nil {
				t.Fatal(err)
			}
			pix := noise(head.bytes(), uint64(depth))
			pix[0], pix[1] = 255, 0
			var deep []byte
			for i, v := range pix {
				// from just above half a step below to just below half a step above, as far as there is room
				n := min(max(int(v)<<(depth-8)+(i%3-1)*(1<<(depth-9)-1), 0), 1<<depth-1)
				deep = binary.LittleEndian.AppendUint16(deep, uint16(n))
			}
			var want, got frame.Frame
			for _, c := range []struct {
				line string
				pix  []byte
				into *frame.Frame
			}{{line, pix, &want}, {deepLine, deep, &got}} {
				y, err := NewReader(io.MultiReader(strings.NewReader(c.line+"\nFRAME\n"), bytes.NewReader(c.pix)))
				if err != nil {
					t.Fatal(err)
				}
				if err := y.Read(c.into, frame.Size{}); err != nil {
					t.Fatal(c.line, err)
				}
			}
			if !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("%s: not the picture of 8 bits", deepLine)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	src := frame.New(64, 48)
	copy(src.Pix, noise(len(src.Pix), 5))
	for i, c := range [][3]byte{{}, {255, 255, 255}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {128, 128, 128}} {
		copy(src.Pix[i*3:], c[:])
	}
	var b bytes.Buffer
	w := NewWriter(&b, src.Size(), 29.97)
	if err := w.WriteFrame(src); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteFrame(frame.New(3, 3)); fail.KindOf(err) != fail.Usage {
		t.Errorf("another size: %v", err)
	}
	if !strings.HasPrefix(b.String(), "YUV4MPEG2 W64 H48 F30000:1001 Ip A1:1 C444 XCOLORRANGE=LIMITED\nFRAME\n") {
		t.Errorf("header %q", strings.SplitN(b.String(), "\n", 2)[0])
	}
	y, err := NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	var f frame.Frame
	if err := y.Read(&f, frame.Size{}); err != nil {
		t.Fatal(err)
	}
	if worst := farthest(f.Pix, src.Pix); worst > 3 {
		t.Errorf("up to %d lost", worst)
	}
}

func TestRates(t *testing.T) {
	for fps, want := range map[float64][2]int{30: {30, 1}, 29.97: {30000, 1001}, 12.5: {12500, 1000}, 0: {30, 1}, 23.976: {24000, 1001}} {
		if num, den := rational(fps); num != want[0] || den != want[1] {
			t.Errorf("%g is %d:%d", fps, num, den)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(clip(f, 2, frame.Size{W: 20, H: 15}))
	for _, c := range chromas() {
		f.Add([]byte("YUV4MPEG2 W6 H5 F25:1 Ip A10:11 C" + c.tag + " XCOLORRANGE=FULL\nFRAME\n" + strings.Repeat("\x40\xff", 100)))
	}
	f.Add([]byte("YUV4MPEG2 W16384 H2000 C444\nFRAME\nabc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		y, err := NewReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out frame.Frame
		for range 4 {
			if err := y.Read(&out, frame.Size{W: 9, H: 9}); err != nil {
				return
			}
			if out.Width > 9 || out.Height > 9 || len(out.Pix) != out.Width*out.Height*3 {
				t.Fatalf("%dx%d, %d bytes", out.Width, out.Height, len(out.Pix))
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	f := noiseFrame(1, frame.Size{W: 640, H: 480})
	w := NewWriter(io.Discard, f.Size(), 30)
	b.ReportAllocs()
	for b.Loop() {
		_ = w.WriteFrame(f)
	}
}

// noise returns n random bytes.
func noise(n int, seed uint64) []byte {
	pix := make([]byte, n)
	random := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = random.Read(pix) // it never fails
	return pix
}

// noiseFrame returns a picture of random pixels.
func noiseFrame(n uint64, size frame.Size) *frame.Frame {
	f := frame.New(size.W, size.H)
	copy(f.Pix, noise(len(f.Pix), n))
	return f
}

// clip returns a stream of n pictures of noise.
func clip(t testing.TB, n int, size frame.Size) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, size, 30)
	for i := range n {
		if err := w.WriteFrame(noiseFrame(uint64(i), size)); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// farthest returns the largest difference between two bytes.
func farthest(a, b []byte) (worst int) {
	for i := range a {
		worst = max(worst, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return worst
}
