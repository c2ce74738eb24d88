package imagefile

import (
	"encoding/binary"
	"image"
	"iter"
	"time"

	"acip/capture/internal/format"
	"acip/frame"
)

// riffChunks yields the chunks of a RIFF file, of which WebP is one kind.
func riffChunks(b []byte) iter.Seq[chunk] { return riffChunksAt(b, 12) }

func riffChunksAt(b []byte, at int) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for at+8 <= len(b) {
			n := int(binary.LittleEndian.Uint32(b[at+4:]))
			end := min(at+8+n, len(b))
			if !yield(chunk{string(b[at : at+4]), b[at+8 : end]}) {
				return
			}
			at += 8 + n + n%2
		}
	}
}

// appendRIFF appends a chunk, padded to an even length.
func appendRIFF(dst []byte, name string, body []byte) []byte {
	dst = append(dst, name...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(body)))
	dst = append(dst, body...)
	return append(dst, make([]byte, len(body)%2)...)
}

// ParseWebP finds the pictures of an animated WebP (RFC 9649, section 2.7). One that is not animated has none.
func ParseWebP(data []byte) Film {
	var f Film
	for c := range riffChunks(data) {
		switch {
		case c.name == "VP8X" && len(c.body) >= 10:
			f.Size = frame.Size{W: 1 + uint24(c.body[4:]), H: 1 + uint24(c.body[7:])}
		case c.name == "ANIM" && len(c.body) >= 6:
			f.Plays = int(binary.LittleEndian.Uint16(c.body[4:]))
		case c.name == "ANMF" && len(c.body) > 16:
			f.Pictures = append(f.Pictures, newWebPPicture(c.body))
		}
	}
	return f
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func newWebPPicture(b []byte) Picture {
	x, y := 2*uint24(b), 2*uint24(b[3:])
	r := image.Rect(x, y, x+1+uint24(b[6:]), y+1+uint24(b[9:]))
	p := Picture{Over: b[15]&2 == 0, Delay: asBrowsers(time.Duration(uint24(b[12:])) * time.Millisecond)}
	if b[15]&1 != 0 {
		p.Disposal = DisposeBackground
	}
	p.Decode = func() (image.Image, image.Rectangle, error) {
		m, err := decodeGo(webpOf(b[16:], r.Dx(), r.Dy()), format.WebP)
		return m, r, err
	}
	return p
}

// webpOf returns a WebP of one picture, whose chunks are those of a picture of an animation.
func webpOf(chunks []byte, w, h int) []byte {
	body := []byte("WEBP")
	alpha := false
	for c := range riffChunksAt(chunks, 0) {
		alpha = alpha || c.name == "ALPH"
	}
	if alpha {
		x := append(make([]byte, 4), byte(w-1), byte((w-1)>>8), byte((w-1)>>16), byte(h-1), byte((h-1)>>8), byte((h-1)>>16))
		x[0] = 0x10 // has an alpha channel
		body = appendRIFF(body, "VP8X", x)
	}
	for c := range riffChunksAt(chunks, 0) {
		switch c.name {
		case "ALPH", "VP8 ", "VP8L":
			body = appendRIFF(body, c.name, c.body)
		}
	}
	return appendRIFF(nil, "RIFF", body)
}
