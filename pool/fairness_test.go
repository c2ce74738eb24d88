package pool

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"acip/media"
	"acip/packet"

	"github.com/google/go-cmp/cmp"
)

var allCodecs = []string{"vp8", "jpeg", "raw"}

// watcher is a viewer's hello.
func watcher(codecs ...string) packet.Hello {
	return packet.Hello{Role: packet.RoleWatch, Demand: true, Codecs: codecs}
}

// TestDemandsAreFew: whatever a viewer wishes and how often, its sender is told at most four times in any second, in
// steps while it grows, and ends at what is wanted.
func TestDemandsAreFew(t *testing.T) {
	for name, wish := range map[string]func(n int) packet.Want{
		"a pixel more each time": func(n int) packet.Want { return packet.Want{Width: 160 + n, Height: 90 + n, FPS: 30} },
		"small and large":        func(n int) packet.Want { return packet.Want{Width: 100 + n%2*540, Height: 80 + n%2*400, FPS: 30} },
		"wanted and not":         func(n int) packet.Want { return packet.Want{Width: 160, Height: 90, FPS: media.PerSecond(n % 2 * 30)} },
		"another rate each time": func(n int) packet.Want { return packet.Want{Width: 160, Height: 90, FPS: media.Rate(1 + n%30)} },
		"the own size and a box": func(n int) packet.Want { return packet.Want{Width: n % 2 * 160, Height: n % 2 * 90, FPS: 30} },
		"everything at one times": func(n int) packet.Want {
			return packet.Want{Width: n * 7919 % 1000, Height: n * 104729 % 1000, FPS: media.PerSecond(n % 31)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Options{})
			a, _ := w.join(packet.Hello{Codecs: allCodecs})
			honest, _ := w.join(watcher(allCodecs...))
			hostile, _ := w.join(watcher(allCodecs...))
			honest.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 160, Height: 90, FPS: 30}})
			now, _ := last[packet.Ask](w, a, packet.Demand)
			var told []time.Time
			sizes := 0
			const steps = 300 // ten seconds
			for n := range steps {
				want := wish(n)
				want.ID = a.ID()
				hostile.SetSubscriptions([]packet.Want{want})
				w.advance(time.Second / 30)
				w.pool.Tick()
				if ask, ok := last[packet.Ask](w, a, packet.Demand); ok {
					told = append(told, w.clock)
					if ask.Width != now.Width || ask.Height != now.Height {
						sizes++
					}
					now = ask
				}
			}
			for i, at := range told {
				if i >= 4 && at.Sub(told[i-4]) < time.Second-time.Millisecond { // a third of a second is no whole number of ns
					t.Fatalf("five demands within %v", at.Sub(told[i-4]))
				}
			}
			if sizes > 15 {
				t.Errorf("%d sizes in ten seconds", sizes)
			}
			hostile.SetSubscriptions(nil)
			for range 50 {
				w.advance(100 * time.Millisecond)
				w.pool.Tick()
				if ask, ok := last[packet.Ask](w, a, packet.Demand); ok {
					now = ask
				}
			}
			if want := (packet.Ask{Width: 160, Height: 90, FPS: 30, Codecs: allCodecs}); !cmp.Equal(now, want) {
				t.Errorf("ends at %+v, want %+v", now, want)
			}
			w.end()
		})
	}
}

// TestOddViewersMoveNobody: whoever decodes less than the others changes nothing of the main picture, and gets a small
// one of its own.
func TestOddViewersMoveNobody(t *testing.T) {
	for name, c := range map[string]struct {
		sender []string // what it can
		odd    packet.Hello
		want   packet.Want
		alone  []packet.Alternative
	}{
		"JPEG": {allCodecs, watcher("jpeg", "raw"), packet.Want{Width: 640, Height: 480, FPS: 30},
			[]packet.Alternative{{Layer: packet.LayerJPEG, Codec: "jpeg", Width: 160, Height: 120, FPS: 10, Kbps: alternativeKbps}}},
		"raw": {allCodecs, watcher("raw"), packet.Want{FPS: media.Native},
			[]packet.Alternative{{Layer: packet.LayerRaw, Codec: "raw", Width: 80, Height: 60, FPS: 5, Kbps: alternativeKbps}}},
		"a plain client that says raw": {allCodecs, packet.Hello{Role: packet.RoleWatch, Codecs: []string{"raw"}}, packet.Want{},
			[]packet.Alternative{{Layer: packet.LayerRaw, Codec: "raw", Width: 80, Height: 60, FPS: 5, Kbps: alternativeKbps}}},
		"less than the alternative": {allCodecs, watcher("jpeg"), packet.Want{Width: 40, Height: 30, FPS: 2},
			[]packet.Alternative{{Layer: packet.LayerJPEG, Codec: "jpeg", Width: 40, Height: 30, FPS: 2, Kbps: alternativeKbps}}},
		"a sender without VP8": {[]string{"jpeg", "raw"}, watcher("vp8"), packet.Want{Width: 640, Height: 480, FPS: 30},
			[]packet.Alternative{{Layer: packet.LayerRaw, Codec: "raw", Width: 80, Height: 60, FPS: 5, Kbps: alternativeKbps}}},
		"VP8 alone": {allCodecs, watcher("vp8"), packet.Want{Width: 160, Height: 90, FPS: 30}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Options{})
			a, _ := w.join(packet.Hello{Codecs: c.sender})
			v, _ := w.join(watcher(allCodecs...))
			v.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 160, Height: 90, FPS: 30}})
			before, _ := last[packet.Ask](w, a, packet.Demand)
			odd, _ := w.join(c.odd)
			if c.odd.Demand {
				c.want.ID = a.ID()
				odd.SetSubscriptions([]packet.Want{c.want})
			}
			after := before
			if ask, ok := last[packet.Ask](w, a, packet.Demand); ok {
				after = ask
			}
			if before.Width != after.Width || before.Height != after.Height || before.FPS != after.FPS || !slices.Equal(before.Codecs, after.Codecs) || len(after.Layers) > 0 {
				t.Errorf("the main picture was %+v and is %+v", before, after)
			}
			if !cmp.Equal(after.Alternatives, c.alone) {
				t.Errorf("alternatives %+v, want %+v", after.Alternatives, c.alone)
			}
			w.end()
		})
	}
}

// TestAlternativesReachThoseTheyAreFor, and nobody else.
func TestAlternativesReachThoseTheyAreFor(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{Codecs: allCodecs})
	var viewers []*Member
	for _, codecs := range [][]string{allCodecs, {"jpeg", "raw"}, {"raw"}} {
		v, _ := w.join(watcher(codecs...))
		v.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 160, Height: 90, FPS: 30}})
		viewers = append(viewers, v)
	}
	for n := uint64(0); n < 30; n += 3 {
		w.advance(100 * time.Millisecond)
		w.publish(a, w.coded(n, vp8Codec, flag(n == 0, key), 0))
		w.publish(a, w.coded(n+1, jpg, key|drop, packet.LayerJPEG))
		image := w.image(n + 2)
		image.Finish(packet.ImageFrame, packet.ClientRaw)
		w.publish(a, image)
		for i, v := range viewers {
			if got, _ := w.drain(v); !slices.Equal(got, []uint64{n + uint64(i)}) {
				t.Errorf("viewer %d got %v after %d", i, got, n)
			}
		}
	}
	w.end()
}

// TestOddViewersAreTold where their sender sends nothing for them.
func TestOddViewersAreTold(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{Name: "anna", Codecs: allCodecs})
	v, _ := w.join(watcher(allCodecs...))
	odd, _ := w.join(watcher("jpeg"))
	var said []string
	for _, m := range []*Member{v, odd} {
		m.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: media.Native}})
	}
	for n := range uint64(100) {
		w.advance(100 * time.Millisecond)
		w.publish(a, w.coded(n, vp8Codec, flag(n == 0, key), 0))
		w.pool.Tick()
		w.drain(v)
		for b := odd.Next(); b != nil; b = odd.Next() {
			if e, err := packet.ParseError(b.Payload()); b.Type() == packet.ErrorMessage && err == nil {
				said = append(said, e.Message)
			}
			b.Release()
		}
	}
	if !slices.Equal(said, []string{"anna sends vp8, which this client does not decode"}) {
		t.Errorf("told %q", said)
	}
	w.end()
}

// picture is a raw or coded picture of a size, of so many bytes.
func (w *world) picture(codec media.Codec, width, height, bytes int) *packet.Buffer {
	if codec == 0 {
		b := w.buffers.Get(packet.ImageHeadSize + 3*width*height)
		packet.ImageHead{Width: uint32(width), Height: uint32(height), Format: packet.FormatRGB24}.Put(b.Payload())
		b.Finish(packet.ImageFrame, 0)
		return b
	}
	b := w.buffers.Get(packet.VideoHeadSize + bytes)
	packet.VideoHead{Codec: codec, Flags: key | drop, Width: uint16(width), Height: uint16(height)}.Put(b.Payload())
	b.Finish(packet.VideoFrame, 0)
	return b
}

// TestSizesAreHeldAgainstTheViewersOwnDemand, whatever somebody else asked for.
func TestSizesAreHeldAgainstTheViewersOwnDemand(t *testing.T) {
	for name, c := range map[string]struct {
		want                 packet.Want
		codec                media.Codec
		width, height, bytes int
		passes               bool
	}{
		"4.2 MB for a thumbnail":       {packet.Want{Width: 160, Height: 90, FPS: 30}, 0, 1390, 1000, 0, false},
		"the stated raw size":          {packet.Want{Width: 160, Height: 90, FPS: 30}, 0, 320, 240, 0, true},
		"the largest tolerated":        {packet.Want{Width: 160, Height: 90, FPS: 30}, 0, 640, 480, 0, true},
		"a line more":                  {packet.Want{Width: 160, Height: 90, FPS: 30}, 0, 640, 481, 0, false},
		"what was asked for":           {packet.Want{Width: 1280, Height: 720, FPS: 30}, 0, 1280, 720, 0, true},
		"the own size was asked for":   {packet.Want{FPS: media.Native}, 0, 1390, 1000, 0, true},
		"a picture that decodes large": {packet.Want{Width: 160, Height: 90, FPS: 30}, jpg, 2000, 1000, 900, false},
		"a JPEG of megabytes":          {packet.Want{Width: 160, Height: 90, FPS: 30}, jpg, 160, 90, 1 << 20, false},
		"a JPEG of twice the size":     {packet.Want{Width: 160, Height: 90, FPS: 30}, jpg, 320, 180, 9000, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Options{})
			a, _ := w.join(packet.Hello{})
			v, _ := w.join(watcher(allCodecs...))
			plain, _ := w.join(packet.Hello{Role: packet.RoleWatch})
			c.want.ID = a.ID()
			v.SetSubscriptions([]packet.Want{c.want})
			w.publish(a, w.picture(c.codec, c.width, c.height, c.bytes))
			s := v.Stats()
			if (s.Dropped["size"] == 0) != c.passes {
				t.Errorf("dropped %v", s.Dropped)
			}
			if d := plain.Stats().Dropped; len(d) > 0 {
				t.Errorf("the plain client missed %v", d)
			}
			w.end()
		})
	}
}

// TestKeysAboveTwiceTheRate are dropped, and what follows them is repaired; an honest sender's burst passes.
func TestKeysAboveTwiceTheRate(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	v, _ := w.join(watcher("vp8"))
	v.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 160, Height: 90, FPS: 30}})
	n, got := uint64(0), 0
	publish := func(flags media.Flags, d time.Duration) (pictures []uint64) {
		w.advance(d)
		w.publish(a, w.coded(n, vp8Codec, flags, 0))
		n++
		pictures, _ = w.drain(v)
		return pictures
	}
	for range 4450 {
		got += len(publish(key, 10*time.Second/4450))
	}
	if got < 300 || got > 640 {
		t.Errorf("%d key pictures passed in ten seconds, twice the rate is 600", got)
	}
	w.drain(a)
	if passed := publish(0, time.Millisecond); len(passed) > 0 {
		t.Error("a picture passed whose key was dropped")
	}
	w.advance(time.Second)
	w.pool.Tick()
	if _, asked := last[packet.Key](w, a, packet.KeyRequest); !asked {
		t.Error("no key is asked for")
	}
	got = len(publish(key, time.Second))
	for range 29 { // a second's worth at once, after a hiccup
		got += len(publish(0, 0))
	}
	if got != 30 {
		t.Errorf("%d of 30 pictures passed", got)
	}
	w.end()
}

// TestChatCostsNobody: whatever is said by however many, a member that takes nothing is not ended for it, what waits for
// it is bounded, and what it does not get is counted.
func TestChatCostsNobody(t *testing.T) {
	w := newWorld(t, Options{Slots: 64})
	v, _ := w.join(watcher("vp8"))
	var loud []*Member
	for range 20 {
		m, _ := w.join(packet.Hello{Role: packet.RoleWatch})
		loud = append(loud, m)
	}
	w.drain(v)
	bytes, lines := 0, 0
	for range 100 { // ten seconds
		w.advance(100 * time.Millisecond)
		for _, m := range loud {
			m.Say(strings.Repeat("<", packet.MaxText))
		}
	}
	for b := v.Next(); b != nil; b = v.Next() {
		bytes, lines = bytes+b.Len(), lines+1
		b.Release()
	}
	if w.ended[v] != nil || bytes == 0 || bytes > chatBurst+10*chatRate || lines > chatWaits {
		t.Errorf("ended %v, %d lines of %d bytes waited", w.ended[v], lines, bytes)
	}
	if s := v.Stats(); s.ChatLost == 0 || loud[0].Stats().ChatLost == 0 {
		t.Error("what was dropped is not counted")
	}
	quiet, _ := w.join(packet.Hello{})
	w.drain(v)
	w.advance(10 * time.Second)
	quiet.Say("hello")
	if _, control := w.drain(v); !slices.Contains(control, packet.TextMessage) {
		t.Error("who said little is not heard")
	}
	w.end()
}

// TestTurnsAreBytes: of two senders the one with large pictures gets no more of a viewer's link than the other.
func TestTurnsAreBytes(t *testing.T) {
	w := newWorld(t, Options{})
	large, _ := w.join(packet.Hello{})
	small, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
	w.drain(v)
	sent := map[uint32]int{}
	for range 5000 {
		w.publish(large, w.picture(jpg, 640, 480, 200_000)) // the newest always waits
		w.publish(small, w.picture(jpg, 64, 48, 20_000))
		b := v.Next()
		sent[b.Client()] += b.Len()
		b.Release()
	}
	if a, b := sent[large.ID()], sent[small.ID()]; a > b*5/4 || b > a*5/4 {
		t.Errorf("%d and %d bytes", a, b)
	}
	w.end()
}

// TestAnyRosterIsTold: 200 members with the longest names that JSON can make longer still.
func TestAnyRosterIsTold(t *testing.T) {
	w := newWorld(t, Options{Slots: 1000})
	names := map[string]bool{}
	settled := func() {
		for range 100 {
			w.advance(time.Second)
			w.pool.Tick()
		}
	}
	for i := range 200 {
		m, err := w.try(packet.Hello{Role: packet.RoleWatch, Name: fmt.Sprint(i) + strings.Repeat("\U0001d54f", 28), Codecs: []string{"vp8", "x", strings.Repeat("y", 16)}})
		if err != nil {
			t.Fatal(err)
		}
		names[m.Name()] = true
	}
	settled()
	m, welcome := w.join(packet.Hello{Name: "last"})
	got := map[string]bool{}
	for _, o := range welcome.Members {
		got[o.Name] = true
		if !slices.Equal(o.Codecs, []string{"vp8"}) {
			t.Errorf("codecs %v", o.Codecs)
		}
	}
	if welcome.More != 200-len(got) || welcome.More == 0 {
		t.Errorf("%d members in the welcome, %d more", len(got), welcome.More)
	}
	for b := m.Next(); b != nil; b = m.Next() {
		if b.Type() == packet.ClientJoin {
			o, _ := packet.Unmarshal[packet.Member](b)
			got[o.Name] = true
		}
		b.Release()
	}
	if !cmp.Equal(got, names) {
		t.Errorf("%d members were told of 200", len(got))
	}
	w.end()
}

// TestChurnIsNoNews: members that come and go are not made known one by one, and one who stays is.
func TestChurnIsNoNews(t *testing.T) {
	w := newWorld(t, Options{})
	v, _ := w.join(packet.Hello{})
	w.drain(v)
	notes := 0
	for range 32 * 30 { // half a minute
		m, err := w.try(packet.Hello{})
		if err != nil {
			t.Fatal(err)
		}
		w.advance(time.Second / 32)
		m.Leave(packet.CodeBye, "bye")
		w.pool.Tick()
		_, control := w.drain(v)
		for _, c := range control {
			if c == packet.ClientJoin || c == packet.ClientLeave {
				notes++
			}
		}
	}
	if notes > 40 {
		t.Errorf("%d notes of 960 who came and went", notes)
	}
	m, _ := w.join(packet.Hello{})
	w.publish(m, w.image(1))
	for range 50 {
		w.advance(100 * time.Millisecond)
		w.pool.Tick()
	}
	w.publish(m, w.image(2))
	if pictures, control := w.drain(v); !slices.Contains(control, packet.ClientJoin) || !slices.Equal(pictures, []uint64{2}) {
		t.Errorf("of one who stayed %v and %v came", control, pictures)
	}
	w.end()
}

// TestWhoIsIdleGivesWay: the pool tells who takes no part, and frees its place at once.
func TestWhoIsIdleGivesWay(t *testing.T) {
	w := newWorld(t, Options{Slots: 3})
	a, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
	idle, _ := w.join(watcher("raw"))
	for n := range uint64(40) {
		w.advance(time.Second)
		w.publish(a, w.image(n))
		w.drain(v)
	}
	if got := w.pool.Idle(30 * time.Second); !slices.Equal(got, []uint32{idle.ID()}) {
		t.Errorf("idle are %v", got)
	}
	if !w.pool.Evict(idle.ID(), packet.CloseError{Code: packet.CodeFull}) || w.pool.Evict(idle.ID(), packet.CloseError{}) {
		t.Error("it does not give way once")
	}
	if w.ended[idle] == nil || w.pool.Slots().Used != 2 {
		t.Errorf("ended with %v, %d slots taken", w.ended[idle], w.pool.Slots().Used)
	}
	if _, freed := idle.Leave(packet.CodeBye, "bye"); freed {
		t.Error("its place is freed twice")
	}
	w.end()
}

// TestPausesOfManyCutNobody: members that pause and go on as often as they are told of fill nobody's control queue, and the
// last state of each is what a slow viewer learns.
func TestPausesOfManyCutNobody(t *testing.T) {
	w := newWorld(t, Options{Slots: 150})
	viewer, _ := w.join(packet.Hello{Name: "viewer", Role: packet.RoleWatch})
	var noisy []*Member
	for range 120 {
		w.advance(time.Second) // the door lets each be known
		w.pool.Tick()
		m, _ := w.join(packet.Hello{})
		noisy = append(noisy, m)
		w.drain(viewer)
	}
	w.advance(time.Minute)
	w.pool.Tick()
	for _, m := range noisy {
		w.drain(m)
	}
	w.drain(viewer)
	for n := range 8 {
		w.advance(stateEvery)
		for _, m := range noisy {
			m.SetStreaming(media.Video, n%2 == 0)
		}
	}
	if err := w.ended[viewer]; err != nil {
		t.Fatalf("the viewer was ended: %v", err)
	}
	if _, control := w.drain(viewer); len(control) != len(noisy) || !slices.Contains(control, packet.StreamStop) || slices.Contains(control, packet.StreamStart) {
		t.Errorf("%d packets wait, want the last state of each of %d", len(control), len(noisy))
	}
	w.end()
}

// TestAStateFollowsTheMemberItIsOf: the state of a member that came back with its old id is told after its coming.
func TestAStateFollowsTheMemberItIsOf(t *testing.T) {
	w := newWorld(t, Options{})
	viewer, _ := w.join(packet.Hello{Name: "viewer", Role: packet.RoleWatch})
	m, welcome := w.join(packet.Hello{Name: "noisy"})
	w.drain(viewer)
	m.SetStreaming(media.Video, false)
	again, _ := w.join(packet.Hello{Name: "noisy", Resume: welcome.Resume})
	w.advance(stateEvery)
	again.SetStreaming(media.Video, false)
	_, control := w.drain(viewer)
	want := []packet.Type{packet.StreamStop, packet.ClientLeave, packet.ClientJoin, packet.StreamStop}
	if !slices.Equal(control, want) {
		t.Errorf("%v, want %v", control, want)
	}
	w.end()
}

// TestAFlappingBoxLeavesTheLayers: a wish that changes between small and large thirty times a second does not make the small
// layer, which somebody else looks at, come and go faster than sizes do. Each time that it goes, that viewer waits for a key.
func TestAFlappingBoxLeavesTheLayers(t *testing.T) {
	w := newWorld(t, Options{})
	sender, _ := w.join(packet.Hello{Name: "sender"})
	honest, _ := w.join(packet.Hello{Name: "honest", Role: packet.RoleWatch, Demand: true, Codecs: []string{"vp8"}})
	flapper, _ := w.join(packet.Hello{Name: "flapper", Role: packet.RoleWatch, Demand: true, Codecs: []string{"vp8"}})
	honest.SetSubscriptions([]packet.Want{{ID: sender.ID(), Width: 160, Height: 90, FPS: 30}})
	changes, had := 0, false
	const frame, seconds = time.Second / 30, 10
	for n := range seconds * 30 {
		flapper.SetSubscriptions([]packet.Want{{ID: sender.ID(), Width: 100 + n%2*540, Height: 80 + n%2*400, FPS: 30}})
		w.advance(frame)
		w.pool.Tick()
		if ask, ok := last[packet.Ask](w, sender, packet.Demand); ok && had != (len(ask.Layers) > 0) {
			had = !had
			changes++
		}
	}
	if most := 1 + 2*seconds/int(growthCalm/time.Second); changes == 0 || changes > most {
		t.Errorf("the small layer came or went %d times in %d s, want 1 to %d", changes, seconds, most)
	}
	w.end()
}
