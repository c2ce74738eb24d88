package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// proxy is a bad network in front of the server: each connection through it has one fault.
type proxy struct {
	l    net.Listener
	to   string
	all  sync.WaitGroup
	quit chan struct{}
}

func newProxy(to string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the bad network: %w", err)
	}
	p := &proxy{l: l, to: to, quit: make(chan struct{})}
	p.all.Go(p.accept)
	return p, nil
}

func (p *proxy) addr() string { return p.l.Addr().String() }

func (p *proxy) close() {
	close(p.quit)
	_ = p.l.Close()
	p.all.Wait()
}

func (p *proxy) accept() {
	for {
		near, err := p.l.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.all.Go(func() { p.carry(near, far) })
	}
}

// fault is what a connection suffers.
type fault struct {
	delay time.Duration // before each piece
	piece int           // bytes at a time
	after int           // bytes, and then: nothing passes any more, or it is cut
	cut   bool
}

func someFault() fault {
	f := fault{piece: 32 << 10, after: 1 << 40}
	switch rand.IntN(4) {
	case 0:
		f.delay = time.Duration(rand.IntN(50)) * time.Millisecond
	case 1:
		f.piece = 1 + rand.IntN(50)
	case 2:
		f.after, f.cut = rand.IntN(60_000), true
	case 3:
		f.after = rand.IntN(60_000)
	}
	return f
}

// carry passes bytes both ways until either end, or the fault, ends it; none stays longer than ten seconds.
func (p *proxy) carry(near, far net.Conn) {
	end := time.Now().Add(10 * time.Second)
	_, _ = near.SetDeadline(end), far.SetDeadline(end)
	f := someFault()
	var both sync.WaitGroup
	done := sync.OnceFunc(func() { _, _ = near.Close(), far.Close() })
	both.Go(func() { defer done(); f.pass(far, near, p.quit) })
	both.Go(func() { defer done(); f.pass(near, far, p.quit) })
	both.Wait()
}

func (f fault) pass(to io.Writer, from io.Reader, quit <-chan struct{}) {
	b := make([]byte, f.piece)
	for passed := 0; ; {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		if passed += n; passed > f.after {
			if f.cut {
				return
			}
			continue // swallowed
		}
		select {
		case <-time.After(f.delay):
		case <-quit:
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
