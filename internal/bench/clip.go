package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"

	"acip/capture"
	"acip/frame"
)

// clip is a film of the test data, scaled and written as y4m, and its pictures as RGB.
type clip struct {
	path     string
	fps      float64
	pictures []*frame.Frame
}

// testdata is where the films lie.
func (b *bench) testdata() string {
	if dir := os.Getenv("ACIP_TESTDATA"); dir != "" {
		return dir
	}
	return filepath.Join(b.root, "..", "shared", "testdata")
}

// film makes a clip by ffmpeg; filter comes before the scaling, and may be empty. A size of zero keeps the film's own.
func (b *bench) film(ctx context.Context, name, filter string, size frame.Size, fps float64) (*clip, error) {
	source := filepath.Join(b.testdata(), name)
	if _, err := os.Stat(source); err != nil {
		return nil, fmt.Errorf("%w: set ACIP_TESTDATA to the folder of %s", err, name)
	}
	path := filepath.Join(b.tmp, fmt.Sprintf("%s-%dx%d-%d.y4m", name, size.W, size.H, len(filter)))
	return b.make(ctx, path, []string{"-i", source}, filter, size, fps)
}

// make is film for any input of ffmpeg.
func (b *bench) make(ctx context.Context, path string, input []string, filter string, size frame.Size, fps float64) (*clip, error) {
	scale := "format=yuv420p"
	if size.W > 0 {
		scale = fmt.Sprintf("scale=%d:%d:flags=area,setsar=1,format=yuv420p", size.W, size.H)
	}
	if filter != "" {
		scale = filter + "," + scale
	}
	args := append([]string{"-v", "error", "-y"}, input...)
	if said, err := exec.CommandContext(ctx, "ffmpeg", append(args, "-vf", scale, path)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("ffmpeg: %w: %s", err, said)
	}
	c := &clip{path: path, fps: fps}
	return c, c.load()
}

// load reads the pictures back.
func (c *clip) load() error {
	f, err := os.Open(c.path)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := capture.NewY4MReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return err
	}
	for {
		p := &frame.Frame{}
		if err := r.Read(p, frame.Size{}); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		c.pictures = append(c.pictures, p)
	}
}

// distance sums squared errors of pictures against their sources.
type distance struct {
	n         int
	at        int // where the last one was found
	rgb, luma float64
}

// add finds the source picture that got shows, the nearest of all, and adds its distance. Most of the time only those that
// can be next are looked at.
func (d *distance) add(c *clip, got *frame.Frame) {
	first, many := d.at, 20
	if d.n%30 == 0 {
		first, many = 0, len(c.pictures)
	}
	best, at := math.Inf(1), -1
	for i := range min(many, len(c.pictures)) {
		k := (first + i) % len(c.pictures)
		if c.pictures[k].Size() != got.Size() {
			continue
		}
		if s := squares(c.pictures[k].Pix, got.Pix, 4); s < best {
			best, at = s, k
		}
	}
	if at < 0 {
		return
	}
	d.n++
	d.at = at
	d.rgb += squares(c.pictures[at].Pix, got.Pix, 1)
	d.luma += lumaSquares(c.pictures[at].Pix, got.Pix)
}

// db of a sum of mean squares.
func (d *distance) db(sum float64) float64 { return 10 * math.Log10(255*255*float64(d.n)/sum) }

// squares is the mean squared difference of every step-th sample.
func squares(a, b []byte, step int) float64 {
	s, n := 0, 0
	for i := 0; i < len(a); i += step {
		d := int(a[i]) - int(b[i])
		s += d * d
		n++
	}
	return float64(s) / float64(n)
}

// lumaSquares is the mean squared difference of BT.601 luma in limited range, as ffmpeg's psnr filter has it for y.
func lumaSquares(a, b []byte) float64 {
	s := 0.0
	for i := 0; i+2 < len(a); i += 3 {
		d := luma(a[i:]) - luma(b[i:])
		s += d * d
	}
	return s / float64(len(a)/3)
}

func luma(p []byte) float64 {
	return math.Round((65.738*float64(p[0]) + 129.057*float64(p[1]) + 25.064*float64(p[2])) / 256)
}

// dims is a size as flags take it.
func dims(s frame.Size) string { return fmt.Sprintf("%dx%d", s.W, s.H) }
