package capture

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"acip/capture/internal/imagefile"
	"acip/frame"
)

// corpusFile is a line of the corpus: scripts/corpus.sh makes it.
type corpusFile struct {
	name, reference string
	percent         int // of the rows that are compared, from the top on
	picture         int // of a film, from 1 on
}

func corpus(t *testing.T) (list []corpusFile) {
	t.Helper()
	f, err := os.Open("testdata/corpus/list")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var c corpusFile
		if _, err := fmt.Sscan(s.Text(), &c.name, &c.reference, &c.percent, &c.picture); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// without says what a file of the corpus takes that is not here.
func (c *corpusFile) without() string {
	_, err := exec.LookPath("ffmpeg")
	switch ext := filepath.Ext(c.name); {
	case err == nil:
		if !turboThere() && strings.HasPrefix(c.name, "arithmetic") {
			return "libjpeg-turbo"
		}
		return ""
	case strings.Contains(".avif .ppm .pgm .pbm .pam .sgi .pcx .mp4 .mkv", ext), c.name == "jpeg.tiff", strings.HasPrefix(c.name, "palette"):
		return "ffmpeg"
	case ext == ".jpg" && !turboThere():
		return "libjpeg-turbo or ffmpeg"
	}
	return ""
}

func turboThere() bool {
	data, err := os.ReadFile("testdata/corpus/arithmetic.jpg")
	return err == nil && imagefile.DecodeTurbo(&frame.Frame{}, data) == nil
}

// farOff is the mean distance of two pictures in their upper rows, in 255ths.
func farOff(f *frame.Frame, reference string, percent int) (float64, error) {
	r, err := os.Open(filepath.Join("testdata/corpus", reference))
	if err != nil {
		return 0, err
	}
	defer r.Close()
	m, err := png.Decode(r)
	if err != nil {
		return 0, err
	}
	if b := m.Bounds(); b.Dx() != f.Width || b.Dy() != f.Height {
		return 0, fmt.Errorf("%dx%d instead of %v", f.Width, f.Height, b.Max)
	}
	sum, n := 0, 0
	for y := range f.Height * percent / 100 {
		for x := range f.Width {
			red, green, blue, _ := m.At(x, y).RGBA()
			for i, v := range [3]uint32{red, green, blue} {
				sum, n = sum+max(int(f.Row(y)[3*x+i])-int(v>>8), int(v>>8)-int(f.Row(y)[3*x+i])), n+1
			}
		}
	}
	return float64(sum) / float64(n), nil
}

// TestCorpus holds every file against what a reference tool decodes it to: on the mean within 2 of 255, whether it is named,
// comes through a pipe or is standard input, and in a call as in render.
func TestCorpus(t *testing.T) {
	for _, c := range corpus(t) {
		t.Run(fmt.Sprintf("%s %d", c.name, c.picture), func(t *testing.T) {
			if missing := c.without(); missing != "" {
				t.Skip("takes " + missing)
			}
			path := filepath.Join("testdata/corpus", c.name)
			for how, open := range map[string]func() (Source, error){
				"file": func() (Source, error) { return Open(t.Context(), "file:"+path, Options{Fast: true, RGB: true}) },
				"call": func() (Source, error) { return Open(t.Context(), "file:"+path, Options{Fast: true}) },
				"stdin": func() (Source, error) {
					return Open(t.Context(), "-", Options{Fast: true, RGB: true, Stdin: piped(t, path)})
				},
			} {
				s, err := open()
				if err != nil {
					t.Errorf("%s: %v", how, err)
					continue
				}
				var f frame.Frame
				for range c.picture {
					if err == nil {
						err = s.Read(t.Context(), &f, frame.Size{})
					}
				}
				if err != nil {
					t.Errorf("%s: %v", how, err)
				} else if d, err := farOff(&f, c.reference, c.percent); err != nil || d > 2 {
					t.Errorf("%s: %.2f of 255 away, %v", how, d, err)
				}
				if err := s.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
					t.Errorf("%s: %v", how, err)
				}
			}
		})
	}
}

// piped is a file at the other end of a pipe.
func piped(t *testing.T, path string) *os.File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = w.Write(data) // its reader may have had enough
		_ = w.Close()
	}()
	t.Cleanup(func() {
		_ = r.Close()
		<-done
	})
	return r
}

// TestStillsStay: an image of any format is there as long as it is wanted, like a PNG.
func TestStillsStay(t *testing.T) {
	for _, c := range corpus(t) {
		if strings.HasPrefix(c.name, "film") || strings.HasPrefix(c.name, "three") || strings.HasPrefix(c.name, "disposal") ||
			strings.HasPrefix(c.name, "padded") || strings.HasPrefix(c.name, "y4") || c.without() != "" {
			continue
		}
		for _, loop := range []bool{false, true} {
			s, err := Open(t.Context(), "file:testdata/corpus/"+c.name, Options{FPS: 200, Loop: loop})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if i := s.Info(); !i.Still || !i.Live || i.FPS != 200 {
				t.Errorf("%s: %+v", c.name, i)
			}
			var f frame.Frame
			for n := range 3 {
				if err := s.Read(t.Context(), &f, frame.Size{W: 30, H: 30}); err != nil || f.Size().Empty() {
					t.Errorf("%s: picture %d: %v", c.name, n, err)
				}
			}
			s.Close()
		}
	}
}

// TestDamagedFiles: whatever becomes of a file, reading it ends in pictures or in an error that helps.
func TestDamagedFiles(t *testing.T) {
	for _, name := range []string{"s2x2.jpg", "progressive.jpg", "PNG24.png", "interlaced.png", "three.gif", "lossy.webp", "three.webp", "film.apng", "still.bmp", "film.mjpeg", "one.y4m"} {
		whole, err := os.ReadFile("testdata/corpus/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for tenth := 1; tenth < 10; tenth++ {
			n := len(whole) * tenth / 10
			bent := append([]byte(nil), whole...)
			bent[n] ^= 0x55
			for how, data := range map[string][]byte{
				"cut": whole[:n], "bent": bent, "with bytes too many": append(append(append([]byte(nil), whole[:n]...), "extra"...), whole[n:]...),
			} {
				if pictures, err := survives(t, name, data); pictures == 0 && (err == nil || err.(*Error).Hint == "") {
					t.Errorf("%s %s at %d tenths: %v", name, how, tenth, err)
				}
			}
		}
	}
}

func survives(t *testing.T, name string, data []byte) (pictures int, err error) {
	s, err := openFast(t, name, data)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	var f frame.Frame
	for ; pictures < 10; pictures++ {
		if err := s.Read(context.Background(), &f, frame.Size{W: 20, H: 20}); err != nil {
			if errors.Is(err, io.EOF) && pictures == 0 {
				t.Errorf("%s: it is open and has no picture", name)
			}
			return pictures, err
		}
	}
	return pictures, nil
}
