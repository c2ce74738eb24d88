package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"acip/packet"
	"acip/pool"
	"acip/transport"

	"github.com/rs/zerolog"
)

// session is one connection, from its upgrade to its end. Everything but the
// counters belongs to the goroutine of its HTTP handler.
type session struct {
	s      *Server
	ip     netip.Addr
	log    zerolog.Logger
	conn   *transport.Conn
	member *pool.Member // nil before the hello
	said   bool         // its coming is logged at info, not only at debug

	frames   budget
	bytes    budget
	control  budget
	volume   budget
	messages budget

	refused atomic.Uint64 // packets above a rate
	unknown atomic.Uint64 // packets of unknown types
	dropped atomic.Uint64 // packets that the transport dropped
}

// serveACIP upgrades a request and is the session until it ends.
func (s *Server) serveACIP(w http.ResponseWriter, r *http.Request) {
	ip := s.gate.client(r)
	if !s.begin() {
		s.refuse(w, r, &refusal{http.StatusServiceUnavailable, "the server is going away", "draining"})
		return
	}
	defer s.sessions.Done()
	if no := s.gate.admit(ip); no != nil {
		s.refuse(w, r, no)
		return
	}
	greeted := sync.OnceFunc(func() { s.gate.dismiss(ip) })
	defer greeted()
	x := &session{s: s, ip: ip, log: s.config.Log.With().Str("address", s.gate.seen(r)).Logger()}
	if why := s.foreign(r); why != "" {
		s.attempts.failed(r, refusedUpgrade(r, why))
		http.Error(w, why, http.StatusForbidden)
		x.turnedAway(why)
		return
	}
	conn, err := transport.Accept(w, r, x.options())
	if err != nil {
		s.attempts.failed(r, refusedUpgrade(r, err.Error()))
		x.turnedAway(err.Error())
		return
	}
	x.conn = conn
	x.live(greeted)
}

// turnedAway counts and logs a request that was answered and not upgraded. It is a warning: a proxy that is set up wrongly
// shows up nowhere else.
func (x *session) turnedAway(why string) {
	x.s.counts.upgrade.Add(1)
	if x.s.sieve.refused.Allow() {
		x.log.Warn().Str("reason", packet.CleanText(why)).Msg("upgrade refused")
	}
}

// refuse answers a request that is not upgraded.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, no *refusal) {
	s.counts.refuse(no.kind)
	if s.sieve.refused.Allow() {
		s.config.Log.Warn().Str("address", s.gate.seen(r)).Str("reason", no.kind).Msg("connection refused")
	}
	s.attempts.failed(r, probeAnswer{Reason: no.sentence, RetryAfter: s.retryAfter()})
	w.Header().Set("Retry-After", fmt.Sprint(s.retryAfter()))
	http.Error(w, no.sentence, no.status)
}

// options is how the transport is to carry this session.
func (x *session) options() transport.Options {
	c := &x.s.config
	return transport.Options{
		Buffers: &x.s.buffers, MaxFrame: c.MaxFrame, ReassemblyTimeout: c.ReassemblyTimeout,
		WriteStall: c.WriteStall, Grace: c.grace, PingEvery: c.PingEvery, Silence: c.Silence,
		ControlRate: c.Limits.Pings, Origins: []string{"*"}, Observer: x.observer(),
		// Origins have been judged: see foreign.
		CloseAfter: true, // a slot is free when the end is known, not when the peer agrees
	}
}

// observer logs and counts what the transport reports while it reads.
func (x *session) observer() transport.Observer {
	return transport.Observer{
		Reassembly: func(m transport.Message) { x.s.sieve.slow(x.log, m) },
		Timeout: func(m transport.Message) {
			x.s.sieve.late(x.log, m)
			x.lost()
		},
		BadPacket: func(m transport.Message, err error) {
			x.s.sieve.bad(x.log, m, err)
			x.lost()
		},
	}
}

// lost counts a message that the transport dropped.
func (x *session) lost() {
	x.dropped.Add(1)
	x.s.counts.dropped.Add(1)
	if x.member != nil {
		x.member.Lost()
	}
}

// live is the session: hello, slot, packets, and the one way out. The pool and
// the server end it by cancelling its context with the close code as the cause.
func (x *session) live(greeted func()) {
	ctx, end := context.WithCancelCause(x.s.life)
	defer end(nil)
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		why := closeError(context.Cause(ctx))
		_ = x.conn.Close(why.Code, why.Reason)
	})
	err := x.talk(ctx, end, greeted)
	if !stop() {
		<-closed
	}
	why := closeError(err)
	_ = x.conn.Close(why.Code, why.Reason)
}

// talk takes the slot, and gives it back when the conversation is over.
func (x *session) talk(ctx context.Context, end func(error), greeted func()) (err error) {
	defer func() { x.ended(ctx, err) }()
	hello, err := x.hello(ctx)
	if err != nil {
		return err
	}
	if err := x.authorise(hello); err != nil {
		return err
	}
	if !x.s.gate.seat(x.ip) {
		x.s.counts.refuse("address_slots")
		return packet.CloseError{Code: packet.CodeFull, Reason: "this address has as many slots as one address may have"}
	}
	defer x.s.gate.unseat(x.ip)
	x.member, err = x.s.pool.Join(hello, end)
	if errors.Is(err, pool.ErrFull) && x.s.makeRoom(x.ip) {
		x.member, err = x.s.pool.Join(hello, end)
	}
	if err != nil {
		return x.full(err)
	}
	defer func() { x.leave(ctx, err) }()
	greeted()
	x.joined(hello)
	x.budgets()
	x.member.SetInlineWriter(x.conn.WriteInline)
	return x.conn.Run(context.WithoutCancel(ctx), x.handle, x.member)
}

// hello waits for the client's first packet.
func (x *session) hello(ctx context.Context) (packet.Hello, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), x.s.config.HelloTimeout)
	defer cancel()
	b, err := x.conn.Receive(ctx)
	if err != nil {
		return packet.Hello{}, err
	}
	defer b.Release()
	if b.Type() != packet.HelloType {
		return packet.Hello{}, packet.Violation("%s before HELLO", b.Type())
	}
	hello, err := packet.Unmarshal[packet.Hello](b)
	if err != nil {
		return hello, malformed(b.Type(), err)
	}
	return hello, nil
}

// full is the pool's refusal as the client is told it.
func (x *session) full(err error) error {
	slots := x.s.pool.Slots()
	switch {
	case errors.Is(err, pool.ErrFull):
		x.s.counts.refuse("full")
		return packet.CloseError{Code: packet.CodeFull, Reason: fmt.Sprintf("all %d slots are taken", slots.Total)}
	case errors.Is(err, pool.ErrRoomFull):
		x.s.counts.refuse("room_full")
		return packet.CloseError{Code: packet.CodeRoomFull, Reason: "the room is full"}
	}
	return err
}

// joined notes that the session has its slot.
func (x *session) joined(hello packet.Hello) {
	x.log = x.log.With().Uint32("id", x.member.ID()).Logger()
	x.s.online.Store(x.member.ID(), x)
	x.s.counts.joined.Add(1)
	held, ok := x.s.gate.mention(x.ip, time.Now())
	x.said = ok
	x.log.WithLevel(x.level()).Str("name", x.member.Name()).Str("room", x.member.Room()).Str("role", hello.Role).Func(withHeld(held)).
		Str("agent", packet.Shorten(packet.CleanText(hello.Agent), 64)).Msg("client joined")
}

// level returns the level at which the session's coming and going is logged: debug if its address comes and goes more often
// than a log should tell.
func (x *session) level() zerolog.Level {
	if x.said {
		return zerolog.InfoLevel
	}
	return zerolog.DebugLevel
}

// ended logs the end of the connection, before its slot is freed.
func (x *session) ended(ctx context.Context, err error) {
	why := closeError(err)
	if why.Code == packet.CodeViolation {
		x.s.counts.violations.Add(1)
	}
	if x.member != nil {
		return // logged by leave, while the member still has its slot
	}
	x.log.Debug().Uint32("id", 0).Bool("cleanup", ctx.Err() != nil).Bool("active", false).Msg(logDisconnect)
	x.log.Debug().Uint16("code", uint16(why.Code)).Str("reason", why.Reason).Msg("client ended before it joined")
}

// leave is the one place where a slot is given back.
func (x *session) leave(ctx context.Context, err error) {
	why := closeError(err)
	active := x.member.Active()
	x.log.Debug().Bool("cleanup", !active || ctx.Err() != nil).Bool("active", active).Msg(logDisconnect)
	x.s.online.CompareAndDelete(x.member.ID(), x)
	if c, freed := x.member.Leave(why.Code, leaveReason(why)); freed {
		x.log.Debug().Int("index", c.Index).Int("total_before", c.Before).Msg(logCleanup)
	}
	x.s.counts.end(why.Code)
	sum := x.member.Stats()
	x.log.WithLevel(x.level()).Str("name", sum.Name).Uint16("code", uint16(why.Code)).Str("reason", why.Reason).
		Uint64("frames_in", sum.FramesIn).Uint64("frames_out", sum.FramesOut).Any("dropped", sum.Dropped).
		Any("dropped_in", droppedIn(x.conn.Stats().Dropped, x.refused.Load(), x.unknown.Load())).Msg("client left")
}

// leaveReason is what the others are told.
func leaveReason(why packet.CloseError) string { return why.Code.Info().Name }

// closeError finds how a connection ended, or is to end, in an error.
func closeError(err error) packet.CloseError {
	var e packet.CloseError
	switch {
	case errors.As(err, &e):
		return e
	case err == nil:
		return packet.CloseError{Code: packet.CodeBye}
	}
	return packet.CloseError{Code: packet.CodeLost, Reason: packet.CleanText(err.Error())}
}

// malformed is a body that could not be read, as a violation.
func malformed(t packet.Type, err error) error {
	return packet.Violation("%s: %s", t, packet.Shorten(packet.CleanText(err.Error()), 200))
}

// bytesBurst is how many seconds' worth of pictures' bytes may come at once: what a network held up for as long.
const bytesBurst = 4

// chatBurst is how many seconds' worth of chat may be said at once: a pasted verse.
const chatBurst = 5

// budgets gives the session its rates.
func (x *session) budgets() {
	l := x.s.config.Limits
	x.frames = newBudget("pictures", l.Frames, l.Frames)
	x.bytes = newBudget("bytes of pictures", l.Bytes, max(bytesBurst*l.Bytes, x.s.config.MaxFrame+packet.HeaderSize))
	x.control = newBudget("packets", l.Control, 2*l.Control)
	x.volume = newBudget("bytes of packets", l.Talk, max(4*l.Talk, packet.MaxControl+packet.HeaderSize))
	x.messages = newBudget("messages", l.Messages, chatBurst*l.Messages)
}

// spend charges a budget: nil and true to go on, nil and false to drop the packet.
func (x *session) spend(b *budget, now time.Time, n int) (bool, error) {
	v := b.spend(now, n)
	if v == pass {
		return true, nil
	}
	x.refused.Add(1)
	x.s.counts.limited.Add(1)
	sentence := "too many " + b.what + " a second"
	switch v {
	case tell:
		x.member.Tell(packet.CodeRate, sentence+": some were dropped")
	case cut:
		return false, packet.CloseError{Code: packet.CodeRate, Reason: sentence}
	}
	return false, nil
}
