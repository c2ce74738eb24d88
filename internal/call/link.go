package call

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"acip/internal/account"
	"acip/internal/fault"
	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// link is the connection's life: dial, hello, welcome, and again when it is lost.
type link struct {
	address string
	hello   func(context.Context) packet.Hello // without Resume, and Name as first asked for
	wait    bool                               // go on trying before the first welcome too
	once    bool                               // do not come back
	bufs    *packet.Buffers
	tls     *tls.Config // for wss; nil: the system's certificates
	handle  *transport.Handle
	counts  *account.Account
	log     zerolog.Logger
	say     func(Link)
	enter   func(packet.Welcome)
	handler func(*packet.Buffer) error
	leave   func() // the connection is gone, before the next is tried

	conn atomic.Pointer[transport.Conn]

	called  atomic.Bool           // the server was dialled
	failure atomic.Pointer[error] // why the last attempt ended; nil before
	in      chan struct{}         // closed when the server has let us in
	first   sync.Once             // to close it

	resume string
	name   string
	self   Peer
	room   string
	waited bool                           // somebody was told that there is no connection
	timed  atomic.Pointer[transport.Conn] // the last that knows the server's clock; nil before a first round trip
}

// Times of a link.
const (
	welcomeWithin = 10 * time.Second
	flushWithin   = 250 * time.Millisecond
	pingEvery     = 2 * time.Second
	goodAfter     = 3 * time.Second // a connection that lived this long resets the backoff
)

// run keeps the call connected until ctx ends (nil) or the link is over for good. The error is a DialError, a refusal or
// what the connection ended with.
func (l *link) run(ctx context.Context) error {
	var back backoff
	l.called.Store(true)
	for {
		began := time.Now()
		welcomed, err := l.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if welcomed && time.Since(began) > goodAfter {
			back.reset()
		}
		l.failure.Store(&err)
		known := l.self.ID != 0
		if final := l.final(err, known); final != nil {
			return final
		}
		pause := back.next(askedPause(err))
		if err := l.pause(ctx, err, pause); err != nil {
			return nil
		}
		if known {
			l.counts.Reconnect()
		}
	}
}

// missed is why the server that was called has not let us in so far; nil where it has, or where none was called.
func (l *link) missed() error {
	select {
	case <-l.in:
		return nil
	default:
	}
	if !l.called.Load() {
		return nil
	}
	if why := l.failure.Load(); why != nil {
		return *why
	}
	return errNoAnswer
}

// errNoAnswer is the failure of an attempt that has not ended.
var errNoAnswer = errors.New("the server has not answered")

// neverJoined is a call that was over before it began.
type neverJoined struct {
	after time.Duration
	why   error
}

// Error says for how long it was tried, and what came of it.
func (e *neverJoined) Error() string {
	sentence, _ := fault.Explain(e.why)
	return fmt.Sprintf("not joined within %s: %s", e.after, sentence)
}

// Hint is the remedy.
func (e *neverJoined) Hint() string {
	if errors.Is(e.why, errNoAnswer) {
		return "check that the host is up and that no firewall blocks the port, or give it more time: --duration"
	}
	_, hint := fault.Explain(e.why)
	return hint
}

// pause waits before the next attempt, and says so.
func (l *link) pause(ctx context.Context, why error, d time.Duration) error {
	sentence, _ := fault.Explain(why)
	known := l.self.ID != 0
	state, message := LinkLost, "connection lost"
	if !known {
		state, message = LinkConnecting, "no connection yet"
	}
	l.waited = true
	full := noPlace(why)
	if full {
		message = "full, waiting for a place"
	}
	l.log.Info().Str("server", l.address).Err(why).Str("retry_in", d.Round(time.Millisecond).String()).Msg(message)
	status := l.status(state, sentence, time.Now().Add(d))
	status.Full = full
	l.say(status)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// noPlace reports whether a connection ended because the server or the room is full.
func noPlace(err error) bool {
	var closed packet.CloseError
	return errors.As(err, &closed) && (closed.Code == packet.CodeFull || closed.Code == packet.CodeRoomFull)
}

func (l *link) status(s LinkState, reason string, retry time.Time) Link {
	return Link{State: s, Address: l.address, Room: l.room, Self: l.self, Reason: reason, Retry: retry}
}

// askedPause is how long the server wants us to stay away.
func askedPause(err error) time.Duration {
	var closed packet.CloseError
	if errors.As(err, &closed) {
		return retryAfter(closed.Reason)
	}
	return 0
}

// final is the error that a session's end ends the call with, nil to try again. known says that we were in before.
func (l *link) final(err error, known bool) error {
	var closed packet.CloseError
	if errors.As(err, &closed) {
		err = refusal{closed, l.address}
		switch closed.Code.Info().Retry {
		case packet.No:
			return err
		case packet.OnceIn:
			if !known {
				return err
			}
		case packet.WithWait:
			if !l.wait && !known {
				return err
			}
		}
	}
	if l.once && known || !known && !l.wait {
		return err
	}
	var dial *transport.DialError
	if errors.As(err, &dial) && !dial.Retry() && !known {
		return err // what was an acip server a moment ago will be one again
	}
	return nil
}

// session is one connection, from dialling to its end.
func (l *link) session(ctx context.Context) (welcomed bool, err error) {
	conn, err := transport.Dial(ctx, l.address, transport.Options{
		Buffers: l.bufs, MaxFrame: packet.DefaultMaxFrame, PingEvery: pingEvery, Observer: l.observer(), TLS: l.tls,
	})
	if err != nil {
		return false, err
	}
	out := &tally{SendQueue: transport.NewSendQueue(), counts: l.counts}
	defer out.Close()
	if err := l.greet(ctx, out); err != nil {
		_ = conn.Close(packet.CodeBye, "bye") // nothing was said yet
		return false, err
	}
	l.conn.Store(conn)
	defer l.conn.Store(nil)
	late := time.AfterFunc(welcomeWithin, func() { _ = conn.Close(packet.CodeSilent, "no welcome in time") })
	defer late.Stop()
	var refused error
	err = l.carry(ctx, conn, out, func(p *packet.Buffer) error {
		if welcomed {
			return l.handler(p)
		}
		w, done, err := packet.ParseWelcome(p)
		if err != nil {
			refused = err
			return err
		}
		if welcomed = done; done {
			late.Stop()
			l.welcome(w, out)
		}
		return nil
	})
	s := conn.Stats()
	l.counts.Traffic(s.BytesIn, s.BytesOut)
	if welcomed {
		l.handle.Clear()
		l.counts.Settle(l.lostWhy(ctx))
		l.leave()
	}
	if refused != nil {
		err = refused
	}
	return welcomed, err
}

// lostWhy is what became of pictures that a connection took and did not send.
func (l *link) lostWhy(ctx context.Context) account.Reason {
	if ctx.Err() != nil {
		return account.Ended
	}
	return account.NoConnection
}

// greet puts the hello first in line.
func (l *link) greet(ctx context.Context, out *tally) error {
	h := l.hello(ctx)
	h.Resume = l.resume
	if l.name != "" {
		h.Name = l.name
	}
	b, err := l.bufs.JSON(packet.HelloType, 0, h)
	if err != nil {
		return err
	}
	defer b.Release()
	return out.Send(b)
}

// welcome is the moment from which pictures may be sent.
func (l *link) welcome(w packet.Welcome, out *tally) {
	if l.waited {
		message := "connected"
		if l.self.ID != 0 {
			message = "connected again"
		}
		l.log.Info().Str("server", l.address).Str("room", w.Room).Str("name", packet.CleanName(w.Name)).Msg(message)
	}
	l.waited = false
	l.resume, l.name, l.room = w.Resume, w.Name, w.Room
	l.first.Do(func() { close(l.in) })
	l.self = Peer{ID: w.ID, Name: packet.CleanName(w.Name), Self: true}
	l.handle.Set(out.SendQueue)
	l.say(l.status(LinkUp, "", time.Time{}))
	l.enter(w)
}

// carry runs a connection to its end, which is a polite one when ctx ends.
func (l *link) carry(ctx context.Context, conn *transport.Conn, out *tally, h transport.Handler) error {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ended := make(chan struct{})
	var leaving sync.WaitGroup
	leaving.Go(func() {
		select {
		case <-ended:
		case <-ctx.Done():
			l.bye(conn, out)
		}
	})
	err := conn.Run(run, h, out)
	close(ended)
	leaving.Wait()
	return err
}

// bye lets what was accepted go out, then closes politely.
func (l *link) bye(conn *transport.Conn, out *tally) {
	limit := time.NewTimer(flushWithin)
	defer limit.Stop()
	for flushed := false; !flushed && !out.NoMediaQueued(); {
		select {
		case <-out.MediaTaken():
		case <-limit.C:
			flushed = true
		}
	}
	_ = conn.Close(packet.CodeBye, "bye") // it is over either way
}

// observer keeps the clock's offset fresh, counts what the transport drops, and logs what an operator may look for.
func (l *link) observer() transport.Observer {
	return transport.Observer{
		RoundTrip: func(time.Duration) {
			if c := l.conn.Load(); c != nil {
				l.timed.Store(c)
			}
		},
		Reassembly: func(m transport.Message) {
			l.log.Debug().Int("fragments", m.Fragments).Float64("elapsed_s", m.Elapsed.Seconds()).
				Float64("timeout_s", m.Timeout.Seconds()).Int("size", m.Size).Int("expected", m.Expected).Msg("[WS_REASSEMBLY]")
		},
		Timeout: func(m transport.Message) {
			l.log.Warn().Float64("elapsed_s", m.Elapsed.Seconds()).Int("fragments", m.Fragments).Int("size", m.Size).
				Msg("[WS_REASSEMBLY_TIMEOUT]")
			l.spoiled(m, account.Late)
		},
		BadPacket: func(m transport.Message, err error) {
			l.log.Warn().Err(err).Msg("packet dropped")
			l.spoiled(m, account.Damaged)
		},
	}
}

// spoiled counts a picture that the relay sent and the transport had to drop.
func (l *link) spoiled(m transport.Message, why account.Reason) {
	if m.Header.Type.Class() == packet.Video {
		l.counts.Receive(m.Header.Client, m.Size)
		l.counts.DropDown(m.Header.Client, why)
	}
}

// offset is what must be added to this machine's clock, as it stands now, to get the server's; 0 while it is not known.
func (l *link) offset() time.Duration {
	if c := l.timed.Load(); c != nil {
		return c.ClockOffset()
	}
	return 0
}

// rtt is the last round trip; 0 when not known.
func (l *link) rtt() time.Duration {
	if c := l.conn.Load(); c != nil {
		return c.RTT()
	}
	return 0
}

// traffic is what the connection of now has carried.
func (l *link) traffic() transport.Stats {
	if c := l.conn.Load(); c != nil {
		return c.Stats()
	}
	return transport.Stats{}
}

// control sends a control packet, or nothing when not connected.
func (l *link) control(t packet.Type, body any) {
	b, err := l.bufs.JSON(t, 0, body)
	if err != nil {
		return // a body of ours always fits
	}
	defer b.Release()
	l.post(b)
}

// post sends a sealed control packet. A full queue means that the server takes nothing any more.
func (l *link) post(b *packet.Buffer) {
	if errors.Is(l.handle.Send(b), transport.ErrQueueFull) {
		if c := l.conn.Load(); c != nil {
			_ = c.Close(packet.CodeStalled, "control queue full") // the session's end tells the rest
		}
	}
}

// tally is a SendQueue that counts a picture as sent when the writer comes back for the next packet: what it was writing
// when the connection broke was not.
type tally struct {
	*transport.SendQueue
	counts *account.Account
	layer  int  // of the picture being written
	busy   bool // a picture is being written
	size   int  // its bytes
}

// Next implements transport.PacketSource.
func (t *tally) Next() *packet.Buffer {
	if t.busy {
		t.counts.Send(t.layer, t.size, time.Now())
	}
	b := t.SendQueue.Next()
	if t.busy = b != nil && b.Type().Class() == packet.Video; t.busy {
		t.size = b.Len()
		_, layer := packet.Frame(b)
		t.layer = int(layer)
	}
	return b
}
