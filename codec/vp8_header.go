package codec

import (
	"fmt"

	"acip/frame"
)

// vp8Header reads RFC 6386 section 9.1: the frame tag, and, of a key picture, the size.
func vp8Header(data []byte) (size frame.Size, key bool, err error) {
	if len(data) < 3 {
		return size, false, fmt.Errorf("%w: vp8: %d bytes", ErrData, len(data))
	}
	tag := uint(data[0]) | uint(data[1])<<8 | uint(data[2])<<16
	key = tag&1 == 0
	head := 3
	if key {
		head = 10
	}
	if tag>>1&7 > 3 || head+int(tag>>5) > len(data) {
		return size, key, fmt.Errorf("%w: vp8: broken or truncated header", ErrData)
	}
	if !key {
		return size, false, nil
	}
	if data[3] != 0x9D || data[4] != 0x01 || data[5] != 0x2A {
		return size, true, fmt.Errorf("%w: vp8: no start code", ErrData)
	}
	size.W = int(data[6]) | int(data[7]&0x3F)<<8
	size.H = int(data[8]) | int(data[9]&0x3F)<<8
	return size, true, nil
}
