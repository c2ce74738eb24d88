package imagefile

import (
	"bytes"
	"encoding/binary"

	"acip/capture/internal/format"
	"acip/capture/internal/turn"
)

// Orientation returns how an image must be turned to stand upright: tag 0x0112 of its EXIF data (JEITA CP-3451), which
// nearly every phone writes. Nothing is done if there is none or it is damaged.
func Orientation(data []byte, kind format.Kind) turn.Turn {
	switch kind {
	case format.JPEG:
		return turnOf(jpegOrientation(data))
	case format.PNG:
		for c := range pngChunks(data) {
			if c.name == "eXIf" {
				return turnOf(exifOrientation(c.body))
			}
		}
	case format.WebP:
		for c := range riffChunks(data) {
			if c.name == "EXIF" {
				return turnOf(exifOrientation(c.body))
			}
		}
	case format.TIFF:
		return turnOf(tiffOrientation(data))
	}
	return turn.Turn{}
}

// turnOf returns what a value of the tag asks for.
func turnOf(orientation uint16) turn.Turn {
	mirrored := turn.Flip{Horizontal: true}
	switch orientation {
	case 2:
		return turn.Turn{Flip: mirrored}
	case 3:
		return turn.Turn{Rotate: 180}
	case 4:
		return turn.Turn{Flip: turn.Flip{Vertical: true}}
	case 5:
		return turn.Turn{Rotate: 90, Flip: mirrored}
	case 6:
		return turn.Turn{Rotate: 90}
	case 7:
		return turn.Turn{Rotate: 270, Flip: mirrored}
	case 8:
		return turn.Turn{Rotate: 270}
	}
	return turn.Turn{}
}

// jpegOrientation returns the tag's value; 0 if there is none.
func jpegOrientation(b []byte) uint16 {
	for s := range JpegSegments(b) {
		if s.Marker == 0xE1 && bytes.HasPrefix(s.body, []byte(exifMark)) {
			if v := exifOrientation(s.body); v != 0 {
				return v
			}
		}
	}
	return 0
}

const exifMark = "Exif\x00\x00"

// exifOrientation returns the tag's value in EXIF data, which may begin with its mark.
func exifOrientation(b []byte) uint16 { return tiffOrientation(bytes.TrimPrefix(b, []byte(exifMark))) }

// tiffOrientation looks through the first directory of a TIFF structure.
func tiffOrientation(b []byte) uint16 {
	if len(b) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if b[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(b[4:]))
	if at < 8 || at+2 > len(b) {
		return 0
	}
	count := int(order.Uint16(b[at:]))
	for e := b[at+2:]; count > 0 && len(e) >= 12; e, count = e[12:], count-1 {
		if order.Uint16(e) == 0x0112 {
			return order.Uint16(e[8:])
		}
	}
	return 0
}
