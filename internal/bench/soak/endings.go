package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"acip/internal/bench/proc"
	"acip/internal/testkit"
	"acip/packet"

	"golang.org/x/sync/errgroup"
)

// The pool of the server whose clients end, and how often that many come and end: three times the pool makes a series.
const (
	poolSize = 32
	times    = 3
	series   = 3
)

// ending is a manner in which clients end. Each got as far as its stage; the connection is closed when end returns.
type ending struct {
	name  string
	stage stage
	end   func(p *testkit.Peer, c *net.TCPConn)
	after time.Duration // from a client's last byte until the server can know
}

type stage uint8

const (
	dialled stage = iota
	upgraded
	joined
)

// endings is every manner that lesson 1 knows, each protocol violation standing for its stage.
func endings() []ending {
	half := testkit.Frame{Op: testkit.OpBinary, Payload: testkit.Packet(packet.ImageFrame, testkit.Image(320, 240, 1))[:20000]}
	answered := func(act func(p *testkit.Peer)) func(*testkit.Peer, *net.TCPConn) {
		return func(p *testkit.Peer, _ *net.TCPConn) {
			act(p)
			_, _ = p.Closed() // whatever the server says
		}
	}
	return []ending{
		{"clean close", joined, answered(func(p *testkit.Peer) { _ = p.Close(packet.CodeBye, "bye") }), 0},
		{"reset", joined, func(_ *testkit.Peer, c *net.TCPConn) { _ = c.SetLinger(0) }, 0},
		{"killed", joined, func(*testkit.Peer, *net.TCPConn) {}, 0},
		{"inside a message", joined, func(p *testkit.Peer, _ *net.TCPConn) { _ = p.WriteFrame(half) }, 0},
		{"inside a frame", joined, func(_ *testkit.Peer, c *net.TCPConn) { _, _ = c.Write(half.Bytes()[:9000]) }, 0},
		{"inside the upgrade", dialled, func(_ *testkit.Peer, c *net.TCPConn) { _, _ = c.Write([]byte("GET /acip HTTP/1.1\r\nHost: x\r\nUpg")) }, 0},
		{"after the upgrade", upgraded, func(*testkit.Peer, *net.TCPConn) {}, 0},
		{"bad first packet", upgraded, answered(func(p *testkit.Peer) { _ = p.SendText(packet.TextMessage, "{}") }), 0},
		{"bad hello", upgraded, answered(func(p *testkit.Peer) { _ = p.SendText(packet.HelloType, "{}") }), 0},
		{"second hello", joined, answered(func(p *testkit.Peer) { _ = p.Hello("x", "lobby") }), 0},
		{"bad magic", joined, answered(func(p *testkit.Peer) { _ = p.WriteMessage(make([]byte, 64), 0, 0) }), 0},
		{"broken framing", joined, answered(func(p *testkit.Peer) {
			_ = p.WriteFrame(testkit.Frame{Final: true, Op: testkit.OpBinary, Reserved: 7})
		}), 0},
		{"claim of 2^62 bytes", joined, answered(func(p *testkit.Peer) {
			_ = p.WriteFrame(testkit.Frame{Final: true, Op: testkit.OpBinary, Lie: true, Length: 1 << 62})
		}), 0},
		{"hello never sent", upgraded, answered(func(*testkit.Peer) {}), 5 * time.Second},
		{"ping never answered", joined, answered(func(*testkit.Peer) {}), 20 * time.Second},
	}
}

// mark is what a server holds at a moment.
type mark struct {
	goroutines, files int
	rss               int64
}

// endAll runs a server through every manner and prints what each leaves behind.
func endAll(ctx context.Context, s settings) error {
	server, addr, err := serve(ctx, s)
	if err != nil {
		return err
	}
	defer server.Stop()
	before, err := look(ctx, server, addr)
	if err != nil {
		return err
	}
	fmt.Printf("%d series of %d clients for each manner of ending; with nobody there: %d goroutines, %d files\n", series, times*poolSize, before.goroutines, before.files)
	fmt.Println("manner               next client ms: p50    max   goroutines  files   MiB after each series")
	var wrong []error
	for _, m := range endings() {
		if err := m.all(ctx, server, addr, before); errors.Is(err, errLeft) {
			wrong = append(wrong, err)
		} else if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return errors.Join(wrong...)
}

// errLeft is something that clients left behind.
var errLeft = errors.New("left behind")

// all is every series of one manner. A heap's size wanders: where the last series seems to have left memory behind, beyond
// what the first ones did, as many more have to show it, too.
func (m ending) all(ctx context.Context, server *proc.Process, addr string, before mark) error {
	var waits []time.Duration
	var marks []mark
	grown := func() bool {
		most := max(marks[0].rss, marks[1].rss)
		return marks[len(marks)-1].rss > most+most/20
	}
	for len(marks) < series || len(marks) < 2*series && grown() {
		for range times {
			took, err := m.pool(ctx, addr)
			if err != nil {
				return err
			}
			waits = append(waits, took)
		}
		now, err := look(ctx, server, addr)
		if err != nil {
			return err
		}
		marks = append(marks, now)
	}
	slices.Sort(waits)
	last := marks[len(marks)-1]
	fmt.Printf("%-20s %19.1f %6.1f %12d %6d   %s\n", m.name, ms(waits[len(waits)/2]), ms(waits[len(waits)-1]),
		last.goroutines, last.files, sizes(marks))
	if last.goroutines > before.goroutines || last.files > before.files || grown() {
		return fmt.Errorf("%s: %w: %+v before, %+v and %+v after two series, %+v after the last", m.name, errLeft, before, marks[0], marks[1], last)
	}
	return nil
}

// sizes are the marks' MiB resident.
func sizes(marks []mark) string {
	var list []string
	for _, m := range marks {
		list = append(list, fmt.Sprintf("%.1f", mib(m.rss)))
	}
	return strings.Join(list, ", ")
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// pool fills the server, lets all end at once, and returns how long after that the next client was in.
func (m ending) pool(ctx context.Context, addr string) (time.Duration, error) {
	var work errgroup.Group
	ready := make(chan struct{}, poolSize)
	end := make(chan struct{})
	for range poolSize {
		work.Go(func() error {
			conn, p, err := enter(ctx, addr, m.stage)
			ready <- struct{}{}
			if err != nil {
				return err
			}
			defer conn.Close()
			<-end
			m.end(p, conn)
			return nil
		})
	}
	for range poolSize {
		<-ready
	}
	began := time.Now()
	close(end)
	in := make(chan error, 1)
	var took time.Duration
	go func() { // while they end
		if m.stage == joined { // else there is a place all the time
			began = began.Add(m.after)
		}
		time.Sleep(time.Until(began) - 20*time.Millisecond)
		err := knock(ctx, addr)
		took = max(0, time.Since(began))
		in <- err
	}()
	err := errors.Join(work.Wait(), <-in)
	return took, err
}

// arrive is a client up to a stage.
func arrive(addr string, to stage) (*net.TCPConn, *testkit.Peer, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	var p *testkit.Peer
	if to >= upgraded {
		p, _, err = testkit.Upgrade(conn, packet.DefaultPath, packet.Subprotocol)
	}
	if to >= joined && err == nil {
		if err = p.Hello("x", "lobby"); err == nil {
			_, err = p.Expect(packet.WelcomeType)
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return conn.(*net.TCPConn), p, nil
}

// knock joins as soon as there is a place, and goes.
func knock(ctx context.Context, addr string) error {
	conn, _, err := enter(ctx, addr, joined)
	if err != nil {
		return err
	}
	return conn.Close()
}

// enter is arrive once there is a place.
func enter(ctx context.Context, addr string, to stage) (*net.TCPConn, *testkit.Peer, error) {
	for ctx.Err() == nil {
		conn, p, err := arrive(addr, to)
		var refused packet.CloseError
		if !errors.As(err, &refused) || refused.Code != packet.CodeFull {
			return conn, p, err
		}
	}
	return nil, nil, ctx.Err()
}

// look waits until nobody is there any more, and some of what a server puts off is done.
func look(ctx context.Context, server *proc.Process, addr string) (m mark, err error) {
	for end := time.Now().Add(time.Minute); ; {
		var now mark // before somebody asks, who would count
		now.rss, _ = server.RSS()
		entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", server.PID())) // none elsewhere
		now.files = len(entries)
		st, err := fetch(ctx, addr)
		if err != nil {
			return m, err
		}
		now.goroutines = st.Server.Goroutines
		if st.Slots.Used == 0 && now.goroutines == m.goroutines && now.files == m.files || time.Now().After(end) {
			return now, nil
		}
		m = now
		time.Sleep(500 * time.Millisecond)
	}
}
