package main

import (
	_ "embed"
	"encoding/binary"

	"acip/internal/bench/load"
)

// recording is six seconds of a talking head at 160x90 and 30 pictures a second, as VIDEO_FRAME payloads, each behind its
// length as a big-endian u32. TestRecord makes it anew.
//
//go:embed testdata/head160x90.vp8
var recording []byte

// recorded is the recording, ready to be sent.
func recorded(kind load.Kind) (clip []*load.Picture) {
	for b := recording; len(b) > 4; {
		n := binary.BigEndian.Uint32(b)
		clip = append(clip, load.VideoPicture(kind, b[4:4+n]))
		b = b[4+n:]
	}
	return clip
}
