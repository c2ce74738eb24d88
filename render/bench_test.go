package render

import (
	"fmt"
	"testing"

	"acip/frame"
)

var benchGrids = []frame.Size{{W: 80, H: 24}, {W: 160, H: 45}, {W: 240, H: 67}}

// call is what a camera sees of a call: a room that stands still, a head of a quarter of the picture that moves, and the
// camera's noise over all of it.
func call(w, h, n int) *frame.Frame {
	room, head := moving(w, h, 0, 0), moving(w, h, n, 0)
	cx, cy := w/2+n*w/200, h/2+n*h/400
	for y := range h {
		for x := range w {
			dx, dy := float64(x-cx)/float64(w), float64(y-cy)/float64(h)
			if dx*dx+dy*dy < .08 {
				copy(room.Row(y)[x*3:x*3+3], head.Row(y)[x*3:])
			}
		}
	}
	return withNoise(room, uint64(n+1), 4)
}

// BenchmarkFrame draws a call of 640x480 in truecolor, from RGB to text, beside a copy of the source and the plainest
// loop that gives the same samples.
func BenchmarkFrame(b *testing.B) {
	var movie [8]*frame.Frame
	for i := range movie {
		movie[i] = call(640, 480, i)
	}
	for _, g := range []Glyphs{Half, Quadrant, Sextant, Octant, Blocks, Braille, ASCII} {
		for _, size := range benchGrids {
			b.Run(fmt.Sprintf("%v/%dx%d", g, size.W, size.H), func(b *testing.B) {
				benchFrame(b, NewCanvas(size.W, size.H, Style{Glyphs: g}), movie[:])
			})
		}
	}
	b.Run("copy", func(b *testing.B) {
		dst := frame.New(640, 480)
		b.ReportAllocs()
		began := cpuTime()
		for i := 0; b.Loop(); i++ {
			copy(dst.Pix, movie[i%len(movie)].Pix)
		}
		b.ReportMetric(float64(cpuTime()-began)/1e6/float64(b.N), "cpu-ms/frame")
	})
	b.Run("naive", func(b *testing.B) {
		dst := frame.New(80, 48)
		b.ReportAllocs()
		began := cpuTime()
		for i := 0; b.Loop(); i++ {
			naive(dst, movie[i%len(movie)])
		}
		b.ReportMetric(float64(cpuTime()-began)/1e6/float64(b.N), "cpu-ms/frame")
	})
}

func benchFrame(b *testing.B, c *Canvas, movie []*frame.Frame) {
	var out []byte
	bytes := 0
	for _, f := range movie {
		c.Picture(c.bounds(), f, PictureOptions{Fit: frame.Cover})
		out = c.Append(out[:0])
	}
	b.ReportAllocs()
	began := cpuTime()
	for i := 0; b.Loop(); i++ {
		f := movie[i%len(movie)]
		f.Seq = uint64(i + 100)
		c.Picture(c.bounds(), f, PictureOptions{Fit: frame.Cover})
		out = c.Append(out[:0])
		bytes += len(out)
	}
	b.ReportMetric(float64(cpuTime()-began)/1e6/float64(b.N), "cpu-ms/frame")
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/frame")
}

// naive is the mean of 8x8 pixels for each sample of 80x24 half blocks, as anyone would write it.
func naive(dst, src *frame.Frame) {
	for y := range dst.Height {
		for x := range dst.Width {
			for ch := range 3 {
				sum := 0
				for dy := range 8 {
					for dx := range 8 {
						sum += int(src.Pix[((48+y*8+dy)*src.Width+x*8+dx)*3+ch])
					}
				}
				dst.Pix[(y*dst.Width+x)*3+ch] = byte((sum + 32) / 64)
			}
		}
	}
}

// BenchmarkRepaint is the worst of frames: nearly every cell of a busy picture is another than before.
func BenchmarkRepaint(b *testing.B) {
	var movie [8]*frame.Frame
	for i := range movie {
		movie[i] = moving(640, 480, i*3, 2)
	}
	for _, g := range []Glyphs{Half, Octant, Blocks} {
		for _, size := range benchGrids {
			b.Run(fmt.Sprintf("%v/%dx%d", g, size.W, size.H), func(b *testing.B) {
				benchFrame(b, NewCanvas(size.W, size.H, Style{Glyphs: g}), movie[:])
			})
		}
	}
}
