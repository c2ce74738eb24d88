package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"time"

	"acip/packet"
	"acip/pool"
	"acip/transport"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler is the server's HTTP: the WebSocket at /acip, and at / for a client
// that asks for it there; /healthz, /stats, /metrics, a page that says how to join, and one
// that watches a room in a browser.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+packet.DefaultPath, s.serveACIP)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	mux.Handle("GET /stats", s.discreet(newShared(http.HandlerFunc(s.serveStats)), newShared(http.HandlerFunc(s.serveSummary))))
	mux.Handle("GET /metrics", s.private(newShared(promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}))))
	mux.HandleFunc("GET /{$}", s.serveRoot)
	mux.HandleFunc("GET /probe", s.serveProbe)
	handlePage(mux)
	return mux
}

// serveRoot is the page, or the WebSocket.
func (s *Server) serveRoot(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "" || r.Header.Get("Sec-WebSocket-Key") != "" {
		s.serveACIP(w, r)
		return
	}
	slots := s.pool.Slots()
	secure, host := "", packet.CleanText(s.host(r))
	if s.secure(r) {
		secure = "s"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff") // the page repeats the Host header
	fmt.Fprintf(w, "This is an acip server %s: terminal video, %d of %d places taken.\n\n", s.config.Version, slots.Used, slots.Total)
	fmt.Fprintf(w, "Join with your camera:   acip-client --camera 0 ws%s://%s\n", secure, host)
	fmt.Fprintf(w, "Only watch:              acip-client --view-only ws%s://%s\n", secure, host)
	fmt.Fprintf(w, "Watch in a browser:      http%s://%s/watch\n\n", secure, host)
	fmt.Fprintf(w, "For programs: WebSocket %s with sub-protocol %s; /healthz, /stats, /metrics.\n", packet.DefaultPath, packet.Subprotocol)
}

// serveHealth is 200 while serving and 503 while draining.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	if s.Draining() {
		http.Error(w, "draining", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// serverStats is /stats: the pool's counters, each member's connection, and the
// server's own.
type serverStats struct {
	Slots  packet.Slots `json:"slots"`
	Rooms  []roomStats  `json:"rooms"`
	Server ownStats     `json:"server"`
	Hidden string       `json:"hidden,omitempty"` // what is left out, and why
}

// serveSummary is serveStats for those who may not know who is here.
func (s *Server) serveSummary(w http.ResponseWriter, _ *http.Request) {
	all := s.stats()
	all.Rooms, all.Hidden = []roomStats{}, "rooms: they are shown to programs on this machine, or with --token to those who know the token"
	serveJSON(w, all)
}

type roomStats struct {
	Name    string        `json:"name"`
	Members []memberStats `json:"members"`
}

type memberStats struct {
	pool.MemberStats
	Connection *connStats `json:"connection,omitempty"`
}

// connStats is what passed on a member's connection: bytes of all WebSocket
// frames, and packets from it that went no further.
type connStats struct {
	BytesIn    uint64            `json:"bytes_in"`
	BytesOut   uint64            `json:"bytes_out"`
	PacketsIn  uint64            `json:"packets_in"`
	PacketsOut uint64            `json:"packets_out"`
	RTTMS      float64           `json:"rtt_ms"`
	DroppedIn  map[string]uint64 `json:"dropped_in"`
}

type ownStats struct {
	Version     string            `json:"version"`
	UptimeS     int64             `json:"uptime_s"`
	Draining    bool              `json:"draining"`
	Goroutines  int               `json:"goroutines"`
	Buffers     int               `json:"buffers"` // packets in memory
	Connections int               `json:"connections"`
	Waiting     int               `json:"waiting_for_hello"`
	Joined      uint64            `json:"joined"`      // sessions so far
	Ended       map[string]uint64 `json:"ended"`       // of them, by close code's name
	Refused     map[string]uint64 `json:"refused"`     // connections, by reason
	Upgrades    uint64            `json:"bad_upgrade"` // requests at the WebSocket's path that were none
	Violations  uint64            `json:"violations"`
	Limited     uint64            `json:"rate_limited"` // packets
	Dropped     uint64            `json:"bad_packets"`
	Unknown     uint64            `json:"unknown_packets"`
}

// serveStats is the counters as JSON.
func (s *Server) serveStats(w http.ResponseWriter, _ *http.Request) {
	serveJSON(w, s.stats())
}

func serveJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(body) // an error is the reader's going
}

func (s *Server) stats() serverStats {
	p := s.pool.Stats()
	all := serverStats{Slots: p.Slots, Rooms: make([]roomStats, 0, len(p.Rooms)), Server: s.own()}
	for _, r := range p.Rooms {
		room := roomStats{Name: r.Name, Members: make([]memberStats, 0, len(r.Members))}
		for _, m := range r.Members {
			room.Members = append(room.Members, memberStats{MemberStats: m, Connection: s.connection(m.ID)})
		}
		all.Rooms = append(all.Rooms, room)
	}
	return all
}

// own is what the server counted itself.
func (s *Server) own() ownStats {
	open, waiting := s.limiter.counts()
	c := &s.counts
	o := ownStats{
		Version: s.config.Version, UptimeS: int64(time.Since(s.started).Seconds()), Draining: s.Draining(),
		Goroutines: runtime.NumGoroutine(), Buffers: s.buffers.Outstanding(), Connections: open, Waiting: waiting,
		Joined: c.joined.Load(), Upgrades: c.upgrade.Load(), Violations: c.violations.Load(),
		Limited: c.limited.Load(), Dropped: c.dropped.Load(), Unknown: c.unknown.Load(),
		Ended: map[string]uint64{},
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o.Refused = maps.Clone(c.refused)
	if o.Refused == nil {
		o.Refused = map[string]uint64{}
	}
	for code, n := range c.ended {
		o.Ended[codeName(code)] = n
	}
	return o
}

// codeName names a close code, and all unknown ones the same.
func codeName(code packet.Code) string {
	if code == 0 {
		return "other"
	}
	return code.Info().Name
}

// connection is the counters of a member's connection; nil if it has just gone.
func (s *Server) connection(id uint32) *connStats {
	v, ok := s.online.Load(id)
	if !ok {
		return nil
	}
	x := v.(*session)
	t := x.conn.Stats()
	return &connStats{
		BytesIn: t.BytesIn, BytesOut: t.BytesOut, PacketsIn: t.PacketsIn, PacketsOut: t.PacketsOut,
		RTTMS: float64(x.conn.RTT().Microseconds()) / 1000, DroppedIn: droppedIn(t.Dropped, x.refused.Load(), x.unknown.Load()),
	}
}

// droppedIn names what did not get further, where there was any.
func droppedIn(d transport.Dropped, refused, unknown uint64) map[string]uint64 {
	m := map[string]uint64{}
	for name, n := range map[string]uint64{
		"timeout": d.Timeout, "short": d.Short, "checksum": d.Checksum, "size": d.Size, "truncated": d.Truncated,
		"rate": refused, "unknown": unknown,
	} {
		if n > 0 {
			m[name] = n
		}
	}
	return m
}
