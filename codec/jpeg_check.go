package codec

import (
	"encoding/binary"
	"fmt"

	"acip/frame"
)

// JPEG markers, ITU T.81 table B.1.
const (
	markerSOF0 = 0xC0
	markerSOF1 = 0xC1
	markerDHT  = 0xC4
	markerJPG  = 0xC8
	markerDAC  = 0xCC
	markerSOI  = 0xD8
	markerEOI  = 0xD9
	markerSOS  = 0xDA
	markerDQT  = 0xDB
)

// checkJPEG walks the segments before the first scan. It refuses, before anything is allocated for it, what is not
// baseline (a progressive file of a few bytes can ask for thousands of passes over the whole picture), has other than one
// or three components, or another size than want.
func checkJPEG(data []byte, want frame.Size) error {
	if len(data) < 4 || data[0] != 0xFF || data[1] != markerSOI {
		return fmt.Errorf("%w: jpeg: no start", ErrData)
	}
	for at := 2; ; {
		marker, body, next := jpegSegment(data, at)
		switch {
		case next == 0:
			return fmt.Errorf("%w: jpeg: no picture", ErrData)
		case marker == markerSOF0 || marker == markerSOF1:
			return checkSOF(body, want)
		case marker == markerSOS || marker == markerEOI:
			return fmt.Errorf("%w: jpeg: no size", ErrData)
		case marker > markerSOF1 && marker < 0xD0 && marker != markerDHT && marker != markerDAC && marker != markerJPG:
			return fmt.Errorf("%w: jpeg: not baseline", ErrData)
		}
		at = next
	}
}

// jpegSegment returns the segment at offset at and the offset after it, which is 0 where there is none.
func jpegSegment(data []byte, at int) (marker byte, body []byte, next int) {
	for at+1 < len(data) && data[at] == 0xFF && data[at+1] == 0xFF {
		at++ // fill bytes
	}
	if at+4 > len(data) || data[at] != 0xFF {
		return 0, nil, 0
	}
	n := int(binary.BigEndian.Uint16(data[at+2:]))
	if n < 2 || at+2+n > len(data) {
		return 0, nil, 0
	}
	return data[at+1], data[at+4 : at+2+n], at + 2 + n
}

// checkSOF compares a start-of-frame segment with what was declared.
func checkSOF(body []byte, want frame.Size) error {
	if len(body) < 6 {
		return fmt.Errorf("%w: jpeg: short frame header", ErrData)
	}
	h, w := int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	if w != want.W || h != want.H {
		return fmt.Errorf("%w: jpeg is %dx%d, declared %dx%d", ErrSize, w, h, want.W, want.H)
	}
	if body[5] != 1 && body[5] != 3 {
		return fmt.Errorf("%w: jpeg: %d components", ErrData, body[5])
	}
	return nil
}
