package server

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"

	"golang.org/x/sync/errgroup"
)

// descriptors is how many files this process has open; -1 where that cannot be known.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}

// base is what must be as before when everybody has gone.
type base struct{ slots, goroutines, files int }

func (r *running) base() base {
	return base{r.pool.Slots().Used, runtime.NumGoroutine(), descriptors()}
}

// back waits until everything is at base again.
func (r *running) back(before base) {
	r.t.Helper()
	ok := r.settles(func() bool {
		now := r.base()
		return now.slots == before.slots && now.goroutines <= before.goroutines && now.files <= before.files
	})
	if !ok {
		stack := make([]byte, 1<<20)
		r.t.Errorf("now %+v, before %+v\n%s", r.base(), before, stack[:runtime.Stack(stack, true)])
	}
}

// manner is one way in which a connection ends. It gets a bare TCP connection,
// which is closed when it returns.
type manner struct {
	name   string
	act    func(c net.Conn) error
	config Config
}

// joined upgrades and says hello.
func joined(c net.Conn) (*testkit.Peer, error) {
	p, _, err := testkit.Upgrade(c, packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		return nil, err
	}
	_, err = greetPeer(p, hello("x", "join"))
	return p, err
}

// during is a manner of a client that has joined.
func during(act func(p *testkit.Peer, c net.Conn) error) func(net.Conn) error {
	return func(c net.Conn) error {
		p, err := joined(c)
		if err != nil {
			return err
		}
		return act(p, c)
	}
}

// expecting is a manner that ends with the server's close code.
func expecting(code packet.Code, act func(p *testkit.Peer) error) func(p *testkit.Peer, c net.Conn) error {
	return func(p *testkit.Peer, _ net.Conn) error {
		_ = act(p) // the server may be quicker
		e, err := p.Closed()
		if code == packet.CodeSilent && errors.Is(err, io.EOF) {
			return nil // a busy machine may leave no time for the goodbye to one taken for dead
		}
		if err == nil && e.Code != code {
			err = fmt.Errorf("closed with %w, want %d", e, code)
		}
		return err
	}
}

func manners() []manner {
	upgraded := func(act func(p *testkit.Peer, c net.Conn) error) func(net.Conn) error {
		return func(c net.Conn) error {
			p, _, err := testkit.Upgrade(c, packet.DefaultPath, packet.Subprotocol)
			if err != nil {
				return err
			}
			return act(p, c)
		}
	}
	half := testkit.Frame{Op: testkit.OpBinary, Payload: testkit.Packet(packet.ImageFrame, testkit.Image(320, 240, 1))[:20000]}
	return []manner{
		{"clean close", during(expecting(packet.CodeBye, func(p *testkit.Peer) error { return p.Close(packet.CodeBye, "bye") })), Config{}},
		{"TCP reset", during(func(_ *testkit.Peer, c net.Conn) error { return c.(*net.TCPConn).SetLinger(0) }), Config{}},
		{"killed", during(func(*testkit.Peer, net.Conn) error { return nil }), Config{}},
		{"inside a message", during(func(p *testkit.Peer, _ net.Conn) error { return p.WriteFrame(half) }), Config{}},
		{"inside a frame", during(func(_ *testkit.Peer, c net.Conn) error { _, err := c.Write(half.Bytes()[:9000]); return err }), Config{}},
		{"inside the upgrade", func(c net.Conn) error {
			_, err := io.WriteString(c, "GET /acip HTTP/1.1\r\nHost: x\r\nUpg")
			return err
		}, Config{}},
		{"after the upgrade", upgraded(func(*testkit.Peer, net.Conn) error { return nil }), Config{}},
		{"a bad first packet", upgraded(expecting(packet.CodeViolation, func(p *testkit.Peer) error { return p.SendText(packet.TextMessage, "{}") })), Config{}},
		{"a bad hello", upgraded(expecting(packet.CodeViolation, func(p *testkit.Peer) error { return p.SendText(packet.HelloType, "{}") })), Config{}},
		{"hello never sent", upgraded(expecting(packet.CodeNoHello, func(*testkit.Peer) error { return nil })), Config{HelloTimeout: 4 * time.Second}},
		{"bad magic", during(expecting(packet.CodeViolation, func(p *testkit.Peer) error { return p.WriteMessage(make([]byte, 40), 0, 0) })), Config{}},
		{"a second hello", during(expecting(packet.CodeViolation, func(p *testkit.Peer) error { return p.Hello("x", "lobby") })), Config{}},
		{"broken framing", during(expecting(packet.CodeFraming, func(p *testkit.Peer) error {
			return p.WriteFrame(testkit.Frame{Final: true, Op: testkit.OpBinary, Reserved: 7})
		})), Config{}},
		{"a claim of 2^62 bytes", during(expecting(packet.CodeTooBig, func(p *testkit.Peer) error {
			return p.WriteFrame(testkit.Frame{Final: true, Op: testkit.OpBinary, Payload: half.Payload, Lie: true, Length: 1 << 62})
		})), Config{}},
		{"ping never answered", during(expecting(packet.CodeSilent, func(*testkit.Peer) error { return nil })), Config{Silence: 3 * time.Second, PingEvery: time.Second}},
	}
}

// TestEveryMannerOfEnding is lesson 1.
func TestEveryMannerOfEnding(t *testing.T) {
	for _, m := range manners() {
		t.Run(m.name, func(t *testing.T) {
			r := start(t, m.config)
			_ = r.join(hello("first", "join")).Conn.Close()
			r.settles(func() bool { n, _ := r.limiter.counts(); return n == 0 })
			before := r.base()
			for range 3 {
				r.series(m, r.config.MaxClients)
			}
			r.back(before)
			p := r.upgrade()
			if _, err := greetPeer(p, hello("next", "join")); err != nil {
				t.Fatalf("the next client: %v", err)
			}
			_ = p.Conn.Close()
			r.back(before)
		})
	}
}

// series lets n connections end at once.
func (r *running) series(m manner, n int) {
	r.t.Helper()
	var work errgroup.Group
	for range n {
		work.Go(func() error {
			c, err := net.Dial("tcp", r.addr)
			if err != nil {
				return err
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(onBusyMachine))
			return m.act(c)
		})
	}
	if err := work.Wait(); err != nil {
		r.t.Error(err)
	}
	if !r.settles(func() bool { return r.pool.Slots().Used == 0 }) {
		r.t.Fatalf("%d slots taken after a series", r.pool.Slots().Used)
	}
}

// TestOverCapacity is lesson 2.
func TestOverCapacity(t *testing.T) {
	const slots = 8
	r := start(t, Config{MaxClients: slots})
	steady := r.pair()
	var inside []client
	for len(inside) < slots-2 {
		inside = append(inside, r.join(hello("x", "watch")))
	}
	for surplus := 1; surplus <= 5; surplus++ {
		var work errgroup.Group
		for range surplus {
			work.Go(func() error {
				p := r.upgrade()
				_ = p.Hello("more", "lobby")
				e, err := p.Closed()
				if err == nil && (e.Code != packet.CodeFull || !strings.Contains(e.Reason, "8 slots")) {
					err = fmt.Errorf("refused with %w", e)
				}
				return err
			})
		}
		if err := work.Wait(); err != nil {
			t.Error(err)
		}
	}
	_ = inside[0].Conn.Close()
	if !r.settles(func() bool { return r.pool.Slots().Used == slots-1 }) {
		t.Error("the slot was not freed")
	}
	r.join(hello("next", "join"))
	steady.finish(t)
}

// pair is a sender and a viewer that stream while something else happens.
type pair struct {
	r        *running
	a, v     client
	stop     chan struct{}
	sent     int
	got      []uint32
	sending  sync.WaitGroup
	watching sync.WaitGroup
}

// pair streams 100 numbered pictures a second.
func (r *running) pair() *pair {
	s := &pair{r: r, a: r.join(hello("steady", "join")), v: r.join(hello("viewer", "watch")), stop: make(chan struct{})}
	s.a.Pong, s.v.Pong = true, true
	s.sending.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-s.stop:
				return
			case <-tick.C:
			}
			picture := testkit.Image(64, 48, 0)
			binary.BigEndian.PutUint32(picture[packet.ImageHeadSize:], uint32(s.sent))
			if s.a.Send(packet.ImageFrame, picture, 1024) != nil {
				return
			}
			s.sent++
		}
	})
	s.watching.Go(func() { // the sender has a room to watch, too
		for {
			if _, _, err := s.a.Next(); err != nil {
				return
			}
		}
	})
	s.watching.Go(func() {
		for {
			h, payload, err := s.v.Next()
			if err != nil {
				return
			}
			if h.Client == s.a.ID && h.Type == packet.ImageFrame {
				s.got = append(s.got, binary.BigEndian.Uint32(payload[packet.ImageHeadSize:]))
			}
		}
	})
	return s
}

// counted is the server's count of pictures for the viewer, and of those sent on; whole says that none waits.
func (s *pair) counted() (offered, sent uint64, whole bool) {
	for _, m := range s.r.pool.Stats().Rooms[0].Members {
		for _, p := range m.From {
			if m.ID == s.v.ID && p.ID == s.a.ID {
				known := p.Frames
				for _, n := range p.Dropped {
					known += n
				}
				return p.Offered, p.Frames, known == p.Offered
			}
		}
	}
	return 0, 0, false
}

// finish stops the pair and accounts for every picture.
func (s *pair) finish(t *testing.T) {
	t.Helper()
	s.r.settles(func() bool { offered, _, _ := s.counted(); return offered >= 30 })
	close(s.stop)
	s.sending.Wait()
	s.r.settles(func() bool { offered, _, whole := s.counted(); return whole && offered == uint64(s.sent) })
	offered, from, _ := s.counted()
	_ = s.v.Close(packet.CodeBye, "")
	_ = s.a.Close(packet.CodeBye, "")
	s.watching.Wait()
	if offered != uint64(s.sent) || from != uint64(len(s.got)) {
		t.Errorf("%d sent, %d offered; %d counted as sent on, %d arrived", s.sent, offered, from, len(s.got))
	}
	if len(s.got) < 10 { // how many of them is for the soak to measure
		t.Errorf("%d of %d arrived", len(s.got), s.sent)
	}
	if !slices.IsSorted(s.got) || len(slices.Compact(slices.Clone(s.got))) != len(s.got) {
		t.Error("pictures out of order, or twice")
	}
}

// TestReconnectStorm is lessons 5 and 20.
func TestReconnectStorm(t *testing.T) {
	r := start(t, Config{})
	steady := r.pair()
	ends := []manner{manners()[0], manners()[1], manners()[2]}
	memory := make([]uint64, 3)
	for round := range memory {
		var work errgroup.Group
		work.SetLimit(8)
		for i := range 64 {
			work.Go(func() error {
				c, err := net.Dial("tcp", r.addr)
				if err != nil {
					return err
				}
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(onBusyMachine))
				return ends[i%len(ends)].act(c)
			})
		}
		if err := work.Wait(); err != nil {
			t.Error(err)
		}
		if !r.settles(func() bool { return r.pool.Slots().Used == 2 }) {
			t.Errorf("%d slots taken", r.pool.Slots().Used)
		}
		memory[round] = heap()
	}
	steady.finish(t)
	if memory[2] > memory[1]+memory[1]/20+1<<20 {
		t.Errorf("memory after each round: %v", memory)
	}
}

// heap is the memory in use, less what is in passing.
func heap() uint64 {
	least := uint64(1 << 62)
	for range 5 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		least = min(least, m.HeapInuse)
	}
	return least
}

// TestEndsThatMeet is lesson 3: everything at once, for two seconds or, in the long form, as long as is asked for.
func TestEndsThatMeet(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("ACIP_TEST_STRESS_FOR"))
	if err != nil {
		long = 2 * time.Second
	}
	r := start(t, Config{MaxClients: 16, Silence: time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	all := manners()
	var work sync.WaitGroup
	for i := range 24 {
		work.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				c, err := net.Dial("tcp", r.addr)
				if err != nil {
					return
				}
				_ = c.SetDeadline(time.Now().Add(3 * time.Second))
				if n%3 == 0 {
					_ = all[n/3%len(all)].act(c)
				} else if p, err := joined(c); err == nil {
					for range 5 {
						_ = p.Send(packet.ImageFrame, testkit.Image(32, 24, byte(n)), 500)
						_ = p.SendText(packet.TextMessage, `{"text":"x"}`)
						_ = p.SendText(packet.Demand, fmt.Sprintf(`{"streams":[{"id":%d,"fps":5}]}`, n))
						_, _, _ = p.Next()
					}
				}
				_ = c.Close()
			}
		})
	}
	<-ctx.Done()
	r.end() // while they are at it
	work.Wait()
	t.Logf("%d joined, ended %v", r.own().Joined, r.own().Ended)
	for _, line := range r.log.all() {
		if line["level"] == "error" || line["level"] == "panic" {
			t.Errorf("%v", line)
		}
	}
}

// TestViewerThatNeverReads is lesson 11.
func TestViewerThatNeverReads(t *testing.T) {
	r := start(t, Config{WriteStall: 4 * time.Second})
	steady := r.pair()
	stuck := r.join(hello("stuck", "watch"))
	flood := r.join(hello("flood", "join"))
	go func() {
		for {
			if _, _, err := flood.Next(); err != nil {
				return
			}
		}
	}()
	picture := testkit.Image(640, 480, 1)
	most := 0
	gone := func() bool {
		for _, m := range r.pool.Stats().Rooms[0].Members {
			if m.ID == stuck.ID {
				return false
			}
		}
		return true
	}
	if !r.settles(func() bool {
		_ = flood.Send(packet.ImageFrame, picture, 0)
		most = max(most, r.buffers.Outstanding())
		return gone()
	}) {
		t.Fatal("the viewer that never reads is still there")
	}
	if most > 40 {
		t.Errorf("%d packets in memory at a time", most)
	}
	steady.finish(t)
	_ = flood.Conn.Close()
}

// TestSlowViewerGetsTheNewest is lesson 12 without a clock: to a viewer that does not read for sixty pictures comes what was
// under way when it stopped, and then the newest, not a backlog.
func TestSlowViewerGetsTheNewest(t *testing.T) {
	r := start(t, Config{})
	a := r.join(hello("a", "join"))
	raw := r.raw()
	if err := raw.(*net.TCPConn).SetReadBuffer(32 << 10); err != nil {
		t.Fatal(err)
	}
	slow, err := joined(raw)
	if err != nil {
		t.Fatal(err)
	}
	const sent = 60
	picture := testkit.Image(320, 240, 0)
	for n := range uint32(sent) {
		binary.BigEndian.PutUint32(picture[packet.ImageHeadSize:], n+1)
		if err := a.Send(packet.ImageFrame, picture, 10240); err != nil {
			t.Fatal(err)
		}
		if !r.settles(func() bool { return r.pool.Stats().Rooms[0].Members[0].FramesIn == uint64(n+1) }) {
			t.Fatalf("picture %d does not arrive", n+1)
		}
	}
	var got []uint32
	for len(got) == 0 || got[len(got)-1] != sent {
		_, payload, err := nextPicture(slow)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, binary.BigEndian.Uint32(payload[packet.ImageHeadSize:]))
	}
	if len(got) > 8 { // a queue of sixteen would make it as many, first in first out all
		t.Errorf("%d pictures lay between the viewer and the newest: %v", len(got)-1, got)
	}
}

// TestManySenders is lesson 19: everybody sees everybody, and who comes late too.
func TestManySenders(t *testing.T) {
	for _, senders := range []int{1, 4, 8, 16, 31} {
		t.Run(fmt.Sprint(senders), func(t *testing.T) {
			r := start(t, Config{})
			var all []client
			for i := range senders {
				all = append(all, r.join(hello(fmt.Sprint(i), "join")))
			}
			for i, c := range all {
				if err := c.Send(packet.ImageFrame, testkit.Image(16, 12, byte(i)), 0); err != nil {
					t.Fatal(err)
				}
			}
			if !r.settles(func() bool {
				for _, m := range r.pool.Stats().Rooms[0].Members {
					if m.FramesIn != 1 {
						return false
					}
				}
				return true
			}) {
				t.Fatal("not all pictures arrived")
			}
			late := r.join(hello("late", "watch"))
			for i, c := range append(all, late) {
				seen := map[uint32]bool{}
				for len(seen) < senders && (c.ID == late.ID || len(seen) < senders-1) {
					h, payload, err := nextPicture(c.Peer)
					if err != nil {
						t.Fatalf("member %d, having seen %d: %v", i, len(seen), err)
					}
					if h.Client == c.ID || seen[h.Client] || payload[packet.ImageHeadSize] != byte(h.Client-1) {
						t.Fatalf("member %d got a picture of %d again", i, h.Client)
					}
					seen[h.Client] = true
				}
			}
		})
	}
}

// TestPauseAndReturn is the end of lesson 19.
func TestPauseAndReturn(t *testing.T) {
	r := start(t, Config{})
	a, v := r.join(hello("a", "join")), r.join(hello("v", "watch"))
	for _, typ := range []packet.Type{packet.StreamStop, packet.StreamStart} {
		if err := a.Send(typ, []byte{0, 0, 0, 1}, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Expect(typ); err != nil {
			t.Fatal(err)
		}
		late := r.join(hello("late", "watch"))
		if late.Members[0].Paused != (typ == packet.StreamStop) {
			t.Errorf("after %s a late one is told %+v", typ, late.Members[0])
		}
	}
	if err := a.Send(packet.ImageFrame, testkit.Image(4, 4, 9), 0); err != nil {
		t.Fatal(err)
	}
	if _, payload, err := nextPicture(v.Peer); err != nil || payload[30] != 9 {
		t.Errorf("after the pause: %v", err)
	}
}

// TestSessionIsTakenOver is the whole of a reconnect.
func TestSessionIsTakenOver(t *testing.T) {
	r := start(t, Config{MaxClients: 2})
	a, v := r.join(hello("a", "join")), r.join(hello("v", "watch"))
	again := r.join(fmt.Sprintf(`{"protocol":1,"room":"lobby","name":"a","role":"join","resume":%q}`, a.Resume))
	if again.ID != a.ID || again.Name != "a" || again.Slots.Used != 2 {
		t.Errorf("came back as %+v", again.Welcome)
	}
	closed(t, a.Peer, packet.CodeTakenOver)
	if err := again.Send(packet.ImageFrame, testkit.Image(4, 4, 9), 0); err != nil {
		t.Fatal(err)
	}
	if h, _, err := nextPicture(v.Peer); err != nil || h.Client != a.ID {
		t.Errorf("%+v, %v", h, err)
	}
	var left packet.Leave
	_ = again.Conn.Close()
	body, _ := v.Expect(packet.ClientLeave)
	if err := json.Unmarshal(body, &left); err != nil || left.ID != a.ID || left.Reason != "lost" || left.Code != packet.CodeLost {
		t.Errorf("the viewer was told %s", body)
	}
}
