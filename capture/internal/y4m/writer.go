package y4m

import (
	"fmt"
	"io"
	"math"

	"acip/capture/internal/fail"
	"acip/capture/internal/yuv"
	"acip/frame"
)

// Writer writes pictures as YUV4MPEG2 in 4:4:4 (C444), which keeps every pixel's colour, and which ffmpeg, mpv, VLC and
// GStreamer read. The numbers are BT.601 unless BT709 is called, limited range (black 16, white 235), said in the
// header for those who look (XCOLORRANGE=LIMITED); each is the nearest to the exact conversion.
type Writer struct {
	w     io.Writer
	size  frame.Size
	fps   float64
	begun bool
	buf   []byte // "FRAME\n" and three planes
	luma  weights
}

// weights are the shares of red, green and blue in luma and chroma, in units of 1<<16.
type weights struct{ y, cb, cr [3]int32 }

const (
	frameLine  = "FRAME\n"
	weightBits = 16
)

// NewWriter makes a writer of pictures of one size at fps pictures a second. The header is written with the first
// picture.
func NewWriter(w io.Writer, size frame.Size, fps float64) *Writer {
	return &Writer{w: w, size: size, fps: fps, luma: limited(yuv.BT601)}
}

// BT709 makes the numbers BT.709 ones from now on. The header has no place to say so: for readers that take those of
// large pictures for that, as mpv and GStreamer do, or are told.
func (y *Writer) BT709() { y.luma = limited(yuv.BT709) }

// limited makes the weights sum exactly to what white and grey need.
func limited(m yuv.Matrix) weights {
	fixed := func(v float64) int32 { return int32(math.Round(v * (1 << weightBits))) }
	kr, kb := m.Luma()
	const luma, half = 219. / 255, 112. / 255
	w := weights{
		y:  [3]int32{fixed(luma * kr), 0, fixed(luma * kb)},
		cb: [3]int32{fixed(-half * kr / (1 - kb)), 0, fixed(half)},
		cr: [3]int32{fixed(half), 0, fixed(-half * kb / (1 - kr))},
	}
	w.y[1] = fixed(luma) - w.y[0] - w.y[2]
	w.cb[1] = -w.cb[0] - w.cb[2]
	w.cr[1] = -w.cr[0] - w.cr[2]
	return w
}

// WriteFrame writes one picture, with a single Write. A picture of another size is an *Error of kind Usage.
func (y *Writer) WriteFrame(f *frame.Frame) error {
	if f.Size() != y.size {
		return &fail.Error{Op: "write", Kind: fail.Usage, Msg: fmt.Sprintf("a picture of %dx%d in a y4m stream of %dx%d", f.Width, f.Height, y.size.W, y.size.H)}
	}
	y.buf = y.buf[:0]
	if !y.begun {
		y.buf = append(y.buf, y.header()...)
		y.begun = true
	}
	y.buf = append(y.buf, frameLine...)
	at, n := len(y.buf), y.size.W*y.size.H
	if cap(y.buf) < at+3*n {
		y.buf = append(make([]byte, 0, at+3*n), y.buf...)
	}
	y.buf = y.buf[:at+3*n]
	y.luma.convert(y.buf[at:][:n], y.buf[at+n:][:n], y.buf[at+2*n:][:n], f.Pix)
	_, err := y.w.Write(y.buf)
	return err
}

func (y *Writer) header() string {
	num, den := rational(y.fps)
	return fmt.Sprintf("%s W%d H%d F%d:%d Ip A1:1 C444 XCOLORRANGE=LIMITED\n", Magic, y.size.W, y.size.H, num, den)
}

// rational returns a rate as a fraction: whole, in 1001sts as television has it, or in thousandths.
func rational(fps float64) (num, den int) {
	if fps <= 0 {
		return 30, 1
	}
	if r := math.Round(fps); math.Abs(fps-r) < 1e-6 {
		return int(r), 1
	}
	if r := math.Round(fps*1001/1000) * 1000; math.Abs(fps-r/1001) < 1e-3 {
		return int(r), 1001
	}
	return int(math.Round(fps * 1000)), 1000
}

// convert makes planes out of RGB.
func (w *weights) convert(y, cb, cr, pix []byte) {
	const half = 1 << (weightBits - 1)
	a, b, c := w.y, w.cb, w.cr
	cb, cr = cb[:len(y)], cr[:len(y)]
	for i := range y {
		px := pix[i*3 : i*3+3 : i*3+3]
		r, g, bl := int32(px[0]), int32(px[1]), int32(px[2])
		y[i] = byte((a[0]*r + a[1]*g + a[2]*bl + 16<<weightBits + half) >> weightBits)
		cb[i] = byte((b[0]*r + b[1]*g + b[2]*bl + 128<<weightBits + half) >> weightBits)
		cr[i] = byte((c[0]*r + c[1]*g + c[2]*bl + 128<<weightBits + half) >> weightBits)
	}
}
