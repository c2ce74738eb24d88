package transport

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"acip/packet"
)

// How long the end of a connection may take: for what is being written and the
// goodbye (Options.Grace), whose parts have a moment of their own where a busy
// machine took all of that, then for the peer's answer. Together they stay below
// a second.
const (
	lastMoment = 50 * time.Millisecond
	farewell   = 400 * time.Millisecond
)

// ErrInUse is returned by Run and Receive when the other is at work.
var ErrInUse = errors.New("transport: connection in use")

// Conn is one connection. Whoever got it must call Run or Close, also after an
// error of Receive; either gives everything back.
type Conn struct {
	ws      *websocket.Conn
	w       *wire
	o       Options
	client  bool
	address string

	in  reading
	out writing

	pen     sync.Mutex    // who holds it may write: the writer, but while it waits
	wake    chan struct{} // for the writer: the outbox's, once Run has it; never closed
	closing chan struct{} // closed by the first end

	mu    sync.Mutex
	phase phase
	why   *ending
	own   ownQueue

	clock  clock
	window window
	stats  counters
}

// phase says who may write to the socket.
type phase uint8

const (
	fresh     phase = iota // nobody, or Close
	receiving              // the caller of Receive
	running                // the writer
	parting                // nobody; Close is to wait for the peer's goodbye
	over                   // nobody, ever again
)

// ending is why and how a connection ends. The first one counts.
type ending struct {
	err    error // what Run returns
	code   packet.Code
	reason string
	manner manner
}

// manner is what is still said at the end.
type manner uint8

const (
	say    manner = iota // what waits, the error, the close frame
	echo                 // the peer has closed: its code back
	silent               // nothing: the wire is gone, or a frame is half-written
)

// counters are what Stats shows, beside the wire's own.
type counters struct {
	packetsIn, packetsOut                        atomic.Uint64
	timeout, short, checksum, badSize, truncated atomic.Uint64
}

func newConn(o Options, client bool) *Conn {
	return &Conn{o: o, client: client, wake: make(chan struct{}, 1), closing: make(chan struct{})}
}

// on puts the connection on its wire.
func (c *Conn) on(w *wire) {
	c.w = w
	w.onExpire = c.expired
	if a := w.conn.RemoteAddr(); a != nil {
		c.address = a.String()
	}
}

// RemoteAddr is the peer's network address, a proxy's where there is one.
func (c *Conn) RemoteAddr() string { return c.address }

// Receive reads one packet before Run, as a server does with HELLO; the
// reference passes to the caller. A packet that Run would drop and count is an
// error here. When ctx is done first, the connection ends with packet.CodeNoHello
// if that was a deadline. After any error the caller must still call Close.
func (c *Conn) Receive(ctx context.Context) (*packet.Buffer, error) {
	if err := c.enter(receiving); err != nil {
		return nil, err
	}
	unhook := c.endWith(ctx)
	b, err := c.next()
	if err != nil {
		c.end(c.readEnding(err))
	}
	unhook()
	if why := c.leave(fresh); why != nil {
		if b != nil {
			b.Release()
		}
		return nil, why.err
	}
	return b, nil
}

// Run reads packets into h and writes from out until the connection ends, and
// returns why: a packet.CloseError with the code of whoever closed, the
// handler's own error, or the cause of ctx. It returns within a second of Close,
// of ctx being done and of h failing. When it returns, both goroutines have ended
// and the socket is closed; packets left in out are the owner's to give back.
func (c *Conn) Run(ctx context.Context, h Handler, out PacketSource) (err error) {
	if err := c.enter(running); err != nil {
		return err
	}
	c.hear(out)
	unhook := c.endWith(ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write(out)
	}()
	defer func() { // also when h panics
		c.end(ending{err: errHalted, code: c.bye()})
		<-written
		unhook()
		if c.o.CloseAfter {
			err = c.leave(parting).err
			return
		}
		c.part()
		err = c.leave(over).err
	}()
	c.read(h)
	return nil
}

// Close ends the connection with a code and a reason, cut to what a close frame
// holds. It may be called at any time, from any goroutine, any number of times;
// the first end counts. While Run or Receive is at work it returns at once and
// they do the rest; otherwise it says goodbye itself, which takes less than a
// second. What waits in the PacketSource's control queue is sent first where possible,
// and a server's fault is also said in an ERROR_MESSAGE.
func (c *Conn) Close(code packet.Code, reason string) error {
	reason = packet.Shorten(packet.CleanText(reason), maxReason)
	c.end(ending{err: packet.CloseError{Code: code, Reason: reason}, code: code, reason: reason})
	switch c.enterToClose() {
	case fresh:
		c.goodbye(nil)
		c.part()
	case parting:
		c.part()
	}
	return nil
}

// Stats counts what passed so far. It may be called at any time.
func (c *Conn) Stats() Stats {
	s := &c.stats
	return Stats{
		BytesIn: c.w.bytesIn.Load(), BytesOut: c.w.bytesOut.Load(),
		PacketsIn: s.packetsIn.Load(), PacketsOut: s.packetsOut.Load(),
		FragmentsIn: c.w.fragsIn.Load(), Waited: time.Duration(c.w.waited.Load()),
		Dropped: Dropped{Timeout: s.timeout.Load(), Short: s.short.Load(),
			Checksum: s.checksum.Load(), Size: s.badSize.Load(), Truncated: s.truncated.Load()},
	}
}

// RTT is the round trip of the last answered ping; 0 before the first.
func (c *Conn) RTT() time.Duration { return time.Duration(c.clock.rtt.Load()) }

// ClockOffset is what must be added to this machine's wall clock, as it stands at
// the moment of the call, to get the peer's, by the quickest of the last round
// trips; 0 before the first. Ask anew each time: wall clocks step.
func (c *Conn) ClockOffset() time.Duration { return c.clock.offset() }

// end notes why the connection ends and interrupts whoever waits for it. The
// first ending counts.
func (c *Conn) end(e ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != nil {
		return
	}
	e.reason = packet.CleanText(e.reason)
	c.why = &e
	close(c.closing)
	signal(c.wake)
	c.w.leave(c.o.Grace)
}

// endWith ends the connection when ctx is done. The function it returns stops
// that and waits for it if it is under way.
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

func (c *Conn) contextEnding(ctx context.Context) ending {
	c.mu.Lock()
	late := c.phase == receiving && errors.Is(ctx.Err(), context.DeadlineExceeded)
	c.mu.Unlock()
	if late {
		e := packet.CloseError{Code: packet.CodeNoHello, Reason: "no hello in time"}
		return ending{err: e, code: e.Code, reason: e.Reason}
	}
	return ending{err: context.Cause(ctx), code: c.bye()}
}

// bye is the code with which this end goes of its own will.
func (c *Conn) bye() packet.Code {
	if c.client {
		return packet.CodeBye
	}
	return packet.CodeGoingAway
}

// enter begins Receive or Run.
func (c *Conn) enter(p phase) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != nil && (c.phase >= parting || p == receiving) {
		return c.why.err
	}
	if c.phase != fresh {
		return ErrInUse
	}
	c.phase = p
	return nil
}

// hear makes the writer wait where its outbox knocks.
func (c *Conn) hear(out PacketSource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if wake := out.Wake(); wake != nil {
		c.wake = wake
	}
}

// enterToClose is the phase that ends with this Close, which then has to say
// goodbye (fresh) or to wait for the peer's (parting).
func (c *Conn) enterToClose() phase {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.phase
	if was == fresh || was == parting {
		c.phase = over
	}
	return was
}

// leave ends Receive or Run and returns why the connection ends, nil if it goes
// on.
func (c *Conn) leave(p phase) *ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phase = p
	return c.why
}

// ended is why the connection ends; nil while it lives.
func (c *Conn) ended() *ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// isClosing reports whether the connection is to end.
func (c *Conn) isClosing() bool {
	select {
	case <-c.closing:
		return true
	default:
		return false
	}
}

// part waits for the peer's part of the goodbye, if one was said, and gives
// everything back. Nobody reads or writes any more.
func (c *Conn) part() {
	if c.out.parted {
		c.w.linger(farewell)
	}
	c.w.cut()
	_ = c.ws.CloseNow() // frees the library's own; the socket is closed
	c.own.clear(&c.mu)
}
