package imagefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"acip/capture/internal/fail"
	"acip/capture/internal/format"
	"acip/capture/internal/rgb"
	"acip/frame"
)

// File is an image file of one picture.
type File struct {
	Data    []byte
	Kind    format.Kind
	Name    string // for people
	Foreign Foreign
}

// Foreign decodes an image that our own decoders gave up on.
type Foreign func(ctx context.Context, dst *frame.Frame, data []byte, name string) error

// Decode decodes an image, turned upright by what its EXIF data says. The size is checked first. If Go's decoder gives
// up, others take over: a damaged image is shown as far as it goes.
func (f *File) Decode(ctx context.Context, dst *frame.Frame) error {
	upright := Orientation(f.Data, f.Kind)
	into := dst
	if !upright.None() {
		into = &frame.Frame{}
	}
	size := Size(f.Data, f.Kind)
	if fail.Oversized(size) && (f.Kind != format.JPEG || size.W*size.H > fail.MaxScaledPixels) {
		return TooLarge(f.Name, size)
	}
	if err := f.decodeAny(ctx, into, fail.Oversized(size)); err != nil {
		return err
	}
	if into != dst {
		upright.Apply(dst, into)
	}
	return nil
}

// decodeAny lets one decoder after the other try. The error is the first one's.
func (f *File) decodeAny(ctx context.Context, dst *frame.Frame, huge bool) error {
	m, err := decodeGo(f.Data, f.Kind)
	if huge {
		err = TooLarge(f.Name, Size(f.Data, f.Kind))
	} else if err == nil {
		rgb.FromImage(dst, m)
		return nil
	}
	if f.Kind == format.JPEG && DecodeTurbo(dst, f.Data) == nil {
		return nil
	}
	if f.Kind == format.PNG {
		if m, err := decodeGo(mendPNG(f.Data), f.Kind); err == nil {
			rgb.FromImage(dst, m)
			return nil
		}
	}
	if f.Foreign(ctx, dst, f.Data, f.Name) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if f.Kind == format.JPEG && !huge {
		if m := salvageJPEG(f.Data); m != nil {
			rgb.FromImage(dst, m)
			return nil
		}
	}
	return Damaged(f.Name, err)
}

// decodeGo decodes an image of a size that is within the limits.
func decodeGo(data []byte, kind format.Kind) (image.Image, error) {
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
	if err == nil && kind == format.WebP {
		m = rgb.FromWebP(m)
	}
	return m, err
}

var errImageSize = errors.New("its size is impossible")

func goDecoder(kind format.Kind) (func(io.Reader) (image.Config, error), func(io.Reader) (image.Image, error)) {
	switch kind {
	case format.PNG:
		return png.DecodeConfig, png.Decode
	case format.WebP:
		return webp.DecodeConfig, webp.Decode
	case format.BMP:
		return bmp.DecodeConfig, bmp.Decode
	case format.TIFF:
		return tiff.DecodeConfig, tiff.Decode
	}
	return jpeg.DecodeConfig, jpeg.Decode
}

// Size returns the size that an image says it has; empty if that is not known.
func Size(data []byte, kind format.Kind) frame.Size {
	switch kind {
	case format.JPEG:
		return JPEGSize(data)
	case format.GIF:
		return gifSize(data)
	}
	config, _ := goDecoder(kind)
	if c, err := config(bytes.NewReader(data)); err == nil {
		return frame.Size{W: c.Width, H: c.Height}
	}
	return frame.Size{}
}

// Damaged returns the error for an image that no decoder reads: it says that the image is damaged, or that it is whole
// and of a kind that nothing here reads.
func Damaged(name string, err error) error {
	if e := (*fail.Error)(nil); errors.As(err, &e) {
		return err
	}
	if unsupported(err) {
		return &fail.Error{
			Op: "open", Kind: fail.Unsupported, Msg: fmt.Sprintf("%s is not read by this program: %v", name, err),
			Hint: "convert it first: convert FILE other.png; with ffmpeg installed more is read", Err: err,
		}
	}
	return &fail.Error{Op: "open", Kind: fail.BadData, Msg: fmt.Sprintf("%s is damaged: %v", name, err), Hint: "see whether another program shows it", Err: err}
}

func unsupported(err error) bool {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	var t tiff.UnsupportedError
	return errors.As(err, &j) || errors.As(err, &p) || errors.As(err, &t) || errors.Is(err, bmp.ErrUnsupported)
}

// TooLarge returns the error for an image of a size beyond the limits.
func TooLarge(name string, s frame.Size) error {
	return &fail.Error{
		Op: "open", Kind: fail.TooLarge, Msg: fmt.Sprintf("%s says it is %dx%d pixels, which is too large", name, s.W, s.H),
		Hint: fmt.Sprintf("make it smaller: convert FILE -resize 4000x4000 small.png (sides up to %d and %d million pixels are read; with ffmpeg installed, more)",
			fail.MaxSide, fail.MaxPixels>>20),
	}
}
