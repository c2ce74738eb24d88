package main

import (
	"encoding/binary"
	"os"
	"os/exec"
	"testing"
	"time"

	"acip/codec"
	"acip/frame"
	"acip/internal/bench/load"
	"acip/media"
	"acip/packet"
)

func TestRecordingIsWholeAndBeginsWithAKey(t *testing.T) {
	clip := recorded(load.ACIP)
	if len(clip) != 180 {
		t.Fatalf("%d pictures", len(clip))
	}
	d, err := codec.NewDecoder(media.VP8)
	if err != nil {
		t.Skip(err)
	}
	defer d.Close()
	var got frame.Frame
	for i, b := 0, recording; len(b) > 4; i++ {
		n := binary.BigEndian.Uint32(b)
		payload := b[4 : 4+n]
		head, data, err := packet.ParseVideo(payload, packet.DefaultMaxFrame)
		if err != nil {
			t.Fatal(err)
		}
		if key := head.Flags&media.Key != 0; key != (i == 0) {
			t.Errorf("picture %d: key %v", i, key)
		}
		if err := d.Decode(&got, data, frame.Size{W: int(head.Width), H: int(head.Height)}); err != nil {
			t.Fatalf("picture %d: %v", i, err)
		}
		b = b[4+n:]
	}
}

// Makes the recording from a clip: ACIP_RECORD=head.avi go test -tags vpx -run TestRecord ./internal/bench
func TestRecord(t *testing.T) {
	clip := os.Getenv("ACIP_RECORD")
	if clip == "" {
		t.Skip("ACIP_RECORD names no clip")
	}
	pix, err := exec.Command("ffmpeg", "-v", "error", "-i", clip, "-vf", "scale=160:90:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	e, err := codec.NewEncoder(media.VP8, codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var file []byte
	for seq := uint32(0); len(pix) >= 160*90*3; seq++ {
		file = appendPicture(t, file, e, &frame.Frame{Width: 160, Height: 90, Pix: pix[:160*90*3]}, seq)
		pix = pix[160*90*3:]
	}
	if err := os.WriteFile("testdata/head160x90.vp8", file, 0o644); err != nil {
		t.Fatal(err)
	}
}

func appendPicture(t *testing.T, file []byte, e codec.Encoder, f *frame.Frame, seq uint32) []byte {
	t.Helper()
	payload := make([]byte, packet.VideoHeadSize)
	payload, flags, err := e.Encode(payload, f, false)
	if err != nil {
		t.Fatal(err)
	}
	head := packet.VideoHead{Codec: media.VP8, Flags: flags, Width: 160, Height: 90, Seq: seq, Time: uint64(time.Now().UnixMicro())}
	head.Put(payload)
	return append(binary.BigEndian.AppendUint32(file, uint32(len(payload))), payload...)
}
