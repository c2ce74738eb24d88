package imagefile

import (
	"encoding/binary"
	"iter"

	"acip/capture/internal/turn"
)

// boxes yields the boxes of an ISO base media file (ISO/IEC 14496-12), or of a box of it; a body that is cut short is
// what there is.
func boxes(b []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for len(b) >= 8 {
			n := int(binary.BigEndian.Uint32(b))
			if n < 8 || n > len(b) {
				n = len(b)
			}
			if !yield(chunk{string(b[4:8]), b[8:n]}) {
				return
			}
			b = b[n:]
		}
	}
}

func box(b []byte, name string) []byte {
	for c := range boxes(b) {
		if c.name == name {
			return c.body
		}
	}
	return nil
}

// AVIFTurn returns how an AVIF or HEIF image is turned to stand upright: the properties irot and imir of its primary
// item (ISO/IEC 23008-12, 6.5.10 and 6.5.12), in the order in which the item names them. EXIF data has no say there.
func AVIFTurn(head []byte) turn.Turn {
	meta := box(head, "meta")
	if len(meta) < 4 {
		return turn.Turn{}
	}
	meta = meta[4:]
	var primary uint32
	switch pitm := box(meta, "pitm"); {
	case len(pitm) >= 8 && pitm[0] > 0:
		primary = binary.BigEndian.Uint32(pitm[4:])
	case len(pitm) >= 6:
		primary = uint32(binary.BigEndian.Uint16(pitm[4:]))
	}
	iprp := box(meta, "iprp")
	var properties []chunk
	for c := range boxes(box(iprp, "ipco")) {
		properties = append(properties, c)
	}
	var t turn.Turn
	for _, i := range associations(box(iprp, "ipma"), primary) {
		if i < 1 || i > len(properties) || len(properties[i-1].body) == 0 {
			continue
		}
		switch p := properties[i-1]; p.name {
		case "irot":
			t = t.Then(turn.Turn{Rotate: turn.Rotation((4 - int(p.body[0]&3)) % 4 * 90)}) // it turns the other way
		case "imir": // about the vertical axis, 0, or the horizontal one
			t = t.Then(turn.Turn{Flip: turn.Flip{Horizontal: p.body[len(p.body)-1]&1 == 1, Vertical: p.body[len(p.body)-1]&1 == 0}})
		}
	}
	return t
}

// associations returns the numbers, from 1 on, of the properties of an item.
func associations(ipma []byte, item uint32) (list []int) {
	if len(ipma) < 8 {
		return nil
	}
	longItems, longNumbers := ipma[0] > 0, ipma[3]&1 != 0
	count, b := binary.BigEndian.Uint32(ipma[4:]), ipma[8:]
	for ; count > 0 && len(b) >= 5; count-- {
		id, width := uint32(binary.BigEndian.Uint16(b)), 2
		if longItems {
			id, width = binary.BigEndian.Uint32(b), 4
		}
		n := int(b[width])
		b = b[width+1:]
		size := 1
		if longNumbers {
			size = 2
		}
		for ; n > 0 && len(b) >= size; n-- {
			number := int(b[0] & 0x7F)
			if longNumbers {
				number = int(binary.BigEndian.Uint16(b) & 0x7FFF)
			}
			if b = b[size:]; id == item {
				list = append(list, number)
			}
		}
	}
	return list
}
