package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"acip/capture/internal/rgb"
	"acip/capture/internal/testcard"
	"acip/capture/internal/y4m"
	"acip/frame"
)

func drawPattern(n uint64, size frame.Size) *frame.Frame {
	var p testcard.Painter
	f := &frame.Frame{}
	p.Draw(f, size, n, 30)
	return f
}

func scaled(src *frame.Frame, to frame.Size) *frame.Frame {
	var s frame.Scaler
	dst := frame.New(to.W, to.H)
	s.Scale(dst, frame.Rect{W: to.W, H: to.H}, src, frame.Rect{W: src.Width, H: src.Height})
	return dst
}

func throughJPEG(t testing.TB, f *frame.Frame, quality int) *frame.Frame {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, f.Width, f.Height))
	for i := range f.Width * f.Height {
		copy(m.Pix[i*4:], f.Pix[i*3:i*3+3])
		m.Pix[i*4+3] = 255
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	back, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	out := &frame.Frame{}
	rgb.FromImage(out, back)
	return out
}

func wantNumber(t testing.TB, f *frame.Frame, n uint32) {
	t.Helper()
	if got, ok := PatternNumber(f); !ok || got != n {
		t.Fatalf("%dx%d: number %d, %v; want %d", f.Width, f.Height, got, ok, n)
	}
}

func TestPatternNumberSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint32().Draw(t, "n")
		made := frame.Size{W: rapid.IntRange(48, 700).Draw(t, "w"), H: rapid.IntRange(36, 500).Draw(t, "h")}
		f := drawPattern(uint64(n), made)
		if got, ok := PatternNumber(f); !ok || got != n {
			t.Fatalf("as drawn: %d %v, want %d", got, ok, n)
		}
		to := frame.Size{W: rapid.IntRange(36, made.W).Draw(t, "to w"), H: rapid.IntRange(28, made.H).Draw(t, "to h")}
		if got, ok := PatternNumber(scaled(f, to)); !ok || got != n {
			t.Fatalf("scaled: %d %v, want %d", got, ok, n)
		}
	})
}

func TestPatternNumberThroughJPEG(t *testing.T) {
	for n := uint32(1); n < 1<<31; n = n*53 + 7 {
		f := drawPattern(uint64(n), frame.Size{W: 640, H: 480})
		for _, box := range []frame.Size{{W: 80, H: 48}, {W: 160, H: 90}, {W: 320, H: 240}, {}} {
			small := scaled(f, frame.Within(f.Size(), box))
			wantNumber(t, throughJPEG(t, small, 75), n)
			wantNumber(t, throughJPEG(t, small, 40), n)
		}
	}
}

func TestPatternNumberWithBars(t *testing.T) {
	f := drawPattern(12345, frame.Size{W: 120, H: 90})
	for _, size := range []frame.Size{{W: 160, H: 90}, {W: 120, H: 200}, {W: 133, H: 107}} {
		wide := frame.New(size.W, size.H)
		x, y := (size.W-120)/2, (size.H-90)/2
		for row := range 90 {
			copy(wide.Row(y + row)[x*3:], f.Row(row))
		}
		wantNumber(t, wide, 12345)
	}
}

// A picture whose upper part is another's is found out, wherever the seam is.
func TestPatternNumberOfTornPicture(t *testing.T) {
	size := frame.Size{W: 160, H: 120}
	for n := uint64(100); n < 110; n++ {
		for seam := size.H / 12; seam <= size.H*10/12; seam += 5 {
			f, above := drawPattern(n, size), drawPattern(n-1, size)
			copy(f.Pix, above.Pix[:seam*size.W*3])
			if got, ok := PatternNumber(f); ok {
				t.Fatalf("torn at row %d: read as %d", seam, got)
			}
		}
	}
}

func TestPatternNumberOfOthers(t *testing.T) {
	for _, f := range []*frame.Frame{{}, frame.New(1, 1), frame.New(16, 12), frame.New(640, 480), frame.New(3, 4000)} {
		if n, ok := PatternNumber(f); ok {
			t.Errorf("%dx%d black is read as %d", f.Width, f.Height, n)
		}
	}
	f := frame.New(640, 480)
	copy(f.Pix, noise(len(f.Pix), 9))
	if n, ok := PatternNumber(f); ok {
		t.Errorf("noise is read as %d", n)
	}
}

func TestPatternThroughVP8(t *testing.T) {
	if out, _ := exec.Command("ffmpeg", "-v", "error", "-encoders").Output(); !strings.Contains(string(out), "libvpx") {
		t.Skip("no ffmpeg with libvpx")
	}
	const first, count = 777, 8
	size := frame.Size{W: 64, H: 48}
	var stream bytes.Buffer
	w := y4m.NewWriter(&stream, size, 30)
	for n := range uint64(count) {
		if err := w.WriteFrame(drawPattern(first+n, size)); err != nil {
			t.Fatal(err)
		}
	}
	coded := ffmpeg(t, "-i", writeTemp(t, stream.Bytes()), "-c:v", "libvpx", "-b:v", "60k", "-deadline", "realtime", "-f", "ivf", "-")
	back := ffmpeg(t, "-i", writeTemp(t, coded), "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
	if len(back) != count*size.W*size.H*3 {
		t.Fatalf("%d bytes back", len(back))
	}
	for n := range uint32(count) {
		f := &frame.Frame{Width: size.W, Height: size.H, Pix: back[:size.W*size.H*3]}
		wantNumber(t, f, first+n)
		back = back[len(f.Pix):]
	}
}

// mustRead reads a picture and checks its number.
func mustRead(t testing.TB, s Source, f *frame.Frame, box frame.Size) {
	t.Helper()
	if err := s.Read(context.Background(), f, box); err != nil {
		t.Fatal(err)
	}
	wantNumber(t, f, uint32(f.Seq))
}

func TestPatternKeepsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPattern(Options{})
		defer p.Close()
		var f frame.Frame
		mustRead(t, p, &f, frame.Size{W: 80, H: 48})
		if f.Size() != (frame.Size{W: 64, H: 48}) {
			t.Errorf("size %v in a box of 80x48", f.Size())
		}
		start, first := time.Now(), f.Seq
		for i := range uint64(300) {
			mustRead(t, p, &f, frame.Size{W: 80, H: 48})
			if f.Seq != first+i+1 {
				t.Fatalf("number %d after %d", f.Seq, first+i)
			}
		}
		if d := time.Since(start); d != 10*time.Second {
			t.Errorf("300 pictures at 30 a second took %v", d)
		}
		time.Sleep(time.Second + 10*time.Millisecond) // a late reader
		before := time.Now()
		mustRead(t, p, &f, frame.Size{W: 80, H: 48})
		if f.Seq != first+300+30 || time.Since(before) > time.Second/30 {
			t.Errorf("after a second's pause number %d, %v later", f.Seq-first, time.Since(before))
		}
	})
}

func TestPatternNumbersRiseWhenOpenedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last uint64
		for range 3 {
			p := newPattern(Options{})
			var f frame.Frame
			for range 5 {
				mustRead(t, p, &f, frame.Size{W: 80, H: 48})
				if f.Seq <= last {
					t.Fatalf("number %d after %d", f.Seq, last)
				}
				last = f.Seq
			}
			p.Close()
			time.Sleep(100 * time.Millisecond)
		}
	})
}

func TestPatternOptions(t *testing.T) {
	for _, o := range []Options{
		{Fast: true, Size: frame.Size{W: 160, H: 90}}, {Fast: true, Size: frame.Size{W: 33, H: 41}, FPS: 12},
		{Fast: true, Size: frame.Size{W: 1, H: 1}}, {Fast: true, Size: frame.Size{W: 90000, H: 90000}},
	} {
		p := newPattern(o)
		var f frame.Frame
		if err := p.Read(context.Background(), &f, frame.Size{}); err != nil || f.Size() != p.Info().Size {
			t.Errorf("%+v: %v, %v, %v", o, err, f.Size(), p.Info().Size)
		}
		p.Close()
		if err := p.Read(context.Background(), &f, frame.Size{}); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}

func BenchmarkPattern(b *testing.B) {
	for _, box := range []frame.Size{{}, {W: 160, H: 90}} {
		b.Run(fmt.Sprint(frame.Within(frame.Size{W: 640, H: 480}, box)), func(b *testing.B) {
			p := newPattern(Options{Fast: true})
			var f frame.Frame
			b.ReportAllocs()
			for b.Loop() {
				_ = p.Read(context.Background(), &f, box)
			}
		})
	}
}
