package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	stdlog "log"
	"math"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"acip/packet"
	"acip/pool"
	"acip/transport"

	"github.com/prometheus/client_golang/prometheus"
)

// How long things may take at the end: sessions say goodbye within the
// transport's bound, which is below the first; both together are below a second.
const (
	drainWithin  = 900 * time.Millisecond
	hangUpWithin = 50 * time.Millisecond
	tickEvery    = 100 * time.Millisecond
	checkEvery   = 24 * time.Hour // of a certificate's end
)

// Server is one relay. Make one with New and call Serve once.
type Server struct {
	config   Config
	token    token
	pool     *pool.Pool
	buffers  packet.Buffers
	limiter  *connLimiter
	sampler  logSampler
	attempts attempts
	counts   counts
	metrics  *prometheus.Registry
	started  time.Time
	online   sync.Map     // member id → *session
	cert     *certificate // nil without TLS; set before anything is served

	life context.Context // of sessions; its cause is how they end
	kill context.CancelCauseFunc

	mu       sync.Mutex
	draining bool
	sessions sync.WaitGroup // Add only under mu while not draining
}

// New makes a server that does not listen yet.
func New(c Config) *Server {
	c = c.withDefaults()
	s := &Server{config: c, token: newToken(c.Token), limiter: newConnLimiter(c.Limits, c.TrustedProxies), sampler: newLogSampler(), started: time.Now()}
	s.config.Token = ""
	s.life, s.kill = context.WithCancelCause(context.Background())
	s.pool = pool.New(pool.Options{
		Slots: c.MaxClients, RoomMembers: c.MaxRoom, Buffers: &s.buffers,
		Limits: packet.Limits{
			MaxFrameBytes: c.MaxFrame, MaxBytes: max(c.Limits.Bytes, 0), ReassemblyTimeoutMS: c.ReassemblyTimeout.Milliseconds(), RetryAfterS: s.retryAfter(),
		},
	})
	s.metrics = newRegistry(s)
	return s
}

// Run listens as the configuration says and serves until ctx is done. Failures
// to listen are *Error.
func Run(ctx context.Context, c Config) error {
	s := New(c)
	l, err := Listen(s.config.Listen)
	if err != nil {
		return err
	}
	return s.Serve(ctx, l)
}

// Serve accepts connections from l, which it closes, until ctx is done. Then it drains: new clients are refused, and
// all sessions are closed at once with 1001 and a hint when to come back. Within a second it returns nil, with every
// goroutine ended.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := s.http()
	cert, err := s.certificate()
	if err != nil {
		_ = l.Close() // nobody was let in yet
		return err
	}
	if s.cert = cert; cert != nil {
		cert.secure(h)
	}
	s.greet(listening(l.Addr(), s.config.Listen), cert)
	cert.check(s.config.Log, time.Now())
	defer s.announce(l.Addr()).Close()
	ticking := make(chan struct{})
	quit := make(chan struct{})
	go func() {
		defer close(ticking)
		s.tick(quit)
	}()
	served := make(chan error, 1)
	go func() { served <- serve(h, l) }()
	select {
	case err = <-served:
		s.drain()
	case <-ctx.Done():
		s.drain()
		hangUp(h)
		err = <-served
	}
	close(quit)
	<-ticking
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// serve answers requests on l, by TLS where h has a certificate.
func serve(h *http.Server, l net.Listener) error {
	if h.TLSConfig != nil {
		return h.ServeTLS(transport.BufferTLS(l), "", "")
	}
	return h.Serve(l)
}

// hangUp ends the HTTP server, giving answers that are under way a moment.
func hangUp(h *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), hangUpWithin)
	defer cancel()
	_ = h.Shutdown(ctx)
	_ = h.Close()
}

// http is the HTTP server around the WebSocket.
func (s *Server) http() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: s.config.HeaderTimeout,
		ReadTimeout:       2 * s.config.HeaderTimeout,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       15 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ConnState:         s.connState(),
		ErrorLog:          stdlog.New(httpLog{s}, "", 0),
	}
}

// connState counts connections while they are net/http's; upgraded ones are
// counted by their session.
func (s *Server) connState() func(net.Conn, http.ConnState) {
	return func(c net.Conn, state http.ConnState) {
		ip := addressOf(remote(c.RemoteAddr()))
		switch state {
		case http.StateNew:
			if !s.limiter.open(ip) {
				s.counts.refuse("connections")
				sayBusy(c)
				_ = c.Close()
			}
		case http.StateClosed, http.StateHijacked:
			s.limiter.shut(ip)
		}
	}
}

// sayBusy tells a connection that there are too many. By TLS there is nobody to tell before a handshake, which the
// accepting loop cannot wait for.
func sayBusy(c net.Conn) {
	if _, secure := c.(*tls.Conn); secure {
		return
	}
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.Write([]byte("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 21\r\n\r\ntoo many connections\n"))
}

// begin counts a session in, unless the server is going away.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.draining {
		s.sessions.Add(1)
	}
	return !s.draining
}

// Draining reports whether the server is going away.
func (s *Server) Draining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// drain closes all sessions at once and waits for them.
func (s *Server) drain() {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	s.kill(packet.CloseError{Code: packet.CodeGoingAway, Reason: fmt.Sprintf("server going away, retry after %d s", s.retryAfter())})
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		s.sessions.Wait()
	}()
	late := time.NewTimer(drainWithin)
	defer late.Stop()
	select {
	case <-gone:
		s.config.Log.Info().Msg("drained")
	case <-late.C:
		s.config.Log.Warn().Int("clients", s.pool.Slots().Used).Msg("some clients did not take their goodbye in time")
		<-gone
	}
}

// retryAfter is when clients should come back, in whole seconds.
func (s *Server) retryAfter() int { return max(1, int(math.Ceil(s.config.RetryAfter.Seconds()))) }

// tick lets the pool do what is due.
func (s *Server) tick(quit <-chan struct{}) {
	t, day := time.NewTicker(tickEvery), time.NewTicker(checkEvery)
	defer t.Stop()
	defer day.Stop()
	for {
		select {
		case now := <-day.C:
			s.cert.check(s.config.Log, now)
		case <-t.C:
			s.pool.Tick()
		case <-quit:
			return
		}
	}
}

// httpLog passes on what net/http has to say, which is about broken requests.
type httpLog struct{ s *Server }

func (l httpLog) Write(p []byte) (int, error) {
	l.s.config.Log.Debug().Str("reason", packet.CleanText(string(p))).Msg("http")
	return len(p), nil
}

// counts holds what the server itself counts; the pool and the transport have their own counters.
type counts struct {
	joined, upgrade, violations, limited, unknown, dropped atomic.Uint64

	mu      sync.Mutex
	refused map[string]uint64      // by reason
	ended   map[packet.Code]uint64 // sessions, by close code
}

func (c *counts) refuse(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		c.refused = map[string]uint64{}
	}
	c.refused[kind]++
}

func (c *counts) end(code packet.Code) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended == nil {
		c.ended = map[packet.Code]uint64{}
	}
	if !known(code) {
		code = 0 // a peer's own invention: one class, not thousands
	}
	c.ended[code]++
}

// known reports whether a code is in the table of close codes.
func known(code packet.Code) bool {
	for _, i := range packet.Codes() {
		if i.Code == code {
			return true
		}
	}
	return false
}
