package yuv

import (
	"image"

	"acip/frame"
)

// band is memory that holds rows of samples: a plane, or several components side by side.
type band struct {
	pix    []byte
	stride int
	bytes  int // of a row
	sy     int // picture rows a row stands for: 1, 2 or 4
}

// component is luma or chroma: where in a band it is.
type component struct {
	band, first, step int // the band's index, the first sample's offset, the distance to the next, in bytes
	sx                int // picture columns a sample stands for: 1, 2 or 4
}

// Picture is a picture in luma and chroma that someone else owns. A chroma sample colours the whole block that it
// stands for: no interpolation, so that siting makes no difference, as in swscale's default conversion.
type Picture struct {
	Size   frame.Size
	bands  [3]band
	comps  [3]component // Y, Cb, Cr
	grey   bool         // there is luma alone
	Colour Encoding
}

// ChromaSize returns the size in samples of a chroma plane whose samples stand for sx by sy pixels.
func ChromaSize(size frame.Size, sx, sy int) frame.Size {
	return frame.Size{W: (size.W + sx - 1) / sx, H: (size.H + sy - 1) / sy}
}

// FromPlanes returns a picture in three planes without padding, one after another in pix; a chroma sample stands for sx
// by sy pixels, each 1, 2 or 4.
func FromPlanes(pix []byte, size frame.Size, sx, sy int, e Encoding) Picture {
	c := ChromaSize(size, sx, sy)
	luma, half := size.W*size.H, c.W*c.H
	return Picture{
		Size:   size,
		Colour: e,
		bands: [3]band{
			{pix[:luma], size.W, size.W, 1}, {pix[luma:][:half], c.W, c.W, sy}, {pix[luma+half:][:half], c.W, c.W, sy},
		},
		comps: [3]component{{0, 0, 1, 1}, {1, 0, 1, sx}, {2, 0, 1, sx}},
	}
}

// FromGrey returns a picture in one plane, of luma; stride is in bytes.
func FromGrey(pix []byte, stride int, size frame.Size, e Encoding) Picture {
	return Picture{Size: size, grey: true, Colour: e, bands: [3]band{{pix: pix, stride: stride, bytes: size.W, sy: 1}},
		comps: [3]component{{0, 0, 1, 1}}}
}

// FromYCbCr returns a picture as the standard library and mediadevices hold it. Its planes are cut so that nothing
// outside the bounds is read; ok is false if they are smaller than its size says.
func FromYCbCr(m *image.YCbCr, e Encoding) (p Picture, ok bool) {
	r := m.Rect
	sx, sy := subsampling(m.SubsampleRatio)
	p = Picture{Size: frame.Size{W: r.Dx(), H: r.Dy()}, Colour: e}
	if p.Size.Empty() || sx == 0 {
		return p, false
	}
	if r.Min.X%sx != 0 || r.Min.Y%sy != 0 {
		r.Min.X, r.Min.Y = r.Min.X/sx*sx, r.Min.Y/sy*sy
		p.Size = frame.Size{W: r.Dx(), H: r.Dy()}
	}
	c := ChromaSize(p.Size, sx, sy)
	p.comps = [3]component{{0, 0, 1, 1}, {1, 0, 1, sx}, {2, 0, 1, sx}}
	for i, pix := range [3][]byte{m.Y, m.Cb, m.Cr} {
		b := band{stride: m.CStride, bytes: c.W, sy: sy}
		from, rows := m.COffset(r.Min.X, r.Min.Y), c.H
		if i == 0 {
			b = band{stride: m.YStride, bytes: p.Size.W, sy: 1}
			from, rows = m.YOffset(r.Min.X, r.Min.Y), p.Size.H
		}
		to := from + (rows-1)*b.stride + b.bytes
		if b.stride < b.bytes || from < 0 || to > len(pix) {
			return p, false
		}
		b.pix = pix[from:to]
		p.bands[i] = b
	}
	return p, true
}

func subsampling(r image.YCbCrSubsampleRatio) (sx, sy int) {
	switch r {
	case image.YCbCrSubsampleRatio444:
		return 1, 1
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 0, 0
}

// Packed returns a 4:2:2 picture with luma and chroma side by side, four bytes for two pixels: the first luma is at
// byte y, 0 or 1, and the chromas are where the lumas are not.
func Packed(pix []byte, stride int, size frame.Size, y int, e Encoding) Picture {
	return Picture{
		Size: size, Colour: e,
		bands: [3]band{{pix, stride, (size.W + 1) / 2 * 4, 1}},
		comps: [3]component{{0, y, 2, 1}, {0, 1 - y, 4, 2}, {0, 3 - y, 4, 2}},
	}
}

// Biplanar returns a 4:2:0 picture with a plane of luma and one of both chromas in turn; cb says where in a pair Cb is.
func Biplanar(pix []byte, stride int, size frame.Size, cb int, e Encoding) Picture {
	return Picture{
		Size: size, Colour: e,
		bands: [3]band{{pix, stride, size.W, 1}, {pix[stride*size.H:], stride, (size.W + 1) / 2 * 2, 2}},
		comps: [3]component{{0, 0, 1, 1}, {1, cb, 2, 2}, {1, 1 - cb, 2, 2}},
	}
}

// Triplanar returns a 4:2:0 picture in three planes one after another, those of chroma with half the stride.
func Triplanar(pix []byte, stride int, size frame.Size, e Encoding) Picture {
	c, half := ChromaSize(size, 2, 2), (stride+1)/2
	luma := stride * size.H
	return Picture{
		Size: size, Colour: e,
		bands: [3]band{{pix, stride, size.W, 1}, {pix[luma:], half, c.W, 2}, {pix[luma+half*c.H:], half, c.W, 2}},
		comps: [3]component{{0, 0, 1, 1}, {1, 0, 1, 2}, {2, 0, 1, 2}},
	}
}
