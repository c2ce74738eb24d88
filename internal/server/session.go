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

// session is one connection, from its upgrade to its end. Everything but the counters belongs to the goroutine of its
// HTTP handler.
type session struct {
	srv    *Server
	ip     netip.Addr
	log    zerolog.Logger
	conn   *transport.Conn
	member *pool.Member // nil before the hello
	said   bool         // its coming is logged at info, not only at debug

	frames   rateLimit
	bytes    rateLimit
	control  rateLimit
	volume   rateLimit
	messages rateLimit

	refused atomic.Uint64 // packets above a rate
	unknown atomic.Uint64 // packets of unknown types
	dropped atomic.Uint64 // packets that the transport dropped
}

// serveACIP upgrades a request and is the session until it ends.
func (s *Server) serveACIP(w http.ResponseWriter, r *http.Request) {
	ip := s.limiter.client(r)
	if !s.begin() {
		s.refuse(w, r, &refusal{http.StatusServiceUnavailable, "the server is going away", "draining"})
		return
	}
	defer s.sessions.Done()
	if no := s.limiter.beginHandshake(ip); no != nil {
		s.refuse(w, r, no)
		return
	}
	greeted := sync.OnceFunc(func() { s.limiter.endHandshake(ip) })
	defer greeted()
	x := &session{srv: s, ip: ip, log: s.config.Log.With().Str("address", s.limiter.seen(r)).Logger()}
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
	x.run(greeted)
}

// turnedAway counts and logs a request that was answered and not upgraded. It is a warning, because a misconfigured
// proxy shows nowhere else.
func (s *session) turnedAway(why string) {
	s.srv.counts.upgrade.Add(1)
	if s.srv.sampler.refused.Allow() {
		s.log.Warn().Str("reason", packet.CleanText(why)).Msg("upgrade refused")
	}
}

// refuse answers a request that is not upgraded.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, no *refusal) {
	s.counts.refuse(no.kind)
	if s.sampler.refused.Allow() {
		s.config.Log.Warn().Str("address", s.limiter.seen(r)).Str("reason", no.kind).Msg("connection refused")
	}
	s.attempts.failed(r, probeAnswer{Reason: no.sentence, RetryAfter: s.retryAfter()})
	w.Header().Set("Retry-After", fmt.Sprint(s.retryAfter()))
	http.Error(w, no.sentence, no.status)
}

// options returns the transport's options for this session.
func (s *session) options() transport.Options {
	c := &s.srv.config
	return transport.Options{
		Buffers: &s.srv.buffers, MaxFrame: c.MaxFrame, ReassemblyTimeout: c.ReassemblyTimeout,
		WriteStall: c.WriteStall, Grace: c.grace, PingEvery: c.PingEvery, Silence: c.Silence,
		ControlRate: c.Limits.Pings, Origins: []string{"*"}, Observer: s.observer(),
		// Origins have been judged: see foreign.
		CloseAfter: true, // a slot is free when the end is known, not when the peer agrees
	}
}

// observer logs and counts what the transport reports while it reads.
func (s *session) observer() transport.Observer {
	return transport.Observer{
		Reassembly: func(m transport.Message) { s.srv.sampler.reassembling(s.log, m) },
		Timeout: func(m transport.Message) {
			s.srv.sampler.timedOut(s.log, m)
			s.lost()
		},
		BadPacket: func(m transport.Message, err error) {
			s.srv.sampler.badPacket(s.log, m, err)
			s.lost()
		},
	}
}

// lost counts a message that the transport dropped.
func (s *session) lost() {
	s.dropped.Add(1)
	s.srv.counts.dropped.Add(1)
	if s.member != nil {
		s.member.Lost()
	}
}

// run runs the session: hello, slot, packets, close. The pool and the server end it by cancelling its context with the
// close code as the cause.
func (s *session) run(greeted func()) {
	ctx, end := context.WithCancelCause(s.srv.life)
	defer end(nil)
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		why := closeError(context.Cause(ctx))
		_ = s.conn.Close(why.Code, why.Reason)
	})
	err := s.serve(ctx, end, greeted)
	if !stop() {
		<-closed
	}
	why := closeError(err)
	_ = s.conn.Close(why.Code, why.Reason)
}

// serve takes a slot, serves the connection, and frees the slot.
func (s *session) serve(ctx context.Context, end func(error), greeted func()) (err error) {
	defer func() { s.logEnd(ctx, err) }()
	hello, err := s.hello(ctx)
	if err != nil {
		return err
	}
	if err := s.authorise(hello); err != nil {
		return err
	}
	if !s.srv.limiter.acquireSlot(s.ip) {
		s.srv.counts.refuse("address_slots")
		return packet.CloseError{Code: packet.CodeFull, Reason: "this address has as many slots as one address may have"}
	}
	defer s.srv.limiter.releaseSlot(s.ip)
	s.member, err = s.srv.pool.Join(hello, end)
	if errors.Is(err, pool.ErrFull) && s.srv.evictIdle(s.ip) {
		s.member, err = s.srv.pool.Join(hello, end)
	}
	if err != nil {
		return s.joinError(err)
	}
	defer func() { s.leave(ctx, err) }()
	greeted()
	s.joined(hello)
	s.setRateLimits()
	s.member.SetInlineWriter(s.conn.WriteInline)
	return s.conn.Run(context.WithoutCancel(ctx), s.handle, s.member)
}

// hello reads the client's first packet.
func (s *session) hello(ctx context.Context) (packet.Hello, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.srv.config.HelloTimeout)
	defer cancel()
	b, err := s.conn.Receive(ctx)
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

// joinError returns the pool's refusal as a close error for the client.
func (s *session) joinError(err error) error {
	slots := s.srv.pool.Slots()
	switch {
	case errors.Is(err, pool.ErrFull):
		s.srv.counts.refuse("full")
		return packet.CloseError{Code: packet.CodeFull, Reason: fmt.Sprintf("all %d slots are taken", slots.Total)}
	case errors.Is(err, pool.ErrRoomFull):
		s.srv.counts.refuse("room_full")
		return packet.CloseError{Code: packet.CodeRoomFull, Reason: "the room is full"}
	}
	return err
}

// joined counts and logs that the session has its slot.
func (s *session) joined(hello packet.Hello) {
	s.log = s.log.With().Uint32("id", s.member.ID()).Logger()
	s.srv.online.Store(s.member.ID(), s)
	s.srv.counts.joined.Add(1)
	held, ok := s.srv.limiter.mention(s.ip, time.Now())
	s.said = ok
	s.log.WithLevel(s.level()).Str("name", s.member.Name()).Str("room", s.member.Room()).Str("role", hello.Role).Func(withHeld(held)).
		Str("agent", packet.Shorten(packet.CleanText(hello.Agent), 64)).Msg("client joined")
}

// level returns the level at which the session's coming and going is logged: debug if its address comes and goes more
// often than a log should tell.
func (s *session) level() zerolog.Level {
	if s.said {
		return zerolog.InfoLevel
	}
	return zerolog.DebugLevel
}

// logEnd logs the end of a connection that had no slot; leave logs the others.
func (s *session) logEnd(ctx context.Context, err error) {
	why := closeError(err)
	if why.Code == packet.CodeViolation {
		s.srv.counts.violations.Add(1)
	}
	if s.member != nil {
		return // logged by leave, while the member still has its slot
	}
	s.log.Debug().Uint32("id", 0).Bool("cleanup", ctx.Err() != nil).Bool("active", false).Msg(logDisconnect)
	s.log.Debug().Uint16("code", uint16(why.Code)).Str("reason", why.Reason).Msg("client ended before it joined")
}

// leave frees the slot. It is the only place that does.
func (s *session) leave(ctx context.Context, err error) {
	why := closeError(err)
	active := s.member.Active()
	s.log.Debug().Bool("cleanup", !active || ctx.Err() != nil).Bool("active", active).Msg(logDisconnect)
	s.srv.online.CompareAndDelete(s.member.ID(), s)
	if c, freed := s.member.Leave(why.Code, leaveReason(why)); freed {
		s.log.Debug().Int("index", c.Index).Int("total_before", c.Before).Msg(logCleanup)
	}
	s.srv.counts.end(why.Code)
	sum := s.member.Stats()
	s.log.WithLevel(s.level()).Str("name", sum.Name).Uint16("code", uint16(why.Code)).Str("reason", why.Reason).
		Uint64("frames_in", sum.FramesIn).Uint64("frames_out", sum.FramesOut).Any("dropped", sum.Dropped).
		Any("dropped_in", droppedIn(s.conn.Stats().Dropped, s.refused.Load(), s.unknown.Load())).Msg("client left")
}

// leaveReason returns the reason that the others are told.
func leaveReason(why packet.CloseError) string { return why.Code.Info().Name }

// closeError returns how a connection ended, or must end, because of an error.
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

// malformed returns the violation for a body that could not be read.
func malformed(t packet.Type, err error) error {
	return packet.Violation("%s: %s", t, packet.Shorten(packet.CleanText(err.Error()), 200))
}

// bytesBurst is how many seconds' worth of pictures may arrive at once, after the network stalled for as long.
const bytesBurst = 4

// chatBurst is how many seconds' worth of chat may arrive at once: a pasted verse.
const chatBurst = 5

// setRateLimits sets the session's rate limits.
func (s *session) setRateLimits() {
	l := s.srv.config.Limits
	s.frames = newRateLimit("pictures", l.Frames, l.Frames)
	s.bytes = newRateLimit("bytes of pictures", l.Bytes, max(bytesBurst*l.Bytes, s.srv.config.MaxFrame+packet.HeaderSize))
	s.control = newRateLimit("packets", l.Control, 2*l.Control)
	s.volume = newRateLimit("bytes of packets", l.Talk, max(4*l.Talk, packet.MaxControl+packet.HeaderSize))
	s.messages = newRateLimit("messages", l.Messages, chatBurst*l.Messages)
}

// spend charges a rate limit. It returns true to go on, false to drop the packet, and an error to end the connection.
func (s *session) spend(b *rateLimit, now time.Time, n int) (bool, error) {
	v := b.spend(now, n)
	if v == pass {
		return true, nil
	}
	s.refused.Add(1)
	s.srv.counts.limited.Add(1)
	sentence := "too many " + b.what + " a second"
	switch v {
	case dropAndTell:
		s.member.Tell(packet.CodeRate, sentence+": some were dropped")
	case disconnect:
		return false, packet.CloseError{Code: packet.CodeRate, Reason: sentence}
	}
	return false, nil
}
