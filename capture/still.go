package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"acip/capture/internal/fail"
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

// newStill makes a still whose picture is to be drawn into whole.
func newStill(name string, o Options) *still {
	s := &still{info: Info{Name: name, FPS: o.FPS, Live: true, Still: true}}
	if s.info.FPS <= 0 {
		s.info.FPS = defaultFPS
	}
	return s
}

func (s *still) start(o Options) {
	s.info.Size = s.whole.Size()
	s.once = o.Fast && !o.Loop
	fps := s.info.FPS
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

// decodeStill decodes an image, turned upright by what its EXIF data says. The size is checked first. Where Go's decoder
// gives up, others take over: what is damaged is shown as far as it goes.
func decodeStill(ctx context.Context, dst *frame.Frame, data []byte, kind format, name string) error {
	turn := orientation(data, kind)
	into := dst
	if !turn.none() {
		into = &frame.Frame{}
	}
	size := imageSize(data, kind)
	if fail.Oversized(size) && (kind != formatJPEG || size.W*size.H > fail.MaxScaledPixels) {
		return imageTooLarge(name, size)
	}
	if err := decodeAny(ctx, into, data, kind, name, fail.Oversized(size)); err != nil {
		return err
	}
	if into != dst {
		turn.apply(dst, into)
	}
	return nil
}

// decodeAny lets one decoder after the other try. The error is the first one's.
func decodeAny(ctx context.Context, dst *frame.Frame, data []byte, kind format, name string, huge bool) error {
	m, err := decodeGo(data, kind)
	if huge {
		err = imageTooLarge(name, imageSize(data, kind))
	} else if err == nil {
		fromImage(dst, m)
		return nil
	}
	if kind == formatJPEG && turboJPEG(dst, data) == nil {
		return nil
	}
	if kind == formatPNG {
		if m, err := decodeGo(mendPNG(data), kind); err == nil {
			fromImage(dst, m)
			return nil
		}
	}
	if ferr := ffmpegStill(ctx, dst, data, name); ferr == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if kind == formatJPEG && !huge {
		if m := salvageJPEG(data); m != nil {
			fromImage(dst, m)
			return nil
		}
	}
	return badImage(name, err)
}

// decodeGo decodes an image of a size that is within the limits.
func decodeGo(data []byte, kind format) (image.Image, error) {
	r := bytes.NewReader(data)
	config, decode := goDecoder(kind)
	c, err := config(r)
	if err != nil {
		return nil, err
	}
	if s := (frame.Size{W: c.Width, H: c.Height}); s.Empty() || fail.Oversized(s) {
		return nil, errImageSize
	}
	r.Reset(data)
	m, err := decode(r)
	if err == nil && kind == formatWebP {
		m = webpRGBA(m)
	}
	return m, err
}

var errImageSize = errors.New("its size is impossible")

func goDecoder(kind format) (func(io.Reader) (image.Config, error), func(io.Reader) (image.Image, error)) {
	switch kind {
	case formatPNG:
		return png.DecodeConfig, png.Decode
	case formatWebP:
		return webp.DecodeConfig, webp.Decode
	case formatBMP:
		return bmp.DecodeConfig, bmp.Decode
	case formatTIFF:
		return tiff.DecodeConfig, tiff.Decode
	}
	return jpeg.DecodeConfig, jpeg.Decode
}

// imageSize is the size that an image says it has; empty if that is not known.
func imageSize(data []byte, kind format) frame.Size {
	switch kind {
	case formatJPEG:
		return jpegSize(data)
	case formatGIF:
		return gifSize(data)
	}
	config, _ := goDecoder(kind)
	if c, err := config(bytes.NewReader(data)); err == nil {
		return frame.Size{W: c.Width, H: c.Height}
	}
	return frame.Size{}
}

// badImage says that an image is damaged, or that it is whole and of a kind that nothing here reads.
func badImage(name string, err error) error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return err
	}
	if unsupported(err) {
		return &Error{
			Op: "open", Kind: Unsupported, Msg: fmt.Sprintf("%s is not read by this program: %v", name, err),
			Hint: "convert it first: convert FILE other.png; with ffmpeg installed more is read", Err: err,
		}
	}
	return &Error{Op: "open", Kind: BadData, Msg: fmt.Sprintf("%s is damaged: %v", name, err), Hint: "see whether another program shows it", Err: err}
}

func unsupported(err error) bool {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	var t tiff.UnsupportedError
	return errors.As(err, &j) || errors.As(err, &p) || errors.As(err, &t) || errors.Is(err, bmp.ErrUnsupported)
}
