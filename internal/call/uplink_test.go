package call

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"acip/capture"
	"acip/codec"
	"acip/frame"
	"acip/internal/account"
	"acip/media"
	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// uplinkTest is a videoUplink without a connection: what it sends is taken from its send queue.
type uplinkTest struct {
	*videoUplink
	t      *testing.T
	source capture.Source
	queue  *transport.SendQueue
	bufs   packet.Buffers
}

func newUplinkTest(t *testing.T, coding string, ask packet.Ask) *uplinkTest {
	t.Helper()
	src, err := capture.Open(t.Context(), "pattern", capture.Options{Fast: true, Size: frame.Size{W: 320, H: 240}})
	if err != nil {
		t.Fatal(err)
	}
	s := &uplinkTest{t: t, source: src, queue: transport.NewSendQueue()}
	h := &transport.Handle{}
	h.Set(s.queue)
	s.videoUplink = newTestUplink(uplinkConfig{handle: h, bufs: &s.bufs, codec: coding})
	s.setDemand(ask)
	t.Cleanup(func() {
		s.videoUplink.close()
		src.Close()
		h.Clear()
		if n := s.bufs.Outstanding(); n != 0 {
			t.Errorf("%d buffers outstanding", n)
		}
	})
	return s
}

// take captures a picture at a moment and returns what is sent of it.
func (s *uplinkTest) take(at time.Time) (sent []*packet.Buffer, reason account.Reason) {
	s.t.Helper()
	var pic capturedFrame
	pic.box, _, _ = s.capture.target()
	if err := s.source.Read(context.Background(), &pic.Frame, pic.box); err != nil {
		s.t.Fatal(err)
	}
	pic.Time = at
	reason = s.process(&pic, false)
	for b := s.queue.Next(); b != nil; b = s.queue.Next() {
		sent = append(sent, b)
	}
	return sent, reason
}

// newestPictures is an Output that keeps the newest picture.
type newestPictures struct {
	nowhere
	newest map[uint32]*frame.Frame
}

func newNewest() *newestPictures { return &newestPictures{newest: map[uint32]*frame.Frame{}} }

func (g *newestPictures) Picture(id uint32, f *frame.Frame) {
	c := &frame.Frame{}
	c.CopyFrom(f)
	g.newest[id] = c
}

// Whatever is lost on the way, a picture that a viewer sees is exactly the one that a viewer without losses sees. What is
// missing is requested, and comes.
func TestNothingSmeared(t *testing.T) {
	for _, id := range codec.Available() {
		t.Run(id.String(), func(t *testing.T) {
			s := newUplinkTest(t, id.String(), packet.Ask{Width: 160, Height: 90, FPS: 30, Codecs: codec.Names()})
			whole, lossy := newNewest(), newNewest()
			full, poor := newTestDownlink(downlinkConfig{out: whole}), newTestDownlink(downlinkConfig{out: lossy, requestKey: func(uint32) { s.key.Store(true) }})
			for _, r := range []*downlink{full, poor} {
				r.join(packet.Member{ID: 7, Name: "sender", Role: packet.RoleJoin})
				defer r.close()
			}
			rnd := rand.New(rand.NewPCG(1, 2))
			start, seen, lost := time.Now(), 0, 0
			for i := range 400 {
				sent, reason := s.take(start.Add(time.Duration(i) * time.Second / 30))
				if reason != "" {
					t.Fatalf("picture %d: %s", i, reason)
				}
				for _, b := range sent {
					b.Stamp(7)
					full.picture(b)
					if rnd.IntN(10) == 0 {
						lost++
						b.Release()
						continue
					}
					delete(lossy.newest, 7)
					poor.peers[7].keyRequested = time.Time{} // the test has no time to wait between two requests
					poor.picture(b)
					if got := lossy.newest[7]; got != nil {
						seen++
						if !bytes.Equal(got.Pix, whole.newest[7].Pix) || id != media.Raw && got.Seq != whole.newest[7].Seq {
							t.Fatalf("picture %d is not the one that was sent", i)
						}
					}
					b.Release()
				}
			}
			if lost == 0 || seen < 200 {
				t.Errorf("saw %d of 400 with %d lost", seen, lost)
			}
			t.Logf("saw %d of 400 with %d lost: %v", seen, lost, poor.account.Stats(0).Down)
		})
	}
}

// A second simulcast layer is sent beside the main one, with numbers of its own, until a demand lacks it.
func TestLayers(t *testing.T) {
	s := newUplinkTest(t, "jpeg", packet.Ask{Width: 320, Height: 240, FPS: 30, Codecs: []string{"jpeg", "raw"},
		Layers: []packet.AskLayer{{Layer: 1, Width: 80, Height: 60, FPS: 30}}})
	start := time.Now()
	for i := range 3 {
		sent, _ := s.take(start.Add(time.Duration(i) * time.Second / 30))
		if len(sent) != 2 {
			t.Fatalf("%d packets of one picture", len(sent))
		}
		for layer, b := range sent {
			h, _, err := packet.ParseVideo(b.Payload(), 0)
			want := []frame.Size{{W: 320, H: 240}, {W: 80, H: 60}}[layer]
			if err != nil || int(h.Layer) != layer || int(h.Seq) != i+1 || (frame.Size{W: int(h.Width), H: int(h.Height)}) != want {
				t.Errorf("layer %d of picture %d: %+v, %v", layer, i, h, err)
			}
			b.Release()
		}
	}
	s.setDemand(packet.Ask{Width: 320, Height: 240, FPS: 30, Codecs: []string{"jpeg", "raw"}})
	sent, _ := s.take(start.Add(time.Second))
	if len(sent) != 1 {
		t.Errorf("%d packets without a second layer", len(sent))
	}
	for _, b := range sent {
		b.Release()
	}
}

// Each picture that is not sent has its reason.
func TestWhyNotSent(t *testing.T) {
	ask := packet.Ask{Width: 160, Height: 90, FPS: 15, Codecs: []string{"jpeg", "raw"}}
	s := newUplinkTest(t, "jpeg", ask)
	at := time.Now()
	next := func(d time.Duration) account.Reason {
		at = at.Add(d)
		sent, r := s.take(at)
		for _, b := range sent {
			b.Release()
		}
		return r
	}
	if r := next(0); r != "" {
		t.Errorf("the first: %s", r)
	}
	if r := next(10 * time.Millisecond); r != account.RateLimited {
		t.Errorf("too soon: %q", r)
	}
	ask.Width, ask.Height = 320, 240
	var pic capturedFrame
	pic.box, _, _ = s.capture.target()
	s.setDemand(ask)
	if err := s.source.Read(t.Context(), &pic.Frame, pic.box); err != nil {
		t.Fatal(err)
	}
	pic.Time = at.Add(time.Second)
	if r := s.process(&pic, false); r != account.Resized {
		t.Errorf("captured too small: %q", r)
	}
	s.setDemand(packet.Ask{})
	if r := next(time.Second); r != account.NoDemand {
		t.Errorf("nobody looks: %q", r)
	}
	s.setDemand(ask)
	s.limit, s.sent = 5, 5
	if r := next(time.Second); r != account.Ended {
		t.Errorf("enough: %q", r)
	}
	s.limit = 0
	s.handle.Clear()
	if r := next(time.Second); r != account.NoConnection {
		t.Errorf("no connection: %q", r)
	}
}

// A picture that the server dropped at its deadline halves what is sent, and the person is told.
func TestSlowLinkStepsDown(t *testing.T) {
	s := newUplinkTest(t, "raw", packet.Ask{Width: 320, Height: 240, FPS: 30, Codecs: []string{"raw"}})
	var notes []Note
	s.note = func(n Note) { notes = append(notes, n) }
	at := time.Now()
	side := func() (w int) {
		at = at.Add(time.Second)
		sent, _ := s.take(at)
		for _, b := range sent {
			h, _, err := packet.ParseImage(b.Payload())
			if err != nil {
				t.Fatal(err)
			}
			w = int(h.Width)
			b.Release()
		}
		return w
	}
	before := side()
	s.onSlowDrop(at)
	if after := side(); before != 320 || after > before/2 {
		t.Errorf("%d pixels wide before and %d after", before, after)
	}
	if len(notes) != 1 || !strings.Contains(notes[0].Text, "slow link") {
		t.Errorf("notes %+v", notes)
	}
	for range 100 {
		at = at.Add(500 * time.Millisecond)
		s.reportCongestion(false, 0, 0, at)
	}
	if w := side(); w != before {
		t.Errorf("%d pixels wide after calm", w)
	}
}

// Pictures stay within the limit that the server announced.
func TestTooLargeForTheServer(t *testing.T) {
	s := newUplinkTest(t, "raw", packet.Ask{FPS: 30, Codecs: []string{"raw"}})
	s.maxFrame.Store(100_000)
	sent, _ := s.take(time.Now())
	for _, b := range sent {
		if n := len(b.Payload()); n > 100_000 || n < 80_000 {
			t.Errorf("%d bytes for a limit of 100,000", n)
		}
		b.Release()
	}
}

// The operator's line has the documented tag and fields, at most once a second.
func TestCaptureLine(t *testing.T) {
	s := newUplinkTest(t, "raw", packet.Ask{FPS: 30, Codecs: []string{"raw"}})
	var text bytes.Buffer
	s.log = zerolog.New(&text)
	for i := range 5 {
		sent, _ := s.take(time.Now().Add(time.Duration(i) * 40 * time.Millisecond))
		for _, b := range sent {
			b.Release()
		}
	}
	line := text.String()
	if strings.Count(line, "[CAPTURE]") != 1 {
		t.Errorf("log: %s", line)
	}
	for _, field := range []string{`"level":"debug"`, `"type":"IMAGE_FRAME"`, `"width":320`, `"height":240`, `"frame":1`, `"connected":true`} {
		if !strings.Contains(line, field) {
			t.Errorf("no %s in %s", field, line)
		}
	}
}
