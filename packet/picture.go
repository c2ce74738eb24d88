package packet

import (
	"encoding/binary"
	"fmt"
	"time"
)

// Bytes in front of a picture's own.
const (
	ImageHeadSize = 24
	VideoHeadSize = 20
)

// FormatRGB24 is the one pixel format of IMAGE_FRAME: three bytes a pixel.
const FormatRGB24 = 1

// Codecs of VIDEO_FRAME.
const (
	CodecJPEG = 1
	CodecVP8  = 2
)

// Flags of VIDEO_FRAME.
const (
	FlagKey       = 1 // stands alone
	FlagDroppable = 2 // nothing depends on it
	FlagEncrypted = 4
	FlagSpare     = 8 // the sender's picture before this one was droppable: its loss needs no repair
)

// ImageHead is the start of an IMAGE_FRAME payload; Width*Height*3 bytes of
// RGB24 follow, rows from the top.
type ImageHead struct {
	Width, Height uint32 // pixels, 1..MaxSide
	Format        uint32 // FormatRGB24
	Time          uint32 // capture time, ms of the Unix clock modulo 2^32
}

// Put writes the head to the first ImageHeadSize bytes of b. Compressed size and
// checksum, which the original has between Format and Time, are 0.
func (h ImageHead) Put(b []byte) {
	_ = b[ImageHeadSize-1]
	binary.BigEndian.PutUint32(b, h.Width)
	binary.BigEndian.PutUint32(b[4:], h.Height)
	binary.BigEndian.PutUint32(b[8:], h.Format)
	binary.BigEndian.PutUint64(b[12:], 0)
	binary.BigEndian.PutUint32(b[20:], h.Time)
}

// ParseImage splits an IMAGE_FRAME payload into its head and its pixels, which
// it does not copy. It returns ErrSize unless both sides are 1..MaxSide and the
// pixels are exactly Width*Height*3 bytes of uncompressed RGB24.
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

// ImageTime is the capture time of an IMAGE_FRAME, whose milliseconds repeat
// every 49 days: the moment nearest to now that they can mean.
func ImageTime(ms uint32, now time.Time) time.Time {
	n := now.UnixMilli()
	return time.UnixMilli(n + int64(int32(ms-uint32(n))))
}

// VideoHead is the start of a VIDEO_FRAME payload; the codec's bytes follow.
type VideoHead struct {
	Codec         uint8 // CodecJPEG, CodecVP8
	Flags         uint8 // FlagKey | FlagDroppable | FlagEncrypted | FlagSpare
	Width, Height uint16
	Layer         uint16 // 0 is the main picture; others are the same in other sizes
	Seq           uint32 // counts the sender's pictures
	Time          uint64 // capture time, µs of the Unix clock
}

// Key reports whether the picture stands alone.
func (h VideoHead) Key() bool { return h.Flags&FlagKey != 0 }

// Droppable reports whether no later picture depends on this one.
func (h VideoHead) Droppable() bool { return h.Flags&FlagDroppable != 0 }

// Spare reports whether the picture with the number before this one was
// droppable.
func (h VideoHead) Spare() bool { return h.Flags&FlagSpare != 0 }

// Put writes the head to the first VideoHeadSize bytes of b.
func (h VideoHead) Put(b []byte) {
	_ = b[VideoHeadSize-1]
	b[0], b[1] = h.Codec, h.Flags
	binary.BigEndian.PutUint16(b[2:], h.Width)
	binary.BigEndian.PutUint16(b[4:], h.Height)
	binary.BigEndian.PutUint16(b[6:], h.Layer)
	binary.BigEndian.PutUint32(b[8:], h.Seq)
	binary.BigEndian.PutUint64(b[12:], h.Time)
}

// ParseVideo splits a VIDEO_FRAME payload into its head and the codec's bytes,
// which it does not copy. It returns ErrCodec for a codec that it does not know,
// ErrSize when a side is not 1..MaxSide, when Width*Height*3 is above limit bytes
// (0: DefaultMaxFrame), or when there are no codec bytes. A JPEG is always key and
// droppable.
func ParseVideo(payload []byte, limit int) (VideoHead, []byte, error) {
	if len(payload) <= VideoHeadSize {
		return VideoHead{}, nil, fmt.Errorf("%w: no picture behind the head", ErrSize)
	}
	h := VideoHead{
		Codec: payload[0], Flags: payload[1],
		Width:  binary.BigEndian.Uint16(payload[2:]),
		Height: binary.BigEndian.Uint16(payload[4:]),
		Layer:  binary.BigEndian.Uint16(payload[6:]),
		Seq:    binary.BigEndian.Uint32(payload[8:]),
		Time:   binary.BigEndian.Uint64(payload[12:]),
	}
	switch h.Codec {
	case CodecJPEG:
		h.Flags |= FlagKey | FlagDroppable
	case CodecVP8:
	default:
		return h, nil, fmt.Errorf("%w: %d", ErrCodec, h.Codec)
	}
	if !sides(uint32(h.Width), uint32(h.Height)) || int(h.Width)*int(h.Height)*3 > VideoFrame.Limit(limit) {
		return h, nil, fmt.Errorf("%w: %dx%d", ErrSize, h.Width, h.Height)
	}
	return h, payload[VideoHeadSize:], nil
}

// CheckPicture reports whether the payload of a packet of type t may be passed
// on: nil for types that are no pictures, else as ParseImage and ParseVideo.
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

// Standalone reports whether the picture in b can be drawn without any other,
// and whether any other may need it. Raw pictures stand alone.
func Standalone(b *Buffer) (key, droppable bool, layer uint16) {
	if b.Type() != VideoFrame {
		return true, true, imageLayer(b)
	}
	h, _, err := ParseVideo(b.Payload(), 0)
	if err != nil {
		return false, true, 0
	}
	return h.Key(), h.Droppable(), h.Layer
}

// imageLayer is the layer that the sender of an IMAGE_FRAME means; the server's stamp takes the mark away.
func imageLayer(b *Buffer) uint16 {
	if b.Type() == ImageFrame && b.Client() == ClientRaw {
		return LayerRaw
	}
	return LayerMain
}

// sides reports whether both are within 1..MaxSide.
func sides(w, h uint32) bool { return w >= 1 && h >= 1 && w <= MaxSide && h <= MaxSide }
