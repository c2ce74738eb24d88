// Package media says once what every package needs to know of a track: its kind, its codec, what a frame's flags mean,
// when a frame was captured, at which rate a track is wanted, and which frames can be decoded.
//
// A track is one sender's video or audio. A simulcast layer is the same video in another size or codec. A frame is one
// unit of a track: a picture, or 20 ms of sound.
package media

import (
	"fmt"
	"time"
)

// Kind tells video from audio.
type Kind uint8

// The kinds of track.
const (
	Video Kind = iota
	Audio
)

// String returns "video" or "audio".
func (k Kind) String() string {
	switch k {
	case Video:
		return "video"
	case Audio:
		return "audio"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Codec identifies a coding by its number on the wire.
type Codec uint8

// The codecs that the protocol knows. To add one, add it here and to codecs below; TestEveryCodecIsKnownEverywhere
// then names the packages that still lack it.
const (
	Raw  Codec = 0  // rows of RGB24 from the top; travels as a packet type of its own
	JPEG Codec = 1  // baseline JFIF, each frame a keyframe
	VP8  Codec = 2  // RFC 6386, frames refer to earlier ones
	Opus Codec = 16 // RFC 6716, 48 kHz mono
)

// codecInfo is what all packages need to know of one codec.
type codecInfo struct {
	codec Codec
	name  string // in flags and control bodies
	kind  Kind
	inter bool // frames refer to earlier ones
}

// codecs lists every codec, the best of each kind first.
func codecs() [4]codecInfo {
	return [4]codecInfo{
		{VP8, "vp8", Video, true},
		{JPEG, "jpeg", Video, false},
		{Raw, "raw", Video, false},
		{Opus, "opus", Audio, false},
	}
}

// info returns the entry of c, and false for an unknown codec.
func (c Codec) info() (codecInfo, bool) {
	for _, i := range codecs() {
		if i.codec == c {
			return i, true
		}
	}
	return codecInfo{}, false
}

// Codecs returns the known codecs of a kind, the best first.
func Codecs(k Kind) []Codec {
	var list []Codec
	for _, i := range codecs() {
		if i.kind == k {
			list = append(list, i.codec)
		}
	}
	return list
}

// ParseCodec returns the codec with a name as String writes it, and false for an unknown name.
func ParseCodec(name string) (Codec, bool) {
	for _, i := range codecs() {
		if i.name == name {
			return i.codec, true
		}
	}
	return 0, false
}

// String returns the name used in flags and control bodies, for example "vp8".
func (c Codec) String() string {
	if i, ok := c.info(); ok {
		return i.name
	}
	return fmt.Sprintf("codec(%d)", uint8(c))
}

// Known reports whether the protocol knows c as a codec of kind k.
func (c Codec) Known(k Kind) bool {
	i, ok := c.info()
	return ok && i.kind == k
}

// InterCoded reports whether frames of this codec refer to earlier ones, so that losing one matters to the next.
func (c Codec) InterCoded() bool {
	i, _ := c.info()
	return i.inter
}

// Flags describe one frame on the wire.
type Flags uint8

// Flags of a frame.
const (
	Key             Flags = 1 // a keyframe: refers to no other frame
	Discardable     Flags = 2 // no later frame refers to this one
	Encrypted       Flags = 4 // sealed between sender and viewers
	PrevDiscardable Flags = 8 // the frame numbered just before was discardable: losing it needs no repair
)

// Has reports whether all of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// With returns f with want set or cleared.
func (f Flags) With(want Flags, set bool) Flags {
	if set {
		return f | want
	}
	return f &^ want
}

// InterCoded reports whether a frame belongs to a run of frames that refer to each other: dropping it, or what came
// before it, matters.
func (f Flags) InterCoded() bool { return !f.Has(Key) || !f.Has(Discardable) }

// Stamp identifies one frame of a track: its capture time on this machine's clock, and its sequence number.
type Stamp struct {
	Time time.Time
	Seq  uint64
}

// Limits of every track.
const (
	MaxSide   = 4096 // width and height of a picture in pixels
	MaxLayers = 4    // simulcast layers of one sender that are told apart
)
