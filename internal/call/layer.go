package call

import (
	"time"

	"acip/codec"
	"acip/frame"
	"acip/media"
	"acip/packet"
)

// layer is one simulcast layer of one's own video, with the encoder that holds its past frames.
type layer struct {
	id        media.Codec
	enc       codec.Encoder
	seq       uint32
	size      int // bytes of the last picture
	kbps      int
	fps       float64
	quality   float64 // share of the finest pictures' bytes
	meanBytes float64 // of a picture, smoothed, without the keyframes of an inter-coded layer
}

// observeSize takes the bytes of a picture into account. Keyframes of an inter-coded layer are many times as large as the
// other frames, and say little about the bytes a second, so they are left out.
func (l *layer) observeSize(bytes int, interKey bool) {
	switch {
	case interKey:
	case l.meanBytes == 0:
		l.meanBytes = float64(bytes)
	default:
		l.meanBytes += (float64(bytes) - l.meanBytes) / 8
	}
}

// bytes returns the mean bytes of a picture; 0 for a layer that could not be made.
func (l *layer) bytes() float64 {
	if l == nil {
		return 0
	}
	return l.meanBytes
}

// layerTarget is how a layer is to be sent.
type layerTarget struct {
	layer   int
	id      media.Codec
	size    frame.Size
	fps     float64
	quality float64
	key     bool
}

// layer returns the layer of a target, with a new encoder if the codec changed.
func (u *videoUplink) layer(t layerTarget) (*layer, error) {
	l := u.layers[t.layer]
	if l != nil && l.id == t.id {
		if l.fps != t.fps {
			l.fps = t.fps
			l.enc.SetRate(l.kbps, t.fps)
		}
		if l.quality != t.quality {
			l.quality = t.quality
			l.enc.SetShare(t.quality)
		}
		return l, nil
	}
	enc, err := codec.NewEncoder(t.id, codec.Options{FPS: t.fps})
	if err != nil {
		return nil, err
	}
	var seq uint32
	if l != nil {
		seq = l.seq
		_ = l.enc.Close() // frees memory
	}
	enc.SetShare(t.quality)
	l = &layer{id: t.id, enc: enc, seq: seq, fps: t.fps, quality: t.quality}
	u.layers[t.layer] = l
	return l, nil
}

// encode returns pic as a packet, complete, with one reference.
func (u *videoUplink) encode(l *layer, pic *frame.Frame, t layerTarget) (*packet.Buffer, error) {
	if l.id == media.Raw {
		return u.encodeRaw(l, pic, t)
	}
	front, back := overhead(u.transform)
	body := packet.VideoHeadSize + front
	b := u.bufs.Get(body + max(l.size*2, 4096) + back)
	coded, flags, err := l.enc.Encode(b.Payload()[:body], pic, t.key)
	if err != nil {
		b.Release()
		return nil, err
	}
	b.Adopt(coded)
	l.size = len(coded) - body
	packet.VideoHead{
		Codec: l.id, Flags: flags.With(media.Encrypted, u.transform != nil), Width: uint16(pic.Width), Height: uint16(pic.Height),
		Layer: uint16(t.layer), Seq: l.seq + 1, Time: uint64(u.captureTime(pic).UnixMicro()),
	}.Put(b.Payload())
	if err := seal(u.transform, b, front, back); err != nil {
		b.Release()
		return nil, err
	}
	l.seq++
	l.observeSize(b.Len(), flags.Has(media.Key) && l.id.InterCoded())
	b.Finish(packet.VideoFrame, 0)
	return b, nil
}

// encodeRaw is encode for raw pictures.
func (u *videoUplink) encodeRaw(l *layer, pic *frame.Frame, t layerTarget) (*packet.Buffer, error) {
	l.size = len(pic.Pix)
	b := u.bufs.Get(packet.ImageHeadSize + l.size)
	pixels, _, err := l.enc.Encode(b.Payload()[:packet.ImageHeadSize], pic, t.key)
	if err != nil {
		b.Release()
		return nil, err
	}
	b.Adopt(pixels)
	l.size = len(pixels) - packet.ImageHeadSize
	l.observeSize(b.Len(), false)
	packet.ImageHead{
		Width: uint32(pic.Width), Height: uint32(pic.Height), Format: packet.FormatRGB24, Time: uint32(u.captureTime(pic).UnixMilli()),
	}.Put(b.Payload())
	var mark uint32
	if t.layer == packet.LayerRaw {
		mark = packet.ClientRaw
	}
	b.Finish(packet.ImageFrame, mark)
	return b, nil
}

// captureTime returns when pic was captured, by the server's clock. It counts back from now by the monotonic clock,
// because the wall clock may have been set since.
func (u *videoUplink) captureTime(pic *frame.Frame) time.Time {
	return time.Now().Add(u.clockOffset() - time.Since(pic.Time))
}

// resize returns pic itself, or a scaled copy that lives until the next call.
func (u *videoUplink) resize(pic *frame.Frame, size frame.Size) *frame.Frame {
	if pic.Size() == size {
		return pic
	}
	u.scaled.Resize(size.W, size.H)
	u.scaled.Time, u.scaled.Seq = pic.Time, pic.Seq
	u.scaler.Scale(&u.scaled, frame.Rect{W: size.W, H: size.H}, pic, frame.Rect{W: pic.Width, H: pic.Height})
	return &u.scaled
}
