package testkit

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// Illness is what a bad network does in one direction. The zero value is a good one.
type Illness struct {
	Delay, Jitter time.Duration
	Rate          int           // bytes a second
	Piece         int           // bytes that are passed on at once
	Pause         time.Duration // between pieces
	Hole          bool          // nothing passes, nothing ends
	Reset         bool          // connections are cut hard
	Half          bool          // the direction is shut, the other goes on
}

// Chaos is a TCP relay in front of a server that can be made ill while it runs.
type Chaos struct {
	listener net.Listener
	to       string
	group    sync.WaitGroup

	mu    sync.Mutex
	ill   [2]Illness // up, down
	conns map[*net.TCPConn]bool
	ended bool
}

// Directions: from the clients to the server, and back.
const (
	up = iota
	down
)

// Between puts a relay in front of a server, until the test ends.
func Between(t testing.TB, server string) *Chaos {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Chaos{listener: l, to: server, conns: map[*net.TCPConn]bool{}}
	c.group.Go(c.accept)
	t.Cleanup(c.end)
	return c
}

// Addr is where clients connect, as host:port.
func (c *Chaos) Addr() string { return c.listener.Addr().String() }

func (c *Chaos) accept() {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", c.to)
		if err != nil {
			_ = conn.Close()
			continue
		}
		a, b := conn.(*net.TCPConn), far.(*net.TCPConn)
		if c.keep(a, true) && c.keep(b, true) {
			c.group.Go(func() { c.pass(up, a, b) })
			c.group.Go(func() { c.pass(down, b, a) })
		}
	}
}

// keep notes a connection, or forgets and closes it.
func (c *Chaos) keep(conn *net.TCPConn, open bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if open && !c.ended {
		c.conns[conn] = true
		return true
	}
	delete(c.conns, conn)
	_ = conn.Close()
	return false
}

// pass carries bytes one way, in the state of health of the moment.
func (c *Chaos) pass(way int, from, to *net.TCPConn) {
	defer c.keep(from, false)
	defer c.keep(to, false)
	buf := make([]byte, 32<<10)
	for {
		ill := c.health(way)
		n, err := from.Read(buf[:piece(ill, len(buf))])
		ill = c.health(way)
		for ill.Hole {
			time.Sleep(5 * time.Millisecond)
			ill = c.health(way)
		}
		switch {
		case ill.Reset:
			_, _ = from.SetLinger(0), to.SetLinger(0)
			return
		case ill.Half:
			_ = to.CloseWrite()
		}
		if ill.Delay > 0 {
			time.Sleep(ill.Delay + rand.N(ill.Jitter+1))
		}
		if ill.Rate > 0 {
			time.Sleep(time.Duration(n) * time.Second / time.Duration(ill.Rate))
		}
		time.Sleep(ill.Pause)
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

func piece(ill Illness, most int) int {
	if ill.Piece > 0 {
		return ill.Piece
	}
	if ill.Rate > 0 {
		return max(1, min(most, ill.Rate/20))
	}
	return most
}

func (c *Chaos) health(way int) Illness {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return Illness{Reset: true}
	}
	return c.ill[way]
}

// Fault is what a network suffers from, for as long as it does.
type Fault struct {
	Name     string
	Up, Down Illness
	Cut      bool // all connections are cut hard at its beginning
}

// Faults are those that a call must come through.
func Faults() []Fault {
	far := Illness{Delay: 20 * time.Millisecond, Jitter: 30 * time.Millisecond}
	pieces := Illness{Piece: 700, Pause: time.Millisecond}
	return []Fault{
		{Name: "latency", Up: far, Down: far},
		{Name: "single bytes", Up: Illness{Piece: 1}, Down: Illness{Piece: 1}},
		{Name: "pieces", Up: pieces, Down: pieces},
		{Name: "narrow up", Up: Illness{Rate: 40_000}},
		{Name: "narrow down", Down: Illness{Rate: 40_000}},
		{Name: "reset up", Up: Illness{Reset: true}},
		{Name: "reset down", Down: Illness{Reset: true}},
		{Name: "black hole", Up: Illness{Hole: true}, Down: Illness{Hole: true}},
		{Name: "half closed", Up: Illness{Half: true}},
		{Name: "cut", Cut: true},
	}
}

// Suffer makes the network ill; Fault{} heals it.
func (c *Chaos) Suffer(f Fault) {
	c.mu.Lock()
	c.ill = [2]Illness{up: f.Up, down: f.Down}
	c.mu.Unlock()
	if f.Cut {
		c.cut()
	}
}

// cut ends all connections hard.
func (c *Chaos) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		_, _ = conn.SetLinger(0), conn.Close()
	}
}

func (c *Chaos) end() {
	_ = c.listener.Close()
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.cut()
	c.group.Wait()
}
