package capture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"acip/capture/internal/imagefile"
	"acip/capture/internal/y4m"
	"acip/frame"
)

func corpusData(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/corpus/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// firstPictureOf is the first picture of a source.
func firstPictureOf(t testing.TB, spec string, o Options) (f frame.Frame, err error) {
	t.Helper()
	s, err := Open(t.Context(), spec, o)
	if err != nil {
		return f, err
	}
	defer s.Close()
	return f, s.Read(t.Context(), &f, frame.Size{})
}

// A name is only a name, and what a file's extension says is not believed.
func TestNamesAreOnlyNames(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"shot%d", "shot%03d.ppm", "-dash", "-i", "concat:a|b", "http:x", "pipe:0", "a*b", "a?[b]", "wrong.jpg", "wrong.mp4", "wrong.y4m", "two\nlines", "日本"} {
		for content, data := range testContents(t) {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if f, err := firstPictureOf(t, "file:"+name, Options{RGB: true}); err != nil || f.Size().Empty() {
				t.Errorf("%s in %q: %v", content, name, err)
			}
		}
	}
}

// testContents are made here, in whatever folder: a picture that we read, and one that ffmpeg does.
func testContents(t *testing.T) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		"GIF": threeGIF(t), "PPM": append([]byte("P6\n4 2\n255\n"), bytes.Repeat([]byte{200, 30, 30}, 8)...),
	}
}

// The first picture of a pipe that pauses is there at once, and stays where the pipe ends behind it.
func TestPipeThatPauses(t *testing.T) {
	for _, name := range []string{"one.y4m", "s2x2.jpg", "exif6.jpg"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		data := corpusData(t, name)
		wrote := make(chan error, 1)
		go func() {
			_, err := w.Write(data)
			wrote <- err
		}()
		s, err := Open(t.Context(), "-", Options{Stdin: r, FPS: 100})
		if err != nil {
			t.Fatal(name, err)
		}
		var f frame.Frame
		if err := s.Read(t.Context(), &f, frame.Size{}); err != nil || s.Info().Still {
			t.Errorf("%s: %v, %+v", name, err, s.Info())
		}
		first := f.Size()
		if err := errors.Join(<-wrote, w.Close()); err != nil {
			t.Error(err)
		}
		for n := range uint64(3) {
			if err := s.Read(t.Context(), &f, frame.Size{}); err != nil || f.Size() != first || !s.Info().Still || f.Seq != n+1 {
				t.Errorf("%s, after the end: %v, %v, number %d, %+v", name, err, f.Size(), f.Seq, s.Info())
			}
		}
		s.Close()
	}
}

// What browsers make of GIFs that are not right (Chromium 156): a first picture larger than the screen makes that larger.
func TestGIFsThatAreNotRight(t *testing.T) {
	red := [3]byte{255, 0, 0}
	for name, c := range map[string]struct {
		size        frame.Size
		first, last [3]byte // pixels
	}{
		"gif_first_oob.gif": {frame.Size{W: 40, H: 40}, red, red},
		"gif_toomuch.gif":   {frame.Size{W: 32, H: 32}, red, red},
		"gif_notenough.gif": {frame.Size{W: 32, H: 32}, red, [3]byte{}},
		"grow.gif":          {frame.Size{W: 40, H: 40}, red, red},
	} {
		f, err := firstPictureOf(t, "file:testdata/"+name, Options{Fast: true})
		if err != nil || f.Size() != c.size || [3]byte(f.Pix[:3]) != c.first || [3]byte(f.Pix[len(f.Pix)-3:]) != c.last {
			t.Errorf("%s: %v, %v", name, err, f.Size())
		}
	}
	bent := threeGIF(t)
	bent = bytes.ReplaceAll(bent, []byte{0x21, 0xF9, 4, gif.DisposalPrevious << 2}, []byte{0x21, 0xF9, 4, 4 << 2})
	bent = bytes.ReplaceAll(bent, []byte{0x21, 0xF9, 4, gif.DisposalPrevious<<2 | 1}, []byte{0x21, 0xF9, 4, 4<<2 | 1})
	if bytes.Equal(bent, threeGIF(t)) {
		t.Fatal("no disposal was changed")
	}
	s, err := openFast(t, "four.gif", bent)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f frame.Frame
	for range 4 {
		if err := s.Read(t.Context(), &f, frame.Size{}); err != nil {
			t.Fatal(err)
		}
	}
	if colours(&f) != "..rr ..rr rrrr rrrr " {
		t.Errorf("disposal 4: %s", colours(&f))
	}
}

// A GIF plays as often as it says; for ever is once, unless it is told to loop.
func TestGIFPlaysAsOftenAsItSays(t *testing.T) {
	for count, pictures := range map[int]int{-1: 2, 0: 2, 1: 4, 2: 6} {
		p := color.Palette{color.Black, color.White}
		g := &gif.GIF{Image: []*image.Paletted{image.NewPaletted(image.Rect(0, 0, 2, 2), p), image.NewPaletted(image.Rect(0, 0, 2, 2), p)}, Delay: []int{5, 5}, LoopCount: count}
		var b bytes.Buffer
		if err := gif.EncodeAll(&b, g); err != nil {
			t.Fatal(err)
		}
		path := write(t, "loop.gif", b.Bytes())
		synctest.Test(t, func(t *testing.T) {
			s, err := Open(t.Context(), "file:"+path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			var f frame.Frame
			n := 0
			for ; s.Read(t.Context(), &f, frame.Size{}) == nil; n++ {
			}
			if n != pictures {
				t.Errorf("loop count %d: %d pictures", count, n)
			}
		})
	}
}

// Cameras that leave out the last marker are shown, by every decoder; a picture that is cut short is a damaged one.
func TestCameraJPEGWithoutItsEnd(t *testing.T) {
	var d motionJPEG
	defer d.Close()
	size := frame.Size{W: 61, H: 45}
	for name, padding := range map[string]int{"s2x2.jpg": 0, "noend.jpg": 0, "grey.jpg": 100} {
		data := append(corpusData(t, name), make([]byte, padding)...)
		if p, err := d.decode(data, size, size); err != nil || p.Size != size {
			t.Errorf("%s: %v, %v", name, p.Size, err)
		}
	}
	if _, err := d.decode(corpusData(t, "cut60.jpg"), size, size); !isBadPicture(err) {
		t.Errorf("cut short: %v", err)
	}
}

// A picture beyond the limits is shown smaller where a decoder can do that, and else refused with a way out.
func TestPicturesOfManyPixels(t *testing.T) {
	large := corpusData(t, "s1x1.jpg")
	for s := range imagefile.JpegSegments(large) {
		if imagefile.IsSOF(s.Marker) {
			copy(large[s.At+5:], []byte{6200 >> 8, 6200 & 0xFF, 6200 >> 8, 6200 & 0xFF})
		}
	}
	if turboThere() {
		if f, err := firstPictureOf(t, "file:"+write(t, "large.jpg", large), Options{Fast: true}); err != nil || f.Size() != (frame.Size{W: 3100, H: 3100}) {
			t.Errorf("%v, %v", f.Size(), err)
		}
	}
	_, err := openFast(t, "bomb.png", pngOf(60000, 60000))
	if KindOf(err) != TooLarge || !strings.Contains(err.(*Error).Hint, "-resize") {
		t.Errorf("%v", err)
	}
}

// The numbers of y4m are what its reader is told, and those of BT.709 that are written are what ffmpeg and mpv show.
func TestY4MMatrix(t *testing.T) {
	var b bytes.Buffer
	size := frame.Size{W: 1280, H: 720}
	w := y4m.NewWriter(&b, size, 25)
	w.BT709()
	var f frame.Frame
	f.Resize(size.W, size.H)
	colour := [3]byte{200, 50, 40}
	for i := range f.Pix {
		f.Pix[i] = colour[i%3]
	}
	if err := w.WriteFrame(&f); err != nil {
		t.Fatal(err)
	}
	near := func(who string, got []byte, limit int) {
		t.Helper()
		if d := farthest(got[:3], colour[:]); d > limit {
			t.Errorf("%s shows %v, %d of 255 away", who, got[:3], d)
		}
	}
	path := write(t, "hd.y4m", b.Bytes())
	for _, bt709 := range []bool{true, false} {
		got, err := firstPictureOf(t, "file:"+path, Options{Fast: true, BT709: bt709})
		if err != nil {
			t.Fatal(err)
		}
		if d := farthest(got.Pix[:3], colour[:]); d > 3 == bt709 {
			t.Errorf("read with BT.709 %t: %v", bt709, got.Pix[:3])
		}
	}
	near("ffmpeg", ffmpeg(t, "-colorspace", "bt709", "-i", path, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"), 4)
	if _, err := exec.LookPath("mpv"); err != nil {
		t.Skip("mpv is not installed")
	}
	dir := t.TempDir()
	out, err := exec.Command("mpv", "--no-config", "--really-quiet", "--frames=1", "--vo=image", "--vo-image-format=png", "--vo-image-outdir="+dir, path).CombinedOutput()
	if err != nil {
		t.Fatalf("mpv: %v: %s", err, out)
	}
	shown, err := firstPictureOf(t, "file:"+filepath.Join(dir, "00000001.png"), Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	near("mpv", shown.Pix, 4)
}

// mpv's and other impossible rates are no rates: the one that was asked for is taken, or 30.
func TestY4MWithoutARate(t *testing.T) {
	for _, rate := range []string{"F24000:1", "F0:0", "F30000000:1", "F25:0", "F99999999999999999999:1"} {
		for asked, want := range map[float64]time.Duration{0: time.Second / 30, 10: time.Second / 10} {
			path := write(t, "x.y4m", []byte(fmt.Sprintf("YUV4MPEG2 W1 H1 %s C444\nFRAME\nabcFRAME\nabc", rate)))
			synctest.Test(t, func(t *testing.T) {
				s, err := Open(t.Context(), "file:"+path, Options{FPS: asked})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				start := time.Now()
				var f frame.Frame
				for range 2 {
					if err := s.Read(t.Context(), &f, frame.Size{}); err != nil {
						t.Fatal(err)
					}
				}
				if d := time.Since(start); d < want-time.Millisecond || d > want+time.Millisecond {
					t.Errorf("%s, asked for %g: the second picture after %v", rate, asked, d)
				}
			})
		}
	}
}
