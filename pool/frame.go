package pool

import (
	"math"

	"acip/media"
	"acip/packet"
)

// picture is what the relay knows of one: its head, never its pixels.
type frame struct {
	n     uint64 // counts the sender's pictures, from 1
	at    int64  // when it arrived, ns of the pool's clock
	size  uint32 // packet bytes
	area  uint32 // pixels
	layer uint16
	codec media.Codec
	flags media.Flags
}

// read fills in what the head of the packet says. The transport has checked the
// sizes; what cannot be read is a picture that nobody gets (layer out of range).
func read(b *packet.Buffer) frame {
	pic := frame{flags: media.Key | media.Discardable, size: uint32(b.Len())}
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
	pic.codec, pic.flags, pic.layer = h.Codec, h.Flags, h.Layer
	pic.area = uint32(h.Width) * uint32(h.Height)
	if err != nil {
		pic.layer = layers
	}
	return pic
}

// key reports whether the picture refers to no other.
func (p frame) keyframe() bool { return p.flags.Has(media.Key) }

// discardable reports whether no other picture refers to it.
func (p frame) discardable() bool { return p.flags.Has(media.Discardable) }
