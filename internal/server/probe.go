package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"acip/packet"
)

// tried is the query parameter by which a page names its attempt to connect, and asks afterwards what became of it.
const tried = "try"

// Bounds of what is remembered of attempts that failed. A page asks at once, so that many attempts a second must fail
// before one is forgotten too early, and it is then told less, not something wrong.
const (
	maxAttempts    = 256
	maxAttemptName = 32
	maxReason      = 300 // bytes
)

// attempts remembers why WebSocket requests were refused. Browsers hide the answer to a failed upgrade from their
// pages, which can ask for it by the name that they gave the attempt.
type attempts struct {
	mu   sync.Mutex
	next int
	last [maxAttempts]attempt
}

type attempt struct {
	name string
	probeAnswer
}

// probeAnswer is the body of /probe.
type probeAnswer struct {
	Reason     string `json:"reason"`                  // why the attempt failed; empty when it never reached this server
	Hint       string `json:"hint,omitempty"`          // what helps
	RetryAfter int    `json:"retry_after_s,omitempty"` // seconds
}

// failed notes why a request was refused, if it names its attempt.
func (a *attempts) failed(r *http.Request, answer probeAnswer) {
	name := attemptName(r.URL)
	if name == "" {
		return
	}
	answer.Reason = packet.Shorten(packet.CleanText(answer.Reason), maxReason)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last[a.next] = attempt{name, answer}
	a.next = (a.next + 1) % maxAttempts
}

// of returns why an attempt failed; the zero answer when it is not known.
func (a *attempts) of(name string) probeAnswer {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.last {
		if name != "" && t.name == name {
			return t.probeAnswer
		}
	}
	return probeAnswer{}
}

// attemptName returns the name that a page gave its attempt; "" for none, or one that is no page's.
func attemptName(u *url.URL) string {
	name := u.Query().Get(tried)
	if len(name) > maxAttemptName || !packet.ValidRoom(name) {
		return ""
	}
	return name
}

// serveProbe answers 200 with what became of an attempt, and 503 while the server goes away.
func (s *Server) serveProbe(w http.ResponseWriter, r *http.Request) {
	answer, status := s.attempts.of(attemptName(r.URL)), http.StatusOK
	if s.Draining() {
		answer, status = probeAnswer{Reason: "the server is going away", RetryAfter: s.retryAfter()}, http.StatusServiceUnavailable
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // an error is the reader's going
}

// refusedUpgrade returns what a page is told of a request that the transport did not upgrade.
func refusedUpgrade(r *http.Request, why string) probeAnswer {
	if _, reason, found := strings.Cut(why, r.RemoteAddr+": "); found {
		why = reason
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return probeAnswer{
			Reason: "the request for a WebSocket arrived without its Upgrade header",
			Hint:   "A proxy in front of the server must pass it on. For nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";",
		}
	}
	if origin, err := url.Parse(r.Header.Get("Origin")); err == nil && origin.Host != "" && !strings.EqualFold(origin.Host, r.Host) {
		return probeAnswer{
			Reason: "the server refuses pages of " + origin.Host + ": the request names " + r.Host,
			Hint:   "A proxy in front of the server must pass on the Host header, for nginx: proxy_set_header Host $http_host; or the server needs --allow-origin " + origin.Host,
		}
	}
	return probeAnswer{Reason: why, Hint: "The server's log has more."}
}
