package codec

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"acip/frame"
	"acip/media"
)

// scene is a synthetic picture, like a camera's: soft shading, a disc with an edge that moves with i, a little colour.
func scene(w, h, i int) *frame.Frame {
	f := frame.New(w, h)
	cx, cy := float64(w)/2+float64(i)*float64(w)/200, float64(h)/2
	for y := range h {
		for x := range w {
			v := 90 + 60*math.Sin(float64(x)/float64(w)*3)*math.Cos(float64(y)/float64(h)*2)
			o := f.Pix[(y*w+x)*3:]
			o[0], o[1], o[2] = byte(v), byte(v*0.8+20), byte(140-v/3)
			if math.Hypot(float64(x)-cx, float64(y)-cy) < float64(min(w, h))/4 {
				o[0], o[1], o[2] = 200, 160, 130
			}
		}
	}
	return f
}

// psnr of two pictures of a size, over all RGB samples, in dB.
func psnr(a, b []byte) float64 {
	s := squares(a, b)
	if s == 0 {
		return 99
	}
	return 10 * math.Log10(255*255/s)
}

// squares is the mean squared difference.
func squares(a, b []byte) float64 {
	s := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		s += d * d
	}
	return float64(s) / float64(len(a))
}

func sizes() []frame.Size {
	return []frame.Size{{W: 1, H: 1}, {W: 1, H: 2}, {W: 2, H: 1}, {W: 3, H: 5}, {W: 15, H: 17}, {W: 16, H: 16}, {W: 33, H: 31},
		{W: 80, H: 48}, {W: 160, H: 90}, {W: 161, H: 91}, {W: 1, H: 300}, {W: 300, H: 1}, {W: 640, H: 480}, {W: 1920, H: 1080}}
}

func TestRoundTripAtEverySize(t *testing.T) {
	floor := map[media.Codec]float64{media.Raw: 99, media.JPEG: 29, media.VP8: 29}
	for _, id := range Available() {
		e, d := open(t, id, Options{})
		var got frame.Frame
		for _, size := range sizes() {
			f := scene(size.W, size.H, 0)
			data, info, err := e.Encode(nil, f, false)
			if err != nil {
				t.Fatalf("%v %v: encode: %v", id, size, err)
			}
			if !info.Has(media.Key) {
				t.Errorf("%v %v: the first picture of a size is no key", id, size)
			}
			if err := d.Decode(&got, data, size); err != nil {
				t.Fatalf("%v %v: decode: %v", id, size, err)
			}
			if p := psnr(f.Pix, got.Pix); p < floor[id] && size.W*size.H >= 256 {
				t.Errorf("%v %v: %.1f dB, want %.0f", id, size, p, floor[id])
			}
		}
	}
}

// open makes both ends of a coding, closed with the test.
func open(t testing.TB, id media.Codec, o Options) (Encoder, Decoder) {
	t.Helper()
	e, err := NewEncoder(id, o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDecoder(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(); d.Close() })
	return e, d
}

func TestEncodeAppends(t *testing.T) {
	for _, id := range Available() {
		e, _ := open(t, id, Options{})
		head := []byte("twenty bytes of head")
		out, _, err := e.Encode(head, scene(32, 24, 0), true)
		if err != nil || !bytes.HasPrefix(out, head) || len(out) == len(head) {
			t.Errorf("%v: %d bytes, %v; the head is kept: %v", id, len(out), err, bytes.HasPrefix(out, head))
		}
	}
}

func TestCloseTwiceThenUse(t *testing.T) {
	for _, id := range Available() {
		e, d := open(t, id, Options{})
		f := scene(16, 16, 0)
		data, _, _ := e.Encode(nil, f, false)
		for range 2 {
			if e.Close() != nil || d.Close() != nil {
				t.Errorf("%v: closing fails", id)
			}
		}
		if _, _, err := e.Encode(nil, f, false); !errors.Is(err, ErrClosed) {
			t.Errorf("%v: encode after close: %v", id, err)
		}
		if err := d.Decode(f, data, f.Size()); !errors.Is(err, ErrClosed) {
			t.Errorf("%v: decode after close: %v", id, err)
		}
	}
}

func TestEncodeRefusesFramesThatLie(t *testing.T) {
	for _, id := range Available() {
		e, _ := open(t, id, Options{})
		for _, f := range []*frame.Frame{{}, {Width: 8, Height: 8, Pix: make([]byte, 8*8*3-1)}, {Width: media.MaxSide + 1, Height: 1, Pix: make([]byte, 3*media.MaxSide+3)}, {Width: -1, Height: 4}} {
			if _, _, err := e.Encode(nil, f, false); !errors.Is(err, ErrSize) {
				t.Errorf("%v %dx%d: %v", id, f.Width, f.Height, err)
			}
		}
	}
}

func TestDecodeRefusesAnotherSizeBeforeAllocating(t *testing.T) {
	for _, id := range Available() {
		e, d := open(t, id, Options{})
		bomb, _, err := e.Encode(nil, scene(1920, 1080, 0), false)
		if err != nil {
			t.Fatal(err)
		}
		var dst frame.Frame
		for _, want := range []frame.Size{{W: 16, H: 16}, {W: 1080, H: 1920}, {W: 0, H: 0}, {W: 5000, H: 1}} {
			if id == media.Raw && want.W == 1080 {
				continue // the same number of bytes: raw pictures can't know
			}
			n := allocated(func() { err = d.Decode(&dst, bomb, want) })
			if !errors.Is(err, ErrSize) {
				t.Errorf("%v as %v: %v", id, want, err)
			}
			if n > 1<<16 {
				t.Errorf("%v as %v: %d bytes allocated for a refusal", id, want, n)
			}
		}
	}
}

// allocated is how many bytes of Go memory f allocates.
func allocated(f func()) uint64 {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	f()
	runtime.ReadMemStats(&b)
	return b.TotalAlloc - a.TotalAlloc
}

func TestTruncatedAndGarbageAreErrorsOrPictures(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	size := frame.Size{W: 40, H: 30}
	for _, id := range Available() {
		e, d := open(t, id, Options{})
		whole, _, _ := e.Encode(nil, scene(size.W, size.H, 0), true)
		var dst frame.Frame
		for n := range min(len(whole), 2000) {
			checkDecode(t, d, &dst, whole[:n], size)
		}
		for range 2000 {
			b := bytes.Clone(whole)
			for range 1 + r.IntN(8) {
				b[r.IntN(len(b))] = byte(r.Uint32())
			}
			checkDecode(t, d, &dst, b, size)
		}
		if err := d.Decode(&dst, whole, size); err != nil {
			t.Errorf("%v: a good key after all that: %v", id, err)
		}
	}
}

// checkDecode asserts that a decoder yields either an error of ours or a picture of the declared size.
func checkDecode(t *testing.T, d Decoder, dst *frame.Frame, data []byte, size frame.Size) {
	t.Helper()
	err := d.Decode(dst, data, size)
	switch {
	case err == nil && dst.Size() != size:
		t.Fatalf("%d bytes yield %v, declared %v", len(data), dst.Size(), size)
	case err != nil && !errors.Is(err, ErrData) && !errors.Is(err, ErrSize) && !errors.Is(err, ErrNoKey):
		t.Fatalf("%d bytes: %v", len(data), err)
	}
}

func TestNames(t *testing.T) {
	for id, want := range map[media.Codec]string{media.Raw: "raw", media.JPEG: "jpeg", media.VP8: "vp8", 9: "codec(9)"} {
		if got := id.String(); got != want {
			t.Errorf("%d is %q, want %q", id, got, want)
		}
	}
	if _, err := NewEncoder(9, Options{}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if _, err := NewDecoder(9); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestEveryKnownCodingIsAvailableOrSaysWhyNot(t *testing.T) {
	for _, id := range []media.Codec{media.Raw, media.JPEG, media.VP8} {
		_, err := NewEncoder(id, Options{})
		why, missing := Missing()[id]
		if missing != errors.Is(err, ErrMissing) || missing == (why == "") {
			t.Errorf("%v: missing %v %q, encoder %v", id, missing, why, err)
		}
	}
}

func TestJPEGIsReadByTheStandardLibrary(t *testing.T) {
	for _, size := range sizes() {
		f := scene(size.W, size.H, 0)
		e := newJPEGEncoder(Options{})
		data, _, err := e.Encode(nil, f, false)
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil || img.Bounds() != image.Rect(0, 0, size.W, size.H) {
			t.Errorf("%v: %v", size, err)
		}
	}
}

func TestJPEGReadsOtherSubsamplings(t *testing.T) {
	f := scene(45, 31, 0)
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411} {
		img := image.NewYCbCr(image.Rect(0, 0, 45, 31), ratio)
		for i := range img.Y {
			img.Y[i] = byte(i)
		}
		var got frame.Frame
		if err := (&jpegDecoder{}).convert(resized(&got, f.Size()), img); err != nil {
			t.Errorf("%v: %v", ratio, err)
		}
		r, _, _, _ := img.At(3, 2).RGBA()
		if got.Row(2)[9] != byte(r>>8) {
			t.Errorf("%v: %d, want %d", ratio, got.Row(2)[9], r>>8)
		}
	}
}

func resized(f *frame.Frame, s frame.Size) *frame.Frame {
	f.Resize(s.W, s.H)
	return f
}

func TestJPEGGreyAndForeign(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 20, 10))
	for i := range img.Pix {
		img.Pix[i] = 77
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	var got frame.Frame
	d := &jpegDecoder{}
	if err := d.Decode(&got, b.Bytes(), frame.Size{W: 20, H: 10}); err != nil || got.Pix[100] != 77 {
		t.Errorf("grey: %v", err)
	}
}

func TestJPEGRefusesProgressive(t *testing.T) {
	head := []byte{0xFF, 0xD8, 0xFF, 0xC2, 0, 17, 8, 0, 10, 0, 20, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1}
	if err := (&jpegDecoder{}).Decode(&frame.Frame{}, head, frame.Size{W: 20, H: 10}); !errors.Is(err, ErrData) {
		t.Error(err)
	}
}

func TestJPEGKeepsToItsCeiling(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	e := newJPEGEncoder(Options{KBPS: 300, FPS: 30})
	total := 0
	for i := range 60 {
		f := scene(160, 90, i)
		for j := range f.Pix {
			f.Pix[j] += byte(r.IntN(24))
		}
		data, _, err := e.Encode(nil, f, false)
		if err != nil {
			t.Fatal(err)
		}
		if i >= 30 {
			total += len(data)
		}
	}
	if kbps := float64(total) * 8 / 1000; kbps > 310 || kbps < 200 {
		t.Errorf("%.0f kbit/s at a ceiling of 300", kbps)
	}
}

func TestHuffmanLimitsCodesTo16Bits(t *testing.T) {
	var h huffman
	h.reset()
	a, b := 1, 1
	for i := range 40 { // Fibonacci counts make the longest codes there are
		h.count[i] = a
		a, b = b, a+b
	}
	h.build()
	space := 0
	for i := range 40 {
		if h.size[i] < 1 || h.size[i] > 16 {
			t.Fatalf("symbol %d has %d bits", i, h.size[i])
		}
		space += 1 << (16 - h.size[i])
	}
	if space >= 1<<16 {
		t.Error("the code has no room for the reserved symbol")
	}
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	f := scene(160, 90, 0)
	for _, id := range Available() {
		e, d := open(t, id, Options{})
		buf := make([]byte, 0, 1<<20)
		data, _, _ := e.Encode(nil, f, true)
		var got frame.Frame
		if n := testing.AllocsPerRun(50, func() { _, _, _ = e.Encode(buf, f, false) }); n != 0 {
			t.Errorf("%v: %v allocations to encode", id, n)
		}
		if n := testing.AllocsPerRun(50, func() { _ = d.Decode(&got, data, f.Size()) }); n != 0 && id != media.JPEG {
			t.Errorf("%v: %v allocations to decode", id, n)
		}
	}
}

func BenchmarkCodec(b *testing.B) {
	for _, id := range Available() {
		for _, s := range []frame.Size{{W: 80, H: 48}, {W: 160, H: 90}, {W: 320, H: 240}, {W: 640, H: 480}} {
			e, d := open(b, id, Options{})
			var clip []*frame.Frame
			for i := range 30 {
				clip = append(clip, scene(s.W, s.H, i))
			}
			buf := make([]byte, 0, 1<<20)
			b.Run(fmt.Sprintf("%v/encode/%dx%d", id, s.W, s.H), func(b *testing.B) {
				b.ReportAllocs()
				bytes := 0
				for i := range b.N {
					out, _, _ := e.Encode(buf, clip[i%30], false)
					bytes += len(out)
				}
				b.ReportMetric(float64(bytes)/float64(b.N), "bytes/frame")
			})
			data, _, _ := e.Encode(nil, clip[0], true)
			var got frame.Frame
			b.Run(fmt.Sprintf("%v/decode/%dx%d", id, s.W, s.H), func(b *testing.B) {
				b.ReportAllocs()
				for range b.N {
					_ = d.Decode(&got, data, s)
				}
			})
		}
	}
}

// TestShareMakesPicturesCoarser: half the share is about half the bytes, without a keyframe, and all of it gives what was before.
func TestShareMakesPicturesCoarser(t *testing.T) {
	for _, id := range Available() {
		e, d := open(t, id, Options{})
		var got frame.Frame
		i := 0
		run := func() (bytes int) {
			for n := range 60 {
				f := gravel(160, 90, i*2)
				for p := range f.Pix { // what can't be foretold
					f.Pix[p] += byte(i * 2654435761 * (p + 1) >> 24 & 7)
				}
				data, info, err := e.Encode(nil, f, false)
				if err != nil {
					t.Fatal(err)
				}
				if info.Has(media.Key) && id == media.VP8 && i > 0 {
					t.Errorf("%v: a key at picture %d", id, i)
				}
				if err := d.Decode(&got, data, f.Size()); err != nil {
					t.Fatal(err)
				}
				if i++; n >= 20 {
					bytes += len(data)
				}
			}
			return bytes
		}
		whole := run()
		e.SetShare(0.5)
		half := run()
		e.SetShare(1)
		again := run()
		if id == media.Raw {
			continue
		}
		if half*10 > whole*7 || half*10 < whole*2 || again*10 < whole*8 {
			t.Errorf("%v: %d bytes, at half the share %d, then %d", id, whole, half, again)
		}
	}
}

// TestJPEGMeetsItsCeilingAtOnce: no picture of noise, the first at a size among them, takes much more than its share of a
// link whose speed is known.
func TestJPEGMeetsItsCeilingAtOnce(t *testing.T) {
	e, _ := open(t, media.JPEG, Options{KBPS: 900, FPS: 30})
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []frame.Size{{W: 160, H: 90}, {W: 320, H: 240}} {
		f := frame.New(size.W, size.H)
		for i := range f.Pix {
			f.Pix[i] = byte(96 + r.IntN(64))
		}
		data, _, err := e.Encode(nil, f, false)
		if share := 900_000 / 30 / 8; err != nil || len(data) > share*5/4 {
			t.Errorf("%v: %d bytes, %d are its share, %v", size, len(data), share, err)
		}
	}
}
