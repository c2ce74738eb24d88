package server

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/media"
	"acip/packet"
)

// sendVP8 writes a VP8 picture, changed on its way where the test wants that.
func (c client) sendVP8(t *testing.T, seq uint32, flags media.Flags, change func(message []byte) []byte) {
	t.Helper()
	payload := make([]byte, packet.VideoHeadSize+50)
	packet.VideoHead{Codec: media.VP8, Flags: flags, Width: 16, Height: 16, Seq: seq}.Put(payload)
	if err := c.WriteMessage(change(testkit.Packet(packet.VideoFrame, payload)), 0, 0); err != nil {
		t.Fatal(err)
	}
}

// TestALossOnTheWayInIsRepaired: where pictures depend on each other and one of a sender's is lost before the room has it,
// the sender is asked for a picture that stands alone, and no viewer gets one whose predecessor is missing.
func TestALossOnTheWayInIsRepaired(t *testing.T) {
	whole := func(m []byte) []byte { return m }
	for _, tt := range []struct {
		name string
		rate int                         // pictures a second; 0: the default
		harm func(message []byte) []byte // what becomes of each picture after the first
	}{
		{"checksum", 0, func(m []byte) []byte { m[len(m)-1] ^= 1; return m }},
		{"cut short", 0, func(m []byte) []byte { return m[:len(m)-1] }},
		{"too many", 5, whole},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, Config{Limits: Limits{Frames: tt.rate}})
			a := r.join(`{"protocol":1,"room":"lobby","name":"a","role":"join","codecs":["vp8"]}`)
			v := r.join(`{"protocol":1,"room":"lobby","name":"v","role":"watch","codecs":["vp8"]}`)
			seq := uint32(0)
			send := func(flags media.Flags, change func([]byte) []byte) {
				a.sendVP8(t, seq, flags, change)
				seq++
			}
			send(media.Key, whole)
			for range 1 + 4*tt.rate {
				send(0, tt.harm)
			}
			_ = a.Conn.SetReadDeadline(time.Now().Add(onBusyMachine / 10))
			if _, err := a.Expect(packet.KeyRequest); err != nil {
				t.Fatalf("no key was asked for: %v", err)
			}
			send(0, whole)
			least, arrived := seq, make(chan []uint32, 1)
			go func() { arrived <- v.untilKey(least) }()
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case got := <-arrived:
					if n := len(got) - 1; n < 1 || !slices.Equal(got[:n], upTo(n)) {
						t.Errorf("those arrived: %v", got)
					}
					return
				case <-tick.C:
					send(media.Key, whole) // again where it is one too many
				}
			}
		})
	}
}

// untilKey is the numbers of the pictures that arrive, up to a key of at least that number.
func (c client) untilKey(least uint32) (got []uint32) {
	for {
		_, payload, err := nextPicture(c.Peer)
		if err != nil {
			return got
		}
		seq := binary.BigEndian.Uint32(payload[8:])
		got = append(got, seq)
		if media.Flags(payload[1])&media.Key != 0 && seq >= least {
			return got
		}
	}
}

// upTo is the numbers from 0 to before n.
func upTo(n int) (numbers []uint32) {
	for i := range n {
		numbers = append(numbers, uint32(i))
	}
	return numbers
}
