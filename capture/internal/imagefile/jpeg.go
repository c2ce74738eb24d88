package imagefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"iter"

	"acip/capture/internal/fail"
	"acip/capture/internal/rgb"
	"acip/frame"
)

// JPEG markers, ITU T.81 table B.1, without their first byte, 0xFF.
const (
	markerSOI = 0xD8
	markerEOI = 0xD9
	markerSOS = 0xDA
)

// segment is a marker and what belongs to it; at is the offset of the marker.
type segment struct {
	Marker byte
	body   []byte
	At     int
}

// JpegSegments yields the segments before the first scan. A damaged one is the last. Any number of 0xFF may stand
// before a marker (ITU T.81, B.1.1.2), and bytes between segments that belong to none are skipped, as libjpeg does.
func JpegSegments(b []byte) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		for at := 2; ; {
			for at < len(b) && b[at] != 0xFF {
				at++
			}
			for at+1 < len(b) && b[at+1] == 0xFF {
				at++
			}
			if at+4 > len(b) {
				return
			}
			marker, n := b[at+1], int(binary.BigEndian.Uint16(b[at+2:]))
			switch {
			case marker < 0xC0 || marker >= 0xD0 && marker <= markerSOI: // stands alone
				at += 2
				continue
			case marker == markerSOS || marker == markerEOI || n < 2 || at+2+n > len(b):
				return
			}
			if !yield(segment{marker, b[at+4 : at+2+n], at}) {
				return
			}
			at += 2 + n
		}
	}
}

// IsSOF reports whether a marker begins a frame: it has the picture's size.
func IsSOF(marker byte) bool {
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
}

// JPEGSize returns the size in the frame header; empty if there is none.
func JPEGSize(b []byte) frame.Size {
	for s := range JpegSegments(b) {
		if IsSOF(s.Marker) && len(s.body) >= 5 {
			return frame.Size{W: int(binary.BigEndian.Uint16(s.body[3:])), H: int(binary.BigEndian.Uint16(s.body[1:]))}
		}
	}
	return frame.Size{}
}

// HasCompanions reports whether a picture says that others in its file belong to it: a second view, a preview, a gain
// map (CIPA DC-007 multi-picture format, ISO 21496-1). The file is then a still, whatever follows.
func HasCompanions(b []byte) bool {
	for s := range JpegSegments(b) {
		if s.Marker == 0xE2 && (bytes.HasPrefix(s.body, []byte("MPF\x00")) || bytes.HasPrefix(s.body, []byte("urn:iso:std:iso:ts:21496"))) ||
			s.Marker == 0xE1 && bytes.Contains(s.body, []byte("GContainer")) {
			return true
		}
	}
	return false
}

// IsMotionJPEG reports whether data is a film: a second picture of the same size follows the first.
func IsMotionJPEG(data []byte) bool {
	var s Splitter
	r := bytes.NewReader(data)
	first, err := s.Next(r)
	if err != nil || HasCompanions(first) {
		return false
	}
	size := JPEGSize(first)
	second, err := s.Next(r)
	return err == nil && JPEGSize(second) == size
}

// maxJPEG is the longest picture of a stream of JPEGs: a raw picture of the largest size read takes 108 MB.
const maxJPEG = 256 << 20

// Splitter finds the pictures in a stream of JPEGs. After an interrupted read it goes on where it was.
type Splitter struct {
	pic    []byte
	state  splitState
	skip   int  // bytes of a segment that are still to come
	marker byte // of the segment
	done   bool
}

type splitState uint8

const (
	jpegGap    splitState = iota // between pictures
	jpegStart                    // 0xFF was read there
	jpegMarker                   // where a marker should be
	jpegCode                     // in a marker
	jpegLength                   // of a segment
	jpegBody                     // of a segment
	jpegScan                     // compressed data
	jpegEscape                   // 0xFF in them
)

// Next reads up to the end of a picture, which is good until the next call. Of a picture that is cut short it is what
// there is; at the end the error is io.EOF.
func (s *Splitter) Next(r io.ByteReader) ([]byte, error) {
	if s.done {
		s.pic, s.done, s.state = s.pic[:0], false, jpegGap
	}
	for !s.done {
		c, err := r.ReadByte()
		if err == io.EOF && len(s.pic) > 2 {
			s.done = true
			break
		}
		if err != nil {
			return nil, err
		}
		s.step(c)
		if len(s.pic) > maxJPEG {
			return nil, &fail.Error{Op: "read", Kind: fail.TooLarge, Msg: "a picture of the JPEG stream has no end", Hint: "see what makes it"}
		}
	}
	return s.pic, nil
}

// step takes a byte.
func (s *Splitter) step(c byte) {
	if s.state == jpegGap || s.state == jpegStart {
		s.begin(c)
		return
	}
	s.pic = append(s.pic, c)
	switch s.state {
	case jpegMarker:
		if c == 0xFF {
			s.state = jpegCode
		}
	case jpegCode:
		s.code(c)
	case jpegLength:
		if s.skip++; s.skip == 2 {
			s.skip = int(binary.BigEndian.Uint16(s.pic[len(s.pic)-2:])) - 2
			s.state = jpegBody
			s.body()
		}
	case jpegBody:
		s.skip--
		s.body()
	case jpegScan:
		if c == 0xFF {
			s.state = jpegEscape
		}
	case jpegEscape:
		s.escape(c)
	}
}

// begin looks for the start of a picture.
func (s *Splitter) begin(c byte) {
	switch {
	case s.state == jpegStart && c == markerSOI:
		s.pic, s.state = append(s.pic[:0], 0xFF, markerSOI), jpegMarker
	case c == 0xFF:
		s.state = jpegStart
	default:
		s.state = jpegGap
	}
}

// code takes a marker outside of compressed data.
func (s *Splitter) code(c byte) {
	switch {
	case c == 0xFF:
	case c == markerEOI:
		s.done = true
	case c < 0xC0 || c >= 0xD0 && c <= markerSOI:
		s.state = jpegMarker
	default:
		s.state, s.marker, s.skip = jpegLength, c, 0
	}
}

// body ends a segment that is whole; compressed data follow the one that begins a scan.
func (s *Splitter) body() {
	if s.skip > 0 {
		return
	}
	s.state = jpegMarker
	if s.marker == markerSOS {
		s.state = jpegScan
	}
}

// escape takes what follows 0xFF in compressed data.
func (s *Splitter) escape(c byte) {
	switch {
	case c == 0xFF:
	case c == 0 || c >= 0xD0 && c < markerSOI:
		s.state = jpegScan
	case c == markerEOI:
		s.done = true
	default:
		s.code(c)
	}
}

// WithEnd returns a picture with the marker that ends it, which some cameras leave out. It is data itself if there is
// one after the compressed data began.
func WithEnd(data []byte) []byte {
	scan := bytes.LastIndex(data, []byte{0xFF, markerSOS})
	if bytes.LastIndex(data, []byte{0xFF, markerEOI}) > scan {
		return data
	}
	return append(data[:len(data):len(data)], 0xFF, markerEOI)
}

// salvageJPEG decodes what there is of a picture that is cut short, for builds and machines without a decoder that
// does: the rows that are whole, above grey, or the scans of a progressive one that are whole. It is nil if there is
// nothing.
func salvageJPEG(data []byte) image.Image {
	if m, err := jpeg.Decode(bytes.NewReader(WithEnd(data))); err == nil {
		return m
	}
	if m := wholeScans(data); m != nil {
		return m
	}
	size := JPEGSize(data)
	if size.Empty() || fail.Oversized(size) {
		return nil
	}
	const block = 8
	var best image.Image
	low, high := 0, (size.H+block-1)/block // rows of blocks that can, and cannot be decoded
	for low+1 < high {
		mid := (low + high) / 2
		if m, err := jpeg.Decode(bytes.NewReader(WithEnd(withHeight(data, mid*block)))); err == nil {
			low, best = mid, m
		} else {
			high = mid
		}
	}
	if best == nil {
		return nil
	}
	return onGrey(best, size)
}

// wholeScans decodes a progressive picture up to the last of its scans that is whole.
func wholeScans(data []byte) image.Image {
	for range 16 { // there are about ten
		at := bytes.LastIndex(data, []byte{0xFF, markerSOS})
		if at < 0 || bytes.IndexByte(data[:at], 0xFF) < 0 || !bytes.Contains(data[:at], []byte{0xFF, markerSOS}) {
			return nil
		}
		data = data[:at]
		if m, err := jpeg.Decode(bytes.NewReader(WithEnd(data))); err == nil {
			return m
		}
	}
	return nil
}

// withHeight returns the picture with another height in its header.
func withHeight(data []byte, height int) []byte {
	out := bytes.Clone(data)
	for s := range JpegSegments(data) {
		if IsSOF(s.Marker) && len(s.body) >= 5 {
			binary.BigEndian.PutUint16(out[s.At+5:], uint16(height))
		}
	}
	return out
}

// onGrey is m at the top of a picture of that size, whose rest is the grey of coefficients that are zero.
func onGrey(m image.Image, size frame.Size) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, size.W, size.H))
	for i := range out.Pix {
		out.Pix[i] = 128
		if i%4 == 3 {
			out.Pix[i] = 255
		}
	}
	var top frame.Frame
	rgb.FromImage(&top, m)
	for y := range min(top.Height, size.H) {
		row := out.Pix[y*out.Stride:]
		for x := range min(top.Width, size.W) {
			copy(row[4*x:4*x+3], top.Row(y)[3*x:3*x+3])
		}
	}
	return out
}

// errNotDecoded says that libjpeg-turbo made no picture of a JPEG.
var errNotDecoded = errors.New("not decoded by libjpeg-turbo")
