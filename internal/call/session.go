package call

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"acip/internal/account"
	"acip/internal/fault"
	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// sessionConfig is what a session needs.
type sessionConfig struct {
	address string
	tls     *tls.Config                                                       // for wss; nil: the system's certificates
	dial    func(ctx context.Context, network, addr string) (net.Conn, error) // nil: TCP
	wait    bool                                                              // keep trying before the first welcome too
	once    bool                                                              // do not reconnect
	bufs    *packet.Buffers
	handle  *transport.Handle // sends while there is a connection
	account *account.Account
	log     zerolog.Logger

	hello   func(context.Context) packet.Hello // without Resume, and Name as first asked for
	state   func(Link)                         // shows how the connection stands
	welcome func(packet.Welcome)               // a connection was made
	handler func(*packet.Buffer) error         // takes the packets that follow a welcome
	ended   func()                             // a connection has ended, before the next attempt
}

// session is the life of the connection: dial, hello, welcome, and again when it is lost.
type session struct {
	sessionConfig

	conn    atomic.Pointer[transport.Conn] // nil while there is none
	timed   atomic.Pointer[transport.Conn] // the last one that knows the server's clock; nil before a first round trip
	dialled atomic.Bool                    // an attempt was made
	failure atomic.Pointer[error]          // why the last attempt ended; nil before
	joined  chan struct{}                  // closed at the first welcome
	first   sync.Once                      // closes it

	// Of the goroutine that runs run.
	resume     string
	name       string
	self       Peer
	room       string
	retryAfter time.Duration // how long the server wants us to stay away when it ends; 0: it did not say
	announced  bool          // somebody was told that there is no connection
}

func newSession(c sessionConfig) *session {
	return &session{sessionConfig: c, joined: make(chan struct{})}
}

// Times of a session.
const (
	welcomeWithin = 10 * time.Second
	flushWithin   = 250 * time.Millisecond
	pingEvery     = 2 * time.Second
	goodAfter     = 3 * time.Second // a connection that lasted this long resets the back-off
)

// run keeps the call connected until ctx ends (nil) or trying again is pointless. The error is a DialError, a refusal, or
// what the connection ended with.
func (s *session) run(ctx context.Context) error {
	var back backoff
	s.dialled.Store(true)
	for {
		began := time.Now()
		welcomed, err := s.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if welcomed && time.Since(began) > goodAfter {
			back.reset()
		}
		s.failure.Store(&err)
		known := s.self.ID != 0
		if final := s.final(err, known); final != nil {
			return final
		}
		pause := back.next(s.requestedPause(err))
		if err := s.pause(ctx, err, pause); err != nil {
			return nil
		}
		if known {
			s.account.Reconnect()
		}
	}
}

// notJoined returns why the server has not let us in so far; nil if it has, or if it was not dialled.
func (s *session) notJoined() error {
	select {
	case <-s.joined:
		return nil
	default:
	}
	if !s.dialled.Load() {
		return nil
	}
	if why := s.failure.Load(); why != nil {
		return *why
	}
	return errNoAnswer
}

// errNoAnswer is the failure of an attempt that is still under way.
var errNoAnswer = errors.New("the server has not answered")

// neverJoined is the error of a call that ended before it was joined.
type neverJoined struct {
	after time.Duration
	why   error
}

// Error says how long was tried, and what failed.
func (e *neverJoined) Error() string {
	sentence, _ := fault.Explain(e.why)
	return fmt.Sprintf("not joined within %s: %s", e.after, sentence)
}

// Hint returns the remedy.
func (e *neverJoined) Hint() string {
	if errors.Is(e.why, errNoAnswer) {
		return "check that the host is up and that no firewall blocks the port, or give it more time: --duration"
	}
	_, hint := fault.Explain(e.why)
	return hint
}

// pause announces the next attempt and waits for it.
func (s *session) pause(ctx context.Context, why error, d time.Duration) error {
	sentence, _ := fault.Explain(why)
	known := s.self.ID != 0
	state, message := LinkLost, "connection lost"
	if !known {
		state, message = LinkConnecting, "no connection yet"
	}
	s.announced = true
	full := noPlace(why)
	if full {
		message = "full, waiting for a place"
	}
	s.log.Info().Str("server", s.address).Err(why).Str("retry_in", d.Round(time.Millisecond).String()).Msg(message)
	status := s.status(state, sentence, time.Now().Add(d))
	status.Full = full
	s.state(status)
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

func (s *session) status(state LinkState, reason string, retry time.Time) Link {
	return Link{State: state, Address: s.address, Room: s.room, Self: s.self, Reason: reason, Retry: retry}
}

// requestedPause returns how long the server wants us to stay away after err; 0 if it did not say. WELCOME says it for a
// server that ends; servers that do not say it there may say it in the reason.
func (s *session) requestedPause(err error) time.Duration {
	var closed packet.CloseError
	switch {
	case !errors.As(err, &closed):
		return 0
	case closed.Code == packet.CodeGoingAway && s.retryAfter > 0:
		return s.retryAfter
	}
	return retryAfter(closed.Reason)
}

// final returns the error with which the end of a connection ends the call, nil to try again. known says that we have
// joined before.
func (s *session) final(err error, known bool) error {
	var closed packet.CloseError
	if errors.As(err, &closed) {
		err = refusal{closed, s.address}
		switch closed.Code.Info().Retry {
		case packet.No:
			return err
		case packet.OnceIn:
			if !known {
				return err
			}
		case packet.WithWait:
			if !s.wait && !known {
				return err
			}
		}
	}
	if s.once && known || !known && !s.wait {
		return err
	}
	var dial *transport.DialError
	if errors.As(err, &dial) && !dial.Retry() && !known {
		return err // after a welcome, the server is known to be one, and will be again
	}
	return nil
}

// connect makes one connection and runs it to its end.
func (s *session) connect(ctx context.Context) (welcomed bool, err error) {
	conn, err := transport.Dial(ctx, s.address, transport.Options{
		Buffers: s.bufs, MaxFrame: packet.DefaultMaxFrame, PingEvery: pingEvery, Observer: s.observer(), TLS: s.tls, DialContext: s.dial,
	})
	if err != nil {
		return false, err
	}
	out := &countingQueue{SendQueue: transport.NewSendQueue(), account: s.account}
	defer out.Close()
	if err := s.greet(ctx, out); err != nil {
		_ = conn.Close(packet.CodeBye, "bye") // nothing was said yet
		return false, err
	}
	s.conn.Store(conn)
	defer s.conn.Store(nil)
	late := time.AfterFunc(welcomeWithin, func() { _ = conn.Close(packet.CodeSilent, "no welcome in time") })
	defer late.Stop()
	var refused error
	err = s.carry(ctx, conn, out, func(p *packet.Buffer) error {
		if welcomed {
			return s.handler(p)
		}
		w, done, err := packet.ParseWelcome(p)
		if err != nil {
			refused = err
			return err
		}
		if welcomed = done; done {
			late.Stop()
			s.enter(w, out)
		}
		return nil
	})
	carried := conn.Stats()
	s.account.Traffic(carried.BytesIn, carried.BytesOut)
	if welcomed {
		s.handle.Clear()
		s.account.Settle(s.lostReason(ctx))
		s.ended()
	}
	if refused != nil {
		err = refused
	}
	return welcomed, err
}

// lostReason returns what became of pictures that a connection took and did not send.
func (s *session) lostReason(ctx context.Context) account.Reason {
	if ctx.Err() != nil {
		return account.Ended
	}
	return account.NoConnection
}

// greet queues the hello, which is sent first.
func (s *session) greet(ctx context.Context, out *countingQueue) error {
	h := s.hello(ctx)
	h.Resume = s.resume
	if s.name != "" {
		h.Name = s.name
	}
	b, err := s.bufs.JSON(packet.HelloType, 0, h)
	if err != nil {
		return err
	}
	defer b.Release()
	return out.Send(b)
}

// enter takes a welcome. Pictures may be sent from now on.
func (s *session) enter(w packet.Welcome, out *countingQueue) {
	if s.announced {
		message := "connected"
		if s.self.ID != 0 {
			message = "connected again"
		}
		s.log.Info().Str("server", s.address).Str("room", w.Room).Str("name", packet.CleanName(w.Name)).Msg(message)
	}
	s.announced = false
	s.resume, s.name, s.room = w.Resume, w.Name, w.Room
	s.retryAfter = retrySeconds(w.Limits.RetryAfterS)
	s.first.Do(func() { close(s.joined) })
	s.self = Peer{ID: w.ID, Name: packet.CleanName(w.Name), Self: true}
	s.handle.Set(out.SendQueue)
	s.state(s.status(LinkUp, "", time.Time{}))
	s.welcome(w)
}

// carry runs a connection to its end. When ctx ends, it is closed politely.
func (s *session) carry(ctx context.Context, conn *transport.Conn, out *countingQueue, h transport.Handler) error {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ended := make(chan struct{})
	var leaving sync.WaitGroup
	leaving.Go(func() {
		select {
		case <-ended:
		case <-ctx.Done():
			s.drain(conn, out)
		}
	})
	err := conn.Run(run, h, out)
	close(ended)
	leaving.Wait()
	return err
}

// drain lets accepted pictures go out, for flushWithin at most, then closes politely.
func (s *session) drain(conn *transport.Conn, out *countingQueue) {
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

// observer keeps the clock offset fresh, counts what the transport drops, and logs what an operator may look for.
func (s *session) observer() transport.Observer {
	return transport.Observer{
		RoundTrip: func(time.Duration) {
			if c := s.conn.Load(); c != nil {
				s.timed.Store(c)
			}
		},
		Reassembly: func(m transport.Message) {
			s.log.Debug().Int("fragments", m.Fragments).Float64("elapsed_s", m.Elapsed.Seconds()).
				Float64("timeout_s", m.Timeout.Seconds()).Int("size", m.Size).Int("expected", m.Expected).Msg("[WS_REASSEMBLY]")
		},
		Timeout: func(m transport.Message) {
			s.log.Warn().Float64("elapsed_s", m.Elapsed.Seconds()).Int("fragments", m.Fragments).Int("size", m.Size).
				Msg("[WS_REASSEMBLY_TIMEOUT]")
			s.countDropped(m, account.Late)
		},
		BadPacket: func(m transport.Message, err error) {
			s.log.Warn().Err(err).Msg("packet dropped")
			s.countDropped(m, account.Damaged)
		},
	}
}

// countDropped counts a picture that the relay sent and the transport had to drop.
func (s *session) countDropped(m transport.Message, why account.Reason) {
	if m.Header.Type.Class() == packet.Video {
		s.account.Receive(m.Header.Client, m.Size)
		s.account.DropDown(m.Header.Client, why)
	}
}

// clockOffset returns what to add to this machine's clock, as it stands now, to get the server's; 0 while not known.
func (s *session) clockOffset() time.Duration {
	if c := s.timed.Load(); c != nil {
		return c.ClockOffset()
	}
	return 0
}

// rtt returns the last round trip; 0 while not known.
func (s *session) rtt() time.Duration {
	if c := s.conn.Load(); c != nil {
		return c.RTT()
	}
	return 0
}

// traffic returns what the current connection has carried.
func (s *session) traffic() transport.Stats {
	if c := s.conn.Load(); c != nil {
		return c.Stats()
	}
	return transport.Stats{}
}

// control sends a control packet; without a connection, nothing.
func (s *session) control(t packet.Type, body any) {
	b, err := s.bufs.JSON(t, 0, body)
	if err != nil {
		return // our own bodies always fit
	}
	defer b.Release()
	s.post(b)
}

// post sends a complete control packet. If the queue is full, the server has stopped reading, and the connection is closed.
func (s *session) post(b *packet.Buffer) {
	if errors.Is(s.handle.Send(b), transport.ErrQueueFull) {
		if c := s.conn.Load(); c != nil {
			_ = c.Close(packet.CodeStalled, "control queue full") // its end tells the rest
		}
	}
}
