package capture

import "encoding/binary"

// orientation is how a JPEG must be turned to stand upright: tag 0x0112 of its EXIF data (JEITA CP-3451), which nearly
// every phone writes. Nothing is done where there is none or it is damaged.
func orientation(jpeg []byte) turner {
	mirrored := Flip{Horizontal: true}
	switch exifOrientation(jpeg) {
	case 2:
		return turner{flip: mirrored}
	case 3:
		return turner{rotate: 180}
	case 4:
		return turner{flip: Flip{Vertical: true}}
	case 5:
		return turner{rotate: 90, flip: mirrored}
	case 6:
		return turner{rotate: 90}
	case 7:
		return turner{rotate: 270, flip: mirrored}
	case 8:
		return turner{rotate: 270}
	}
	return turner{}
}

// exifOrientation is the tag's value; 0 if there is none.
func exifOrientation(b []byte) uint16 {
	for b = b[min(2, len(b)):]; len(b) >= 4 && b[0] == 0xFF; {
		marker, n := b[1], int(binary.BigEndian.Uint16(b[2:]))
		if marker == 0xDA || n < 2 || len(b) < 2+n {
			return 0
		}
		if body := b[4 : 2+n]; marker == 0xE1 && len(body) > 6 && string(body[:6]) == "Exif\x00\x00" {
			return tiffOrientation(body[6:])
		}
		b = b[2+n:]
	}
	return 0
}

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
