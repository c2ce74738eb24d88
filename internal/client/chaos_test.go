package client

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"acip/internal/testkit/host"
)

// illness is what a bad network does in one direction. The zero value is a good one.
type illness struct {
	delay, jitter time.Duration
	rate          int           // bytes a second
	piece         int           // bytes that are passed on at once
	pause         time.Duration // between pieces
	hole          bool          // nothing passes, nothing ends
	reset         bool          // connections are cut hard
	half          bool          // the direction is shut, the other goes on
}

// chaos is a TCP relay in front of a server that can be made ill while it runs.
type chaos struct {
	t        testing.TB
	listener net.Listener
	to       string
	group    sync.WaitGroup

	mu    sync.Mutex
	ill   [2]illness // up, down
	conns map[*net.TCPConn]bool
	ended bool
}

// Directions.
const (
	up = iota
	down
)

// between puts a relay in front of a server.
func between(t testing.TB, h *host.Host) (*host.Host, *chaos) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{t: t, listener: l, to: h.Addr, conns: map[*net.TCPConn]bool{}}
	c.group.Go(c.accept)
	t.Cleanup(c.end)
	return &host.Host{Addr: l.Addr().String()}, c
}

func (c *chaos) accept() {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", c.to)
		if err != nil {
			conn.Close()
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
func (c *chaos) keep(conn *net.TCPConn, open bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if open && !c.ended {
		c.conns[conn] = true
		return true
	}
	delete(c.conns, conn)
	conn.Close()
	return false
}

// pass carries bytes one way, in the state of health of the moment.
func (c *chaos) pass(way int, from, to *net.TCPConn) {
	defer c.keep(from, false)
	defer c.keep(to, false)
	buf := make([]byte, 32<<10)
	for {
		ill := c.health(way)
		n, err := from.Read(buf[:piece(ill, len(buf))])
		ill = c.health(way)
		for ill.hole {
			time.Sleep(5 * time.Millisecond)
			ill = c.health(way)
		}
		switch {
		case ill.reset:
			from.SetLinger(0)
			to.SetLinger(0)
			return
		case ill.half:
			to.CloseWrite()
		}
		if ill.delay > 0 {
			time.Sleep(ill.delay + rand.N(ill.jitter+1))
		}
		if ill.rate > 0 {
			time.Sleep(time.Duration(n) * time.Second / time.Duration(ill.rate))
		}
		time.Sleep(ill.pause)
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

func piece(ill illness, most int) int {
	if ill.piece > 0 {
		return ill.piece
	}
	if ill.rate > 0 {
		return max(1, min(most, ill.rate/20))
	}
	return most
}

func (c *chaos) health(way int) illness {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return illness{reset: true}
	}
	return c.ill[way]
}

// make makes one direction ill; the zero illness heals it.
func (c *chaos) make(way int, ill illness) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ill[way] = ill
}

// cut ends all connections hard.
func (c *chaos) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		conn.SetLinger(0)
		conn.Close()
	}
}

func (c *chaos) end() {
	c.listener.Close()
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.cut()
	c.group.Wait()
}
