package pool

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"acip/media"
	"acip/packet"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const ms20 = 20 * time.Millisecond // one frame of audio

// sound returns a frame of audio of some bytes: its number, and the time at which it was made.
func (w *world) sound(n uint64, size int) *packet.Buffer {
	b := w.buffers.Get(max(size, 16))
	binary.BigEndian.PutUint64(b.Payload(), n)
	binary.BigEndian.PutUint64(b.Payload()[8:], uint64(w.clock.UnixNano()))
	b.Finish(packet.AudioFrame, 0)
	return b
}

// heard returns what sound wrote: the number, and the age.
func (w *world) heard(b *packet.Buffer) (n uint64, age time.Duration) {
	return binary.BigEndian.Uint64(b.Payload()), w.clock.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(b.Payload()[8:]))))
}

// speaker joins and announces an audio track.
func (w *world) speaker() *Member {
	m, _ := w.join(packet.Hello{})
	m.SetStreaming(media.Audio, true)
	return m
}

// account returns a member's account of a sender's audio, whose sum must hold.
func (w *world) account(m *Member, sender *Member) TrackStats {
	w.t.Helper()
	for _, s := range m.Stats().From {
		if s.ID != sender.id || s.Kind != "audio" {
			continue
		}
		sum := s.Frames + uint64(m.subscriptions[track{sender.id, media.Audio}].queue.len())
		for _, n := range s.Dropped {
			sum += n
		}
		if sum != s.Offered {
			w.t.Errorf("%d frames of audio were offered, and %d accounted for: %+v", s.Offered, sum, s)
		}
		return s
	}
	w.t.Fatalf("no audio subscription to %d", sender.id)
	return TrackStats{}
}

// A member's queue is sent in the order of classes, whatever the order of arrival.
func TestControlBeforeAudioBeforeVideo(t *testing.T) {
	w := newWorld(t, Options{})
	a, b := w.speaker(), w.speaker()
	v, _ := w.join(packet.Hello{})
	w.drain(v)
	w.publish(a, w.image(1))
	w.publish(b, w.sound(1, 80))
	w.advance(time.Millisecond)
	w.publish(a, w.sound(2, 80))
	v.Tell(packet.CodeRate, "a notice")
	w.publish(b, w.image(2))
	var got []packet.Type
	for p := v.Next(); p != nil; p = v.Next() {
		if got = append(got, p.Type()); p.Type() == packet.AudioFrame {
			if n, _ := w.heard(p); n != uint64(len(got)-1) {
				t.Errorf("frame of audio %d is sent as number %d, want the oldest first", n, len(got)-1)
			}
		}
		p.Release()
	}
	want := []packet.Type{packet.ErrorMessage, packet.AudioFrame, packet.AudioFrame, packet.ImageFrame, packet.ImageFrame}
	if !slices.Equal(got, want) {
		t.Errorf("sent %v, want %v", got, want)
	}
	w.end()
}

// What waits longer than 120 ms is dropped and counted, the oldest first, whether more arrives or not.
func TestAudioIsBoundedInTime(t *testing.T) {
	for name, c := range map[string]struct {
		frames  uint64
		silence time.Duration // before the viewer's link takes anything
		heard   []uint64
		stale   uint64
	}{
		"no pause":               {3, 0, []uint64{1, 2, 3}, 0},
		"just within the bound":  {6, ms20, []uint64{1, 2, 3, 4, 5, 6}, 0},
		"a pause while talking":  {20, 0, []uint64{14, 15, 16, 17, 18, 19, 20}, 13},
		"a pause after the last": {5, 100 * time.Millisecond, []uint64{4, 5}, 3},
		"a long pause":           {5, time.Second, nil, 5},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Options{})
			a := w.speaker()
			v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
			for n := uint64(1); n <= c.frames; n++ {
				if n > 1 {
					w.advance(ms20)
				}
				w.publish(a, w.sound(n, 80))
			}
			w.advance(c.silence)
			var heard []uint64
			for p := v.Next(); p != nil; p = v.Next() {
				n, age := w.heard(p)
				if heard = append(heard, n); age > audioAge {
					t.Errorf("frame %d was sent %v old", n, age)
				}
				p.Release()
			}
			if !slices.Equal(heard, c.heard) {
				t.Errorf("heard %v, want %v", heard, c.heard)
			}
			if s := w.account(v, a); s.Dropped["stale"] != c.stale {
				t.Errorf("dropped %v, want %d as stale", s.Dropped, c.stale)
			}
			w.end()
		})
	}
}

// A sender of too much audio loses its oldest frames, or those above the rate; a frame too large is not queued at all.
func TestAudioIsBoundedInSize(t *testing.T) {
	for name, c := range map[string]struct {
		frames, size int
		first        uint64
		dropped      map[string]uint64
	}{
		"as many as 2.5 ms allows": {audioLength, 20, 1, map[string]uint64{}},
		"too many":                 {audioLength + 10, 20, 11, map[string]uint64{"behind": 10}},
		"too many bytes":           {20, 1600, 1, map[string]uint64{"rate": 10}},
		"too large":                {1, audioBytes, 0, map[string]uint64{"size": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Options{})
			a := w.speaker()
			v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
			for n := range c.frames {
				w.publish(a, w.sound(uint64(n)+1, c.size))
			}
			if p := v.Next(); p != nil {
				if n, _ := w.heard(p); n != c.first {
					t.Errorf("the first frame sent is %d, want %d", n, c.first)
				}
				p.Release()
			} else if c.first != 0 {
				t.Error("nothing was sent")
			}
			if s := w.account(v, a); !cmp.Equal(s.Dropped, c.dropped) {
				t.Errorf("dropped %v, want %v", s.Dropped, c.dropped)
			}
			if d := v.Stats().Dropped; len(d) > 0 {
				t.Errorf("audio is counted among pictures: %v", d)
			}
			w.end()
		})
	}
}

// slowLink takes packets one after another, each for as long as its bytes need.
type slowLink struct {
	w    *world
	m    *Member
	rate int64 // bytes a second
	busy time.Time
	sent func(*packet.Buffer) // when a packet is taken
}

// run takes what the link has time for.
func (l *slowLink) run() {
	for !l.w.clock.Before(l.busy) {
		b := l.m.Next()
		if b == nil {
			return
		}
		l.sent(b)
		l.busy = l.w.clock.Add(time.Duration(int64(b.Len()) * int64(time.Second) / l.rate))
		b.Release()
	}
}

// Audio keeps flowing on a link that raw pictures fill, and control waits for no more than the packet that is being
// written.
func TestAudioFlowsBesidePicturesAndNeverDelaysControl(t *testing.T) {
	w := newWorld(t, Options{})
	a, flood := w.speaker(), w.speaker()
	v, _ := w.join(packet.Hello{})
	w.drain(v)
	var heard, pictures int
	var notices []time.Duration
	var noticed time.Time
	link := &slowLink{w: w, m: v, rate: 500_000, busy: w.clock} // 4 Mbit/s
	link.sent = func(b *packet.Buffer) {
		switch b.Type() {
		case packet.AudioFrame:
			if _, age := w.heard(b); age > audioAge {
				t.Errorf("audio was sent %v old", age)
			}
			heard++
		case packet.ImageFrame:
			pictures++
		case packet.ErrorMessage:
			notices = append(notices, w.clock.Sub(noticed))
		}
	}
	const seconds = 20
	for n := range seconds * 1000 {
		w.advance(time.Millisecond)
		if n%33 == 0 { // raw 160x120 at 30: three and a half times the link
			b := w.buffers.Get(packet.ImageHeadSize + 160*120*3)
			packet.ImageHead{Width: 160, Height: 120, Format: packet.FormatRGB24}.Put(b.Payload())
			b.Finish(packet.ImageFrame, 0)
			w.publish(flood, b)
		}
		if n%20 == 0 {
			w.publish(a, w.sound(uint64(n), 160))
			w.publish(flood, w.sound(uint64(n), 160))
		}
		if n%500 == 250 {
			noticed = w.clock
			v.Tell(packet.CodeRate, "a notice")
		}
		link.run()
	}
	one := time.Duration(int64(160*120*3+100) * int64(time.Second) / link.rate) // a raw picture on the link
	if s := w.account(v, a); heard < 2*seconds*50*97/100 || len(s.Dropped) > 1 {
		t.Errorf("%d of %d frames of audio arrived, dropped %v", heard, 2*seconds*50, s.Dropped)
	}
	if pictures < seconds*5 {
		t.Errorf("only %d pictures passed beside audio", pictures)
	}
	if len(notices) != 2*seconds || slices.Max(notices) > one+time.Millisecond {
		t.Errorf("%d notices waited for up to %v, want at most %v", len(notices), slices.Max(notices), one)
	}
	w.end()
}

// Whoever comes, goes, asks and stalls: audio is never sent late, never before control, never after video, in order for
// each sender, and every frame ends in the account.
func TestAudioModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Options{})
		senders := []*Member{w.speaker(), w.speaker()}
		v, _ := w.join(packet.Hello{Demand: rapid.Bool().Draw(t, "demand"), Codecs: []string{"raw"}})
		w.drain(v)
		last := map[uint32]uint64{}
		for n := range rapid.IntRange(1, 200).Draw(t, "steps") {
			a := rapid.SampledFrom(senders).Draw(t, "sender")
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0, 1:
				w.publish(a, w.sound(uint64(n)+1, rapid.IntRange(16, 2000).Draw(t, "size")))
			case 2:
				w.publish(a, w.image(uint64(n)))
			case 3:
				w.advance(time.Duration(rapid.IntRange(0, 150).Draw(t, "ms")) * time.Millisecond)
			case 4:
				v.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: rapid.SampledFrom([]media.Rate{media.Off, media.Native}).Draw(t, "rate")}})
			case 5:
				a.SetStreaming(media.Audio, rapid.Bool().Draw(t, "on"))
			case 6:
				w.takeAll(t, v, last, rapid.IntRange(0, 20).Draw(t, "packets"))
			}
		}
		w.takeAll(t, v, last, 1000)
		for _, a := range senders {
			a.SetStreaming(media.Audio, true)
			w.account(v, a)
		}
		w.end()
	})
}

// takeAll takes up to n packets at one moment and checks their order.
func (w *world) takeAll(t fataler, v *Member, last map[uint32]uint64, n int) {
	class := packet.Control
	for ; n > 0; n-- {
		p := v.Next()
		if p == nil {
			return
		}
		if p.Type().Class() < class {
			t.Errorf("%s is sent behind class %d", p.Type(), class)
		}
		class = p.Type().Class()
		if class == packet.Audio {
			number, age := w.heard(p)
			if age > audioAge || number <= last[p.Client()] {
				t.Errorf("frame %d of %d is sent %v old, behind frame %d", number, p.Client(), age, last[p.Client()])
			}
			last[p.Client()] = number
		}
		p.Release()
	}
}

// A viewer gets audio of the senders that it requested, from when it is announced to when it ends.
func TestAudioSubscriptions(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	early, _ := w.join(packet.Hello{Demand: true})
	early.SetSubscriptions([]packet.Want{{ID: a.ID()}})
	other, _ := w.join(packet.Hello{Demand: true})
	n := uint64(0)
	got := func(m *Member) int {
		w.drain(m)
		n++
		w.publish(a, w.sound(n, 80))
		audio := 0
		for p := m.Next(); p != nil; p = m.Next() {
			if p.Type() == packet.AudioFrame && p.Client() == a.ID() {
				audio++
			}
			p.Release()
		}
		return audio
	}
	if got(early) != 0 {
		t.Error("audio was sent before it was announced")
	}
	a.SetStreaming(media.Audio, true)
	late, _ := w.join(packet.Hello{})
	if got(early) != 1 || got(late) != 1 || got(other) != 0 {
		t.Error("audio does not go to exactly those that requested the sender")
	}
	early.SetSubscriptions(nil)
	if got(early) != 0 {
		t.Error("audio goes on after the request ended")
	}
	if s := w.account(early, a); s.Dropped["unwanted"] == 0 {
		t.Errorf("what is not wanted is not counted: %v", s.Dropped)
	}
	a.SetStreaming(media.Audio, false)
	if got(late) != 0 {
		t.Error("audio goes on after the track ended")
	}
	w.end()
}
