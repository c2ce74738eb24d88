package call

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"sync/atomic"
	"testing"
	"time"

	"acip/codec"
	"acip/internal/account"
	"acip/media"
	"acip/packet"
	"acip/transport"
)

// toyTransform is a reversible Transform for tests: a front of one to four bytes that counts, the payload exclusive-or the
// counter, and a checksum over header and payload at the back. It notes what breaks the promises to Seal.
type toyTransform struct {
	sealed, opened atomic.Int64
	moved          atomic.Int64 // payloads that could not be sealed in place
}

func (x *toyTransform) Overhead() (front, back int) { return 4, crc32.Size }

func (x *toyTransform) Seal(dst, head, payload []byte) ([]byte, error) {
	n := x.sealed.Add(1)
	front := int(n%4) + 1 // fewer bytes than Overhead says are allowed
	room := dst[len(dst):cap(dst)]
	if len(room) < 4+len(payload)+crc32.Size || &room[4] != &payload[0] {
		x.moved.Add(1)
	}
	sum := crc32.Update(crc32.ChecksumIEEE(head), crc32.IEEETable, payload)
	copy(room[front:], payload)
	out := dst[:len(dst)+front+len(payload)]
	for i := range front {
		out[len(dst)+i] = byte(front)
	}
	body := out[len(dst)+front:]
	for i := range body {
		body[i] ^= byte(front) + 0x5a
	}
	return binary.BigEndian.AppendUint32(out, sum), nil
}

func (x *toyTransform) Open(dst, head, sealed []byte) ([]byte, error) {
	front := int(sealed[0])
	if front < 1 || front > 4 || len(sealed) < front+crc32.Size {
		return nil, errors.New("not sealed")
	}
	body, sum := sealed[front:len(sealed)-crc32.Size], binary.BigEndian.Uint32(sealed[len(sealed)-crc32.Size:])
	start := len(dst)
	dst = append(dst, body...)
	for i := range dst[start:] {
		dst[start+i] ^= byte(front) + 0x5a
	}
	if crc32.Update(crc32.ChecksumIEEE(head), crc32.IEEETable, dst[start:]) != sum {
		return nil, errors.New("wrong checksum")
	}
	x.opened.Add(1)
	return dst, nil
}

// Every coded picture of every layer is sealed, in place, and a viewer with the transform sees what one sees without any.
func TestTransformSealsEveryCodedPicture(t *testing.T) {
	ask := packet.Ask{Width: 320, Height: 240, FPS: 30, Codecs: codec.Names(), Layers: []packet.AskLayer{{Layer: packet.LayerSmall, Width: 80, Height: 60, FPS: 30}},
		Alternatives: []packet.Alternative{
			{Layer: packet.LayerJPEG, Codec: "jpeg", Width: 160, Height: 120, FPS: 30, Kbps: 10_000}, {Layer: packet.LayerRaw, Codec: "raw", Width: 40, Height: 30, FPS: 30, Kbps: 10_000},
		}}
	for _, id := range codec.Available() {
		if id == media.Raw {
			continue
		}
		t.Run(id.String(), func(t *testing.T) {
			plain, sealed := newUplinkTest(t, id.String(), ask), newUplinkTest(t, id.String(), ask)
			x := &toyTransform{}
			sealed.transform = x
			shown, opened := newNewest(), newNewest()
			clear, secret := newTestDownlink(downlinkConfig{out: shown}), newTestDownlink(downlinkConfig{out: opened, transform: x})
			defer clear.close()
			defer secret.close()
			for _, d := range []*downlink{clear, secret} {
				d.join(packet.Member{ID: 7, Name: "sender", Role: packet.RoleJoin})
			}
			start, packets := time.Now(), 0
			for i := range 20 {
				at := start.Add(time.Duration(i) * time.Second / 30)
				show(plain, clear, at)
				packets += show(sealed, secret, at)
				if !bytes.Equal(shown.newest[7].Pix, opened.newest[7].Pix) {
					t.Fatalf("picture %d is not the one without a transform", i)
				}
			}
			if n := int(x.sealed.Load()); n != packets || packets < 41 || x.moved.Load() != 0 {
				t.Errorf("%d pictures sent, %d sealed, %d of them not in place", packets, n, x.moved.Load())
			}
			if x.opened.Load() != 20 {
				t.Errorf("%d of 20 opened", x.opened.Load())
			}
		})
	}
}

// show sends a picture to a viewer, who takes the main layer, and returns how many packets were sent.
func show(u *uplinkTest, d *downlink, at time.Time) (packets int) {
	u.t.Helper()
	sent, reason := u.take(at)
	if reason != "" {
		u.t.Fatal(reason)
	}
	for _, b := range sent {
		flags, layer := packet.Frame(b)
		if flags.Has(media.Encrypted) != (u.transform != nil) && b.Type() == packet.VideoFrame || u.transform != nil && b.Type() == packet.ImageFrame {
			u.t.Fatalf("layer %d has flags %d", layer, flags)
		}
		b.Stamp(7)
		if layer == packet.LayerMain && b.Type() == packet.VideoFrame {
			d.picture(b)
		}
		b.Release()
	}
	return len(sent)
}

// A call with a transform neither sends raw pictures nor takes what was not sealed; one without takes nothing sealed; and
// what was changed on the way is dropped, and a keyframe requested.
func TestTransformTakesOnlySealedPictures(t *testing.T) {
	ask := packet.Ask{Width: 160, Height: 90, FPS: 30, Codecs: []string{"jpeg", "raw"}}
	x := &toyTransform{}
	raw := newUplinkTest(t, "raw", ask)
	raw.transform = x
	if sent, reason := raw.take(time.Now()); len(sent) != 0 || reason != account.EncodeFailed {
		t.Errorf("raw: %d packets, %q", len(sent), reason)
	}
	if got := withoutRaw(x, []string{"vp8", "jpeg", "raw"}); len(got) != 2 {
		t.Errorf("HELLO offers %v", got)
	}
	if got := withoutRaw(nil, []string{"jpeg", "raw"}); len(got) != 2 {
		t.Errorf("HELLO offers %v without a transform", got)
	}
	requests := 0
	for _, c := range []struct {
		name             string
		codec            string
		sender, viewer   Transform
		change, accepted bool
	}{
		{"sealed", "jpeg", x, x, false, true}, {"sealed and changed", "jpeg", x, x, true, false},
		{"sealed, unwanted", "jpeg", x, nil, false, false}, {"clear", "jpeg", nil, x, false, false}, {"raw", "raw", nil, x, false, false},
	} {
		u := newUplinkTest(t, c.codec, ask)
		u.transform = c.sender
		out := newNewest()
		d := newTestDownlink(downlinkConfig{out: out, transform: c.viewer, requestKey: func(uint32) { requests++ }})
		d.join(packet.Member{ID: 7, Name: "sender", Role: packet.RoleJoin})
		sent, _ := u.take(time.Now())
		if len(sent) != 1 {
			t.Fatalf("%s: %d packets", c.name, len(sent))
		}
		if c.change {
			sent[0].Payload()[packet.VideoHeadSize+10]++
		}
		sent[0].Stamp(7)
		d.picture(sent[0])
		sent[0].Release()
		if got := out.newest[7] != nil; got != c.accepted || !got && d.account.Stats(0).Down[account.DecodeFailed] != 1 {
			t.Errorf("%s: shown %v, %v", c.name, got, d.account.Stats(0).Down)
		}
		d.close()
	}
}

// A transform that fails costs the picture, not the buffer.
func TestTransformFails(t *testing.T) {
	u := newUplinkTest(t, "jpeg", packet.Ask{Width: 160, Height: 90, FPS: 30, Codecs: []string{"jpeg"}})
	u.transform = brokenTransform{}
	if sent, reason := u.take(time.Now()); len(sent) != 0 || reason != account.EncodeFailed || !u.key.Load() {
		t.Errorf("%d packets, %q", len(sent), reason)
	}
}

type brokenTransform struct{}

func (brokenTransform) Overhead() (front, back int)         { return 0, 0 }
func (brokenTransform) Seal(_, _, _ []byte) ([]byte, error) { return nil, transport.ErrNotConnected }
func (brokenTransform) Open(_, _, _ []byte) ([]byte, error) { return nil, transport.ErrNotConnected }
