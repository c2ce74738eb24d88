package pool

import (
	"math"

	"acip/media"
	"acip/packet"
)

// frame is what the relay knows of a frame: its header, never its content.
type frame struct {
	n     uint64 // counts the track's frames, from 1
	at    int64  // when it arrived, ns of the pool's clock
	size  uint32 // packet bytes
	area  uint32 // pixels
	layer uint16
	kind  media.Kind
	codec media.Codec
	flags media.Flags
}

// readFrame returns what a packet's header says. The transport has checked the sizes; a picture that cannot be read
// gets a layer out of range, which no viewer is sent.
func readFrame(b *packet.Buffer) frame {
	f := frame{flags: media.Key | media.Discardable, size: uint32(b.Len())}
	switch b.Type() {
	case packet.AudioFrame:
		f.kind, f.codec = media.Audio, media.Opus
		return f
	case packet.ImageFrame:
		h, _, err := packet.ParseImage(b.Payload())
		if err != nil {
			f.layer = layers
		}
		f.area = h.Width * h.Height
		if b.Client() == packet.ClientRaw {
			f.layer = packet.LayerRaw
		}
		return f
	}
	h, _, err := packet.ParseVideo(b.Payload(), math.MaxInt32)
	f.codec, f.flags, f.layer = h.Codec, h.Flags, h.Layer
	f.area = uint32(h.Width) * uint32(h.Height)
	if err != nil {
		f.layer = layers
	}
	return f
}

// keyframe reports whether the frame refers to no other.
func (f frame) keyframe() bool { return f.flags.Has(media.Key) }

// discardable reports whether no other frame refers to this one.
func (f frame) discardable() bool { return f.flags.Has(media.Discardable) }
