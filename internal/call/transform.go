package call

import (
	"acip/media"
	"acip/packet"
)

// Transform changes what a codec made before it is sent, and changes it back before it is decoded, as end-to-end
// encryption does. The headers stay readable, because the relay needs them. Raw pictures, which no codec makes, are
// neither sent nor accepted in a call with a Transform.
//
// Seal and Open may be called at the same time by different goroutines, but neither by two at once.
type Transform interface {
	// Overhead returns the most bytes that the next Seal puts in front of a payload, and behind it.
	Overhead() (front, back int)
	// Seal appends the sealed payload to dst and returns the result. head is the frame's header as it is sent. payload
	// lies in the spare capacity of dst, exactly front bytes behind its end, with back bytes of capacity behind it, so that
	// Seal can work in place.
	Seal(dst, head, payload []byte) ([]byte, error)
	// Open appends to dst the payload that was sealed with head, and returns the result. dst does not overlap sealed,
	// which is not changed.
	Open(dst, head, sealed []byte) ([]byte, error)
}

// overhead returns the space that t needs around a payload; t may be nil.
func overhead(t Transform) (front, back int) {
	if t == nil {
		return 0, 0
	}
	return t.Overhead()
}

// seal seals the codec's bytes in b, which begin front bytes behind the header, with t. The header is complete.
func seal(t Transform, b *packet.Buffer, front, back int) error {
	if t == nil {
		return nil
	}
	n := len(b.Payload())
	b.Resize(n + back) // makes room
	payload := b.Payload()[:n]
	head := payload[:packet.VideoHeadSize]
	sealed, err := t.Seal(head, head, payload[packet.VideoHeadSize+front:])
	if err != nil {
		return err
	}
	b.Adopt(sealed)
	return nil
}

// accepts reports whether frames with flags f are what a call with t gets: sealed if there is a transform, and only then.
func accepts(t Transform, f media.Flags) bool { return f.Has(media.Encrypted) == (t != nil) }

// withoutRaw returns the codecs that a call can carry: no raw pictures with a transform.
func withoutRaw(t Transform, codecs []string) (list []string) {
	for _, c := range codecs {
		if t == nil || c != media.Raw.String() {
			list = append(list, c)
		}
	}
	return list
}
