package capture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"acip/capture/internal/yuv"
	"acip/frame"
)

// still is one picture as a live source: again and again at the rate asked for.
type still struct {
	life  life
	pace  *pacer
	info  Info
	whole frame.Frame
	shown frame.Frame // whole at the size asked for last
	scale frame.Scaler
	once  bool // one picture, then the end
	given bool
}

func newStill(data []byte, name string, o Options) (Source, error) {
	fps := o.FPS
	if fps <= 0 {
		fps = defaultFPS
	}
	s := &still{}
	s.info = Info{Name: name, FPS: fps, Live: true, Still: true}
	if err := decodeStill(&s.whole, data, name); err != nil {
		return nil, err
	}
	s.start(fps, o)
	return s, nil
}

func (s *still) start(fps float64, o Options) {
	s.info.Size = s.whole.Size()
	s.once = o.Fast && !o.Loop
	if o.Fast {
		fps = 0
	}
	s.pace = newPacer(&s.life, fps, true)
}

// Info describes the picture.
func (s *still) Info() Info { return s.info }

// Close ends a Read.
func (s *still) Close() error {
	s.life.end()
	return nil
}

// Read yields the picture again when it is due, or once where pictures are asked for as fast as they can be had.
func (s *still) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if s.once && s.given {
		return io.EOF
	}
	s.given = true
	k, err := s.pace.wait(ctx)
	if err != nil {
		return err
	}
	scaleInto(&s.scale, &s.shown, &s.whole, box)
	dst.CopyFrom(&s.shown)
	dst.Time, dst.Seq = time.Now(), k
	return nil
}

// scaleInto makes dst the picture src within box, unless it has that size already.
func scaleInto(s *frame.Scaler, dst, src *frame.Frame, box frame.Size) {
	size := frame.Within(src.Size(), box)
	if dst.Size() == size {
		return
	}
	if size == src.Size() {
		dst.CopyFrom(src)
		return
	}
	dst.Resize(size.W, size.H)
	s.Scale(dst, frame.Rect{W: size.W, H: size.H}, src, frame.Rect{W: src.Width, H: src.Height})
}

// decodeStill decodes a PNG or a JPEG, turned upright by what its EXIF data says. The size is checked first.
func decodeStill(dst *frame.Frame, data []byte, name string) error {
	config, kind, err := decodeConfig(data)
	if err != nil {
		return badImage(name, err)
	}
	size := frame.Size{W: config.Width, H: config.Height}
	if tooLarge(size) || size.Empty() {
		return imageTooLarge(name, size)
	}
	if kind == "png" {
		m, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			return badImage(name, err)
		}
		fromImage(dst, m)
		return nil
	}
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return badImage(name, err)
	}
	var upright frame.Frame
	fromImage(&upright, m)
	orientation(data).apply(dst, &upright)
	return nil
}

func decodeConfig(data []byte) (image.Config, string, error) {
	if bytes.HasPrefix(data, []byte("\x89PNG")) {
		c, err := png.DecodeConfig(bytes.NewReader(data))
		return c, "png", err
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	return c, "jpeg", err
}

func badImage(name string, err error) error {
	return &Error{Op: "open", Kind: BadData, Msg: fmt.Sprintf("%s is damaged: %v", name, err), Hint: "see whether another program shows it", Err: err}
}

func imageTooLarge(name string, s frame.Size) error {
	return &Error{
		Op: "open", Kind: TooLarge, Msg: fmt.Sprintf("%s says it is %dx%d pixels, which is too large", name, s.W, s.H),
		Hint: fmt.Sprintf("sides up to %d and %d million pixels are read", MaxSide, MaxPixels>>20),
	}
}

// fromImage makes RGB of any picture; what is transparent shows black.
func fromImage(dst *frame.Frame, m image.Image) {
	if y, ok := m.(*image.YCbCr); ok {
		if p, ok := yuv.FromYCbCr(y, yuv.Encoding{Matrix: yuv.BT601, Full: true}); ok {
			var s yuv.Shrinker
			s.Draw(dst, &p, p.Size)
			return
		}
	}
	b := m.Bounds()
	rgba, ok := m.(*image.RGBA)
	if !ok || b.Min != (image.Point{}) {
		rgba = image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(rgba, rgba.Rect, image.NewUniform(color.Black), image.Point{}, draw.Src)
		draw.Draw(rgba, rgba.Rect, m, b.Min, draw.Over)
	}
	fromRGBA(dst, rgba.Pix, rgba.Stride, frame.Size{W: b.Dx(), H: b.Dy()})
}

// fromRGBA takes the colours of pixels of four bytes; premultiplied ones then lie on black.
func fromRGBA(dst *frame.Frame, pix []byte, stride int, size frame.Size) {
	dst.Resize(size.W, size.H)
	for y := range size.H {
		row, src := dst.Row(y), pix[y*stride:][:size.W*4]
		for len(row) >= 3 && len(src) >= 4 {
			row[0], row[1], row[2] = src[0], src[1], src[2]
			row, src = row[3:], src[4:]
		}
	}
}
