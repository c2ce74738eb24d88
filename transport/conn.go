package transport

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"acip/packet"
)

// ErrInUse is returned by Run and Receive while the other is running.
var ErrInUse = errors.New("transport: connection in use")

// Conn is one connection. Its owner must call Run or Close, also after an error of Receive; either frees everything.
type Conn struct {
	ws      *websocket.Conn
	stream  *stream
	o       Options
	client  bool
	address string

	reading readState
	writing writeState

	writeMu sync.Mutex    // the write lock: its holder may write. The writer goroutine holds it except while it waits
	wake    chan struct{} // wakes the writer: the packet source's channel once Run has it; never closed
	closing chan struct{} // closed by the first end

	mu     sync.Mutex
	state  state
	why    *ending
	clock  clock
	window window

	control controlQueue
	stats   counters
}

// state says what the connection is doing, and so which goroutine may write to the socket.
type state uint8

const (
	stateIdle      state = iota // nobody writes; Close may
	stateReceiving              // Receive: its caller writes
	stateRunning                // Run: the holder of the write lock writes
	stateClosing                // nobody writes; Close waits for the peer's close frame
	stateClosed
)

// counters are the part of Stats that the stream does not count.
type counters struct {
	packetsIn, packetsOut                        atomic.Uint64
	timeout, short, checksum, badSize, truncated atomic.Uint64
}

func newConn(o Options, client bool) *Conn {
	return &Conn{o: o, client: client, wake: make(chan struct{}, 1), closing: make(chan struct{})}
}

// attach gives the connection its stream, over conn.
func (c *Conn) attach(conn net.Conn) *stream {
	c.stream = newStream(conn, &c.o, c.client, c.messageExpired)
	if a := conn.RemoteAddr(); a != nil {
		c.address = a.String()
	}
	return c.stream
}

// RemoteAddr returns the peer's network address, or that of the proxy in between.
func (c *Conn) RemoteAddr() string { return c.address }

// Receive reads one packet before Run, as a server does with HELLO; the reference passes to the caller. A packet that
// Run would drop and count is an error here. If ctx is done first, the connection ends, with packet.CodeNoHello if ctx
// missed its deadline. After any error the caller must still call Close.
func (c *Conn) Receive(ctx context.Context) (*packet.Buffer, error) {
	if err := c.enter(stateReceiving); err != nil {
		return nil, err
	}
	unhook := c.endWith(ctx)
	b, err := c.nextPacket()
	if err != nil {
		c.end(c.readEnding(err))
	}
	unhook()
	if why := c.leave(stateIdle); why != nil {
		if b != nil {
			b.Release()
		}
		return nil, why.err
	}
	return b, nil
}

// Run reads packets into h and writes packets from out until the connection ends, and returns why: a packet.CloseError
// with the code of the end that closed, the handler's own error, or the cause of ctx. It returns within a second of
// Close, of ctx being done and of h failing. By then both goroutines have ended and the socket is closed. Packets left
// in out are for the caller to release.
func (c *Conn) Run(ctx context.Context, h Handler, out PacketSource) (err error) {
	if err := c.enter(stateRunning); err != nil {
		return err
	}
	c.useWakeChannel(out)
	unhook := c.endWith(ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.writeLoop(out)
	}()
	defer func() { // also if h panics
		c.end(ending{err: errReadEnded, code: c.closeCode()})
		<-written
		unhook()
		if c.o.CloseAfter {
			err = c.leave(stateClosing).err
			return
		}
		c.finishClose()
		err = c.leave(stateClosed).err
	}()
	c.readLoop(h)
	return nil
}

// Close ends the connection with a code and a reason, cut to what a close frame holds. It may be called at any time,
// from any goroutine, any number of times; the first end counts. While Run or Receive is running it returns at once and
// they do the rest. Otherwise it does the close handshake itself, which takes less than a second. Queued control
// packets are sent first if possible, and a server also reports a fault in an ERROR_MESSAGE.
func (c *Conn) Close(code packet.Code, reason string) error {
	reason = packet.Shorten(packet.CleanText(reason), maxReason)
	c.end(ending{err: packet.CloseError{Code: code, Reason: reason}, code: code, reason: reason})
	switch c.enterClose() {
	case stateIdle:
		c.closeHandshake(nil)
		c.finishClose()
	case stateClosing:
		c.finishClose()
	}
	return nil
}

// Stats returns what passed so far. It may be called at any time.
func (c *Conn) Stats() Stats {
	s, r, w := &c.stats, &c.stream.reader, &c.stream.writer
	return Stats{
		BytesIn: r.bytes.Load(), BytesOut: w.bytes.Load(),
		PacketsIn: s.packetsIn.Load(), PacketsOut: s.packetsOut.Load(),
		FragmentsIn: r.frames.Load(), Waited: time.Duration(w.waited.Load()),
		Dropped: Dropped{Timeout: s.timeout.Load(), Short: s.short.Load(),
			Checksum: s.checksum.Load(), Size: s.badSize.Load(), Truncated: s.truncated.Load()},
	}
}

// RTT returns the round trip of the last answered ping; 0 before the first.
func (c *Conn) RTT() time.Duration { return time.Duration(c.clock.rtt.Load()) }

// ClockOffset returns what to add to this machine's wall clock to get the peer's, according to the quickest of the last
// round trips; 0 before the first. It holds for the moment of the call only, since wall clocks step.
func (c *Conn) ClockOffset() time.Duration { return c.clock.offset() }

// endWith ends the connection when ctx is done. The function that it returns stops that, and waits for it if it is under way.
func (c *Conn) endWith(ctx context.Context) (unhook func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		c.end(c.contextEnding(ctx))
	})
	return func() {
		if !stop() {
			<-done
		}
	}
}

// enter begins Receive or Run.
func (c *Conn) enter(s state) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != nil && (c.state >= stateClosing || s == stateReceiving) {
		return c.why.err
	}
	if c.state != stateIdle {
		return ErrInUse
	}
	c.state = s
	return nil
}

// leave ends Receive or Run and returns why the connection ends, nil if it does not.
func (c *Conn) leave(s state) *ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = s
	return c.why
}

// enterClose returns the state that this Close ends. The caller then has to do the close handshake (stateIdle) or to
// wait for the peer's close frame (stateClosing).
func (c *Conn) enterClose() state {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.state
	if was == stateIdle || was == stateClosing {
		c.state = stateClosed
	}
	return was
}

// isReceiving reports whether the caller of Receive is at work.
func (c *Conn) isReceiving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == stateReceiving
}

// useWakeChannel makes the writer wait for the packet source's channel.
func (c *Conn) useWakeChannel(out PacketSource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if wake := out.Wake(); wake != nil {
		c.wake = wake
	}
}
