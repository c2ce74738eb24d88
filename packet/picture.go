package packet

import (
	"encoding/binary"
	"fmt"
	"time"

	"acip/media"
)

// Bytes in front of a picture's own.
const (
	ImageHeadSize = 24
	VideoHeadSize = 20
)

// FormatRGB24 is the one pixel format of IMAGE_FRAME: three bytes a pixel.
const FormatRGB24 = 1

// ImageHead is the start of an IMAGE_FRAME payload. Width*Height*3 bytes of RGB24 follow, rows from the top.
type ImageHead struct {
	Width, Height uint32 // pixels, 1..media.MaxSide
	Format        uint32 // FormatRGB24
	Time          uint32 // capture time, ms of the Unix clock modulo 2^32
}

// Put writes the head to the first ImageHeadSize bytes of b. Compressed size and checksum, which ascii-chat has between
// Format and Time, are 0.
func (h ImageHead) Put(b []byte) {
	_ = b[ImageHeadSize-1]
	binary.BigEndian.PutUint32(b, h.Width)
	binary.BigEndian.PutUint32(b[4:], h.Height)
	binary.BigEndian.PutUint32(b[8:], h.Format)
	binary.BigEndian.PutUint64(b[12:], 0)
	binary.BigEndian.PutUint32(b[20:], h.Time)
}

// ParseImage splits an IMAGE_FRAME payload into its head and its pixels, which it does not copy. It returns ErrSize
// unless both sides are 1..media.MaxSide and the pixels are exactly Width*Height*3 bytes of uncompressed RGB24.
func ParseImage(payload []byte) (ImageHead, []byte, error) {
	if len(payload) < ImageHeadSize {
		return ImageHead{}, nil, fmt.Errorf("%w: no head", ErrSize)
	}
	h := ImageHead{
		Width:  binary.BigEndian.Uint32(payload),
		Height: binary.BigEndian.Uint32(payload[4:]),
		Format: binary.BigEndian.Uint32(payload[8:]),
		Time:   binary.BigEndian.Uint32(payload[20:]),
	}
	pix := payload[ImageHeadSize:]
	if h.Format != FormatRGB24 || binary.BigEndian.Uint64(payload[12:]) != 0 {
		return h, nil, fmt.Errorf("%w: not plain RGB24", ErrSize)
	}
	if !sides(h.Width, h.Height) || int(h.Width)*int(h.Height)*3 != len(pix) {
		return h, nil, fmt.Errorf("%w: %dx%d in %d bytes", ErrSize, h.Width, h.Height, len(pix))
	}
	return h, pix, nil
}

// ImageTime returns the capture time of an IMAGE_FRAME. Its milliseconds repeat every 49 days; of the moments that they
// can mean it is the one nearest to now.
func ImageTime(ms uint32, now time.Time) time.Time {
	n := now.UnixMilli()
	return time.UnixMilli(n + int64(int32(ms-uint32(n))))
}

// VideoHead is the start of a VIDEO_FRAME payload; the codec's bytes follow.
type VideoHead struct {
	Codec         media.Codec
	Flags         media.Flags
	Width, Height uint16
	Layer         uint16 // 0 is the main picture; others are the same in other sizes
	Seq           uint32 // counts the sender's pictures
	Time          uint64 // capture time, µs of the Unix clock
}

// Put writes the head to the first VideoHeadSize bytes of b.
func (h VideoHead) Put(b []byte) {
	_ = b[VideoHeadSize-1]
	b[0], b[1] = uint8(h.Codec), uint8(h.Flags)
	binary.BigEndian.PutUint16(b[2:], h.Width)
	binary.BigEndian.PutUint16(b[4:], h.Height)
	binary.BigEndian.PutUint16(b[6:], h.Layer)
	binary.BigEndian.PutUint32(b[8:], h.Seq)
	binary.BigEndian.PutUint64(b[12:], h.Time)
}

// ParseVideo splits a VIDEO_FRAME payload into its head and the codec's bytes, which it does not copy. It returns
// ErrCodec for an unknown codec, and ErrSize if a side is not 1..media.MaxSide, if Width*Height*3 is above limit bytes
// (0: DefaultMaxFrame), or if there are no codec bytes. Frames of a codec that is not inter-coded are always
// discardable keyframes.
func ParseVideo(payload []byte, limit int) (VideoHead, []byte, error) {
	if len(payload) <= VideoHeadSize {
		return VideoHead{}, nil, fmt.Errorf("%w: no picture behind the head", ErrSize)
	}
	h := VideoHead{
		Codec: media.Codec(payload[0]), Flags: media.Flags(payload[1]),
		Width:  binary.BigEndian.Uint16(payload[2:]),
		Height: binary.BigEndian.Uint16(payload[4:]),
		Layer:  binary.BigEndian.Uint16(payload[6:]),
		Seq:    binary.BigEndian.Uint32(payload[8:]),
		Time:   binary.BigEndian.Uint64(payload[12:]),
	}
	if h.Codec == media.Raw || !h.Codec.Known(media.Video) {
		return h, nil, fmt.Errorf("%w: %d", ErrCodec, h.Codec)
	}
	if !h.Codec.InterCoded() {
		h.Flags |= media.Key | media.Discardable
	}
	if !sides(uint32(h.Width), uint32(h.Height)) || int(h.Width)*int(h.Height)*3 > VideoFrame.Limit(limit) {
		return h, nil, fmt.Errorf("%w: %dx%d", ErrSize, h.Width, h.Height)
	}
	return h, payload[VideoHeadSize:], nil
}

// CheckPicture returns why the payload of a packet of type t must not be passed on: nil for types that are no pictures,
// else the error of ParseImage or ParseVideo.
func CheckPicture(t Type, payload []byte, limit int) error {
	var err error
	switch t {
	case ImageFrame:
		_, _, err = ParseImage(payload)
	case VideoFrame:
		_, _, err = ParseVideo(payload, limit)
	}
	return err
}

// Frame returns the flags and the simulcast layer of the picture in b, whose type is IMAGE_FRAME or VIDEO_FRAME. Raw
// pictures are discardable keyframes. A head that cannot be parsed counts as a discardable frame that is no keyframe.
func Frame(b *Buffer) (flags media.Flags, layer uint16) {
	if b.Type() != VideoFrame {
		return media.Key | media.Discardable, imageLayer(b)
	}
	h, _, err := ParseVideo(b.Payload(), 0)
	if err != nil {
		return media.Discardable, 0
	}
	return h.Flags, h.Layer
}

// imageLayer returns the layer that the sender of an IMAGE_FRAME means. The server's Stamp overwrites the mark.
func imageLayer(b *Buffer) uint16 {
	if b.Type() == ImageFrame && b.Client() == ClientRaw {
		return LayerRaw
	}
	return LayerMain
}

// sides reports whether both are within 1..media.MaxSide.
func sides(w, h uint32) bool { return w >= 1 && h >= 1 && w <= media.MaxSide && h <= media.MaxSide }
