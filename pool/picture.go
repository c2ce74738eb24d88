package pool

import (
	"math"

	"acip/packet"
)

// picture is what the relay knows of one: its head, never its pixels.
type picture struct {
	n         uint64 // counts the sender's pictures, from 1
	at        int64  // when it arrived, ns of the pool's clock
	size      uint32 // packet bytes
	area      uint32 // pixels
	layer     uint16
	codec     uint8 // 0 raw, else packet.CodecJPEG, packet.CodecVP8
	key       bool  // stands alone
	droppable bool  // nothing depends on it
}

// read fills in what the head of the packet says. The transport has checked the
// sizes; what cannot be read is a picture that nobody gets (layer out of range).
func read(b *packet.Buffer) picture {
	pic := picture{key: true, droppable: true, size: uint32(b.Len())}
	if b.Type() == packet.ImageFrame {
		h, _, err := packet.ParseImage(b.Payload())
		if err != nil {
			pic.layer = layers
		}
		pic.area = h.Width * h.Height
		if b.Client() == packet.ClientRaw {
			pic.layer = packet.LayerRaw
		}
		return pic
	}
	h, _, err := packet.ParseVideo(b.Payload(), math.MaxInt32)
	pic.codec, pic.layer = h.Codec, h.Layer
	pic.key, pic.droppable = h.Key(), h.Droppable()
	pic.area = uint32(h.Width) * uint32(h.Height)
	if err != nil {
		pic.layer = layers
	}
	return pic
}

// chained reports whether the picture is one of a stream in which pictures
// depend on each other: dropping it, or following it, matters.
func (p picture) chained() bool { return !p.key || !p.droppable }
