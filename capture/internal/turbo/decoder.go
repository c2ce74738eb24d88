//go:build cgo && turbojpeg

package turbo

/*
#cgo pkg-config: libturbojpeg
#include <string.h>
#include <turbojpeg.h>

// Progressive pictures can ask for thousands of passes.
#ifndef TJFLAG_LIMITSCANS
#define TJFLAG_LIMITSCANS 0
#endif

typedef struct { int w, h, subsampling, colours; } acip_jpeg_head;

static int acip_jpeg_header(tjhandle h, const unsigned char *data, unsigned long n, acip_jpeg_head *head) {
	return tjDecompressHeader3(h, data, n, &head->w, &head->h, &head->subsampling, &head->colours);
}

// 0: a picture; else damaged. A few bytes too many between the markers are what many cameras send, and harm nothing.
static int acip_jpeg_planes(tjhandle h, const unsigned char *data, unsigned long n, unsigned char *y, unsigned char *cb,
	unsigned char *cr, int width, int height) {
	unsigned char *planes[3] = {y, cb, cr};
	if (tjDecompressToYUVPlanes(h, data, n, planes, width, NULL, height, TJFLAG_LIMITSCANS) == 0) return 0;
	return !(tjGetErrorCode(h) == TJERR_WARNING && strstr(tjGetErrorStr2(h), "extraneous byte"));
}

// 0: a picture, or what there is of one; else nothing that can be shown. Colours in print are kept as they are.
static int acip_jpeg_pixels(tjhandle h, const unsigned char *data, unsigned long n, unsigned char *dst, int width, int height, int format) {
	if (tjDecompress2(h, data, n, dst, width, 0, height, format, TJFLAG_LIMITSCANS) == 0) return 0;
	return tjGetErrorCode(h) != TJERR_WARNING;
}

static int acip_scaled(int side, int eighths) { return (side * eighths + 7) / 8; }
*/
import "C"

import (
	"errors"
	"fmt"
	"image"

	"acip/frame"
)

// Decoder decodes JPEGs. The zero value is ready; Close frees what it has taken. Not for concurrent use.
type Decoder struct {
	handle  C.tjhandle
	head    C.acip_jpeg_head
	pix     []byte
	picture image.YCbCr
	grey    image.Gray
}

// Decode yields the picture, an *image.YCbCr or an *image.Gray, at one, a half, a quarter or an eighth of its size,
// whichever is the smallest that fills to. It is good until the next call. fits refuses a picture by its size, before
// memory is taken for it.
func (d *Decoder) Decode(data []byte, to frame.Size, fits func(frame.Size) error) (image.Image, error) {
	if d.handle == nil {
		if d.handle = C.tjInitDecompress(); d.handle == nil {
			return nil, errors.New("libjpeg-turbo does not start")
		}
	}
	in, n := pointer(data), C.ulong(len(data))
	if C.acip_jpeg_header(d.handle, in, n, &d.head) != 0 {
		return nil, d.said()
	}
	if err := fits(frame.Size{W: int(d.head.w), H: int(d.head.h)}); err != nil {
		return nil, err
	}
	ratio, sx, sy := sampling(d.head.subsampling)
	grey := d.head.colours == C.TJCS_GRAY
	if sx == 0 || d.head.colours != C.TJCS_YCbCr && !grey {
		return nil, fmt.Errorf("libjpeg-turbo: colours of kind %d", d.head.colours)
	}
	size := d.scale(to)
	m := d.planes(size, sx, sy, grey)
	m.SubsampleRatio = ratio
	if C.acip_jpeg_planes(d.handle, in, n, pointer(m.Y), pointer(m.Cb), pointer(m.Cr), C.int(size.W), C.int(size.H)) != 0 {
		return nil, d.said()
	}
	if grey {
		d.grey = image.Gray{Pix: m.Y, Stride: m.YStride, Rect: m.Rect}
		return &d.grey, nil
	}
	return m, nil
}

// RGB decodes a picture of any kind that the library reads, damaged ones as far as they go, at its size or at the
// largest of a half, a quarter and an eighth that fits, and of at most so many pixels in the file. memory allocates 3 bytes a pixel
// for that size. Ink (CMYK, YCCK) becomes light as browsers do it: files have the complement, as Adobe
// writes it.
func (d *Decoder) RGB(data []byte, fits func(frame.Size) bool, pixels int, memory func(frame.Size) []byte) (frame.Size, error) {
	if d.handle == nil {
		if d.handle = C.tjInitDecompress(); d.handle == nil {
			return frame.Size{}, errors.New("libjpeg-turbo does not start")
		}
	}
	in, n := pointer(data), C.ulong(len(data))
	d.head = C.acip_jpeg_head{}
	if C.acip_jpeg_header(d.handle, in, n, &d.head) != 0 && d.head.w == 0 { // with a size it can be read: of a sampling that has no name, say
		return frame.Size{}, d.said()
	}
	whole := frame.Size{W: int(d.head.w), H: int(d.head.h)}
	size := d.largest(fits)
	if whole.Empty() || size.Empty() || whole.W*whole.H > pixels {
		return frame.Size{}, fmt.Errorf("libjpeg-turbo: %dx%d pixels", whole.W, whole.H)
	}
	format, bytes := C.int(C.TJPF_RGB), 3
	dst := memory(size)
	into := dst
	if ink := d.head.colours == C.TJCS_CMYK || d.head.colours == C.TJCS_YCCK; ink {
		format, bytes = C.TJPF_CMYK, 4
		into = make([]byte, size.W*size.H*bytes)
	}
	if C.acip_jpeg_pixels(d.handle, in, n, pointer(into), C.int(size.W), C.int(size.H), format) != 0 {
		return frame.Size{}, d.said()
	}
	if bytes == 4 {
		light(dst, into)
	}
	return size, nil
}

// light makes red, green and blue of complements of ink.
func light(dst, ink []byte) {
	for ; len(dst) >= 3 && len(ink) >= 4; dst, ink = dst[3:], ink[4:] {
		k := int(ink[3])
		for i := range 3 {
			dst[i] = byte((int(ink[i])*k + 127) / 255)
		}
	}
}

// largest returns the largest size that fits; empty if none does.
func (d *Decoder) largest(fits func(frame.Size) bool) frame.Size {
	for _, eighths := range []C.int{8, 4, 2, 1} {
		s := frame.Size{W: int(C.acip_scaled(d.head.w, eighths)), H: int(C.acip_scaled(d.head.h, eighths))}
		if fits(s) {
			return s
		}
	}
	return frame.Size{}
}

// planes makes memory for the planes. libjpeg-turbo writes whole chroma samples, so a side of the luma plane is rounded
// up to what those stand for.
func (d *Decoder) planes(size frame.Size, sx, sy int, grey bool) *image.YCbCr {
	columns, rows := (size.W+sx-1)/sx, (size.H+sy-1)/sy
	luma, chroma := columns*sx*rows*sy, columns*rows
	if grey {
		chroma = 0
	}
	if n := luma + 2*chroma; cap(d.pix) < n {
		d.pix = make([]byte, n)
	}
	d.picture = image.YCbCr{
		Y: d.pix[:luma], Cb: d.pix[luma:][:chroma], Cr: d.pix[luma+chroma:][:chroma],
		YStride: columns * sx, CStride: columns, Rect: image.Rect(0, 0, size.W, size.H),
	}
	return &d.picture
}

func (d *Decoder) said() error {
	return fmt.Errorf("libjpeg-turbo: %s", C.GoString(C.tjGetErrorStr2(d.handle)))
}

func pointer(pix []byte) *C.uchar {
	if len(pix) == 0 {
		return nil
	}
	return (*C.uchar)(&pix[0])
}

// sampling returns how many pixels a chroma sample stands for; zeros if we do not know.
func sampling(s C.int) (ratio image.YCbCrSubsampleRatio, sx, sy int) {
	switch s {
	case C.TJSAMP_444, C.TJSAMP_GRAY:
		return image.YCbCrSubsampleRatio444, 1, 1
	case C.TJSAMP_422:
		return image.YCbCrSubsampleRatio422, 2, 1
	case C.TJSAMP_420:
		return image.YCbCrSubsampleRatio420, 2, 2
	case C.TJSAMP_440:
		return image.YCbCrSubsampleRatio440, 1, 2
	case C.TJSAMP_411:
		return image.YCbCrSubsampleRatio411, 4, 1
	}
	return 0, 0, 0
}

// scale returns the smallest size that libjpeg-turbo scales to quickly and that fills to.
func (d *Decoder) scale(to frame.Size) frame.Size {
	for _, eighths := range []C.int{1, 2, 4} {
		s := frame.Size{W: int(C.acip_scaled(d.head.w, eighths)), H: int(C.acip_scaled(d.head.h, eighths))}
		if s.W >= to.W && s.H >= to.H {
			return s
		}
	}
	return frame.Size{W: int(d.head.w), H: int(d.head.h)}
}

// Close frees what the decoder has taken.
func (d *Decoder) Close() {
	if d.handle != nil {
		C.tjDestroy(d.handle)
		d.handle = nil
	}
}
