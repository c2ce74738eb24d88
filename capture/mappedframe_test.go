package capture

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	mdframe "github.com/pion/mediadevices/pkg/frame"

	"acip/capture/internal/yuv"
	"acip/frame"
)

// mjpegSeeds are a good picture and the damage that cheap cameras do.
func mjpegSeeds(t testing.TB) map[string][]byte {
	t.Helper()
	var b bytes.Buffer
	m := image.NewYCbCr(image.Rect(0, 0, 48, 32), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = byte(i * 7)
	}
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	table := bytes.Index(good, []byte{0xFF, 0xC4})
	scan := bytes.Index(good, []byte{0xFF, 0xDA})
	bare := append(append([]byte{}, good[:table]...), good[scan:]...)
	huge := append([]byte{}, good...)
	frameHead := bytes.Index(huge, []byte{0xFF, 0xC0})
	copy(huge[frameHead+5:], []byte{0xFF, 0xFF, 0xFF, 0xFF}) // 65535x65535
	restart := append(append([]byte{}, good[:len(good)-20]...), 0xFF, 0xD0, 0xFF, 0xD1)
	return map[string][]byte{
		"good": good, "truncated": good[:len(good)/2], "without tables": bare, "stray restarts": append(restart, good[len(good)-20:]...),
		"trailing": append(append([]byte{}, good...), 0, 0, 0xFF, 0xD8), "empty": nil, "marker": {0xFF, 0xD8}, "huge": huge,
	}
}

// viaMJPEG takes bytes the way of a camera's pictures of 48x32.
func viaMJPEG(b []byte, box frame.Size) (*frame.Frame, error) {
	var p mappedFrame
	defer p.decoder.Close()
	if err := p.set(&rawFormat{kind: mdframe.FormatMJPEG, size: frame.Size{W: 48, H: 32}}, b); err != nil {
		return nil, err
	}
	var r cameraReader
	var f frame.Frame
	if err := r.draw(&f, &p, box); err != nil {
		return nil, err
	}
	return &f, nil
}

func TestMJPEG(t *testing.T) {
	half := frame.Size{W: 24, H: 16}
	seeds := mjpegSeeds(t)
	good, err := viaMJPEG(seeds["good"], half)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"without tables", "trailing"} {
		if f, err := viaMJPEG(seeds[name], half); err != nil || !bytes.Equal(f.Pix, good.Pix) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"truncated", "empty", "marker", "huge"} {
		if _, err := viaMJPEG(seeds[name], half); err == nil || !isBadPicture(err) {
			t.Errorf("%s: %v is not a picture to skip", name, err)
		}
	}
}

func FuzzMJPEG(f *testing.F) {
	half := frame.Size{W: 24, H: 16}
	for _, b := range mjpegSeeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if out, err := viaMJPEG(b, half); err == nil && (out.Width > 24 || out.Height > 16 || len(out.Pix) != out.Width*out.Height*3) {
			t.Fatalf("%dx%d, %d bytes", out.Width, out.Height, len(out.Pix))
		}
	})
}

// gradient is a picture that scaling in any domain leaves nearly the same.
func gradient(t testing.TB, size frame.Size, ratio image.YCbCrSubsampleRatio) []byte {
	t.Helper()
	m := image.NewYCbCr(image.Rect(0, 0, size.W, size.H), ratio)
	for y := range size.H {
		for x := range size.W {
			m.Y[m.YOffset(x, y)] = byte(x*200/size.W + y*50/size.H)
			m.Cb[m.COffset(x, y)], m.Cr[m.COffset(x, y)] = byte(60+x*100/size.W), byte(200-y*100/size.H)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The picture scaled while it is decoded is the one that image/jpeg decodes and the shrinker shrinks.
func TestMJPEGScaled(t *testing.T) {
	for _, size := range []frame.Size{{W: 640, H: 480}, {W: 1280, H: 720}, {W: 330, H: 250}} {
		data := gradient(t, size, image.YCbCrSubsampleRatio420)
		m, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := yuv.FromYCbCr(m.(*image.YCbCr), yuv.Encoding{Full: true})
		for _, box := range []frame.Size{{}, {W: 320, H: 240}, {W: 160, H: 90}, {W: 100, H: 70}, {W: 40, H: 30}} {
			to := frame.Within(size, box)
			var want, got frame.Frame
			var s, q yuv.Shrinker
			s.Draw(&want, &p, to)
			borrowed := mappedFrame{Rectangle: image.Rect(0, 0, size.W, size.H), jpeg: data}
			if err := borrowed.draw(&got, &q, to, yuv.Encoding{}); err != nil {
				t.Fatal(err)
			}
			if worst := farthest(got.Pix, want.Pix); worst > 10 || got.Size() != to {
				t.Errorf("%v to %v: up to %d of 255 away", size, to, worst)
			}
			borrowed.decoder.Close()
		}
	}
}

func TestRawFormats(t *testing.T) {
	size := frame.Size{W: 64, H: 48}
	red := func(f mdframe.Format, padding int) []byte {
		var b []byte
		rows := func(n, times int, some ...byte) {
			for range n {
				b = append(append(b, bytes.Repeat(some, times)...), make([]byte, padding)...)
			}
		}
		switch f {
		case mdframe.FormatYUYV:
			rows(48, 32, 81, 90, 81, 240)
		case mdframe.FormatUYVY:
			rows(48, 32, 90, 81, 240, 81)
		case mdframe.FormatNV12:
			rows(48, 64, 81)
			rows(24, 32, 90, 240)
		case mdframe.FormatNV21:
			rows(48, 64, 81)
			rows(24, 32, 240, 90)
		case mdframe.FormatI420:
			rows(48, 64, 81)
			padding /= 2
			rows(24, 32, 90)
			rows(24, 32, 240)
		}
		return b
	}
	for _, kind := range []mdframe.Format{mdframe.FormatYUYV, mdframe.FormatUYVY, mdframe.FormatNV12, mdframe.FormatNV21, mdframe.FormatI420} {
		for _, padding := range []int{0, 16} {
			f := rawFormat{kind: kind, size: size}
			if padding > 0 {
				f.stride = 64 + padding
				if kind == mdframe.FormatYUYV || kind == mdframe.FormatUYVY {
					f.stride = 128 + padding
				}
			}
			pix := red(kind, padding)
			var p mappedFrame
			if err := p.set(&f, pix[:len(pix)-padding-1]); !isBadPicture(err) {
				t.Errorf("%s: %v for too few bytes", kind, err)
			}
			if err := p.set(&f, pix); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			var r cameraReader
			var out frame.Frame
			if err := r.draw(&out, &p, frame.Size{W: 16, H: 12}); err != nil || out.Size() != (frame.Size{W: 16, H: 12}) {
				t.Fatal(err, out.Size())
			}
			for i := 0; i < len(out.Pix); i += 3 {
				if out.Pix[i] < 252 || out.Pix[i+1] > 2 || out.Pix[i+2] > 2 {
					t.Fatalf("%s, %d bytes between rows: pixel %d is %v", kind, padding, i/3, out.Pix[i:i+3])
				}
			}
		}
	}
}
