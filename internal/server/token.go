package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"acip/packet"
)

// Wrong tokens from one address: a second, and at once.
const (
	attemptRate  = 1
	attemptBurst = 10
)

// token is what clients must know. Only its digest is kept, so that no log or dump shows it.
type token struct {
	wanted bool
	sum    [sha256.Size]byte
}

func newToken(s string) token { return token{s != "", sha256.Sum256([]byte(s))} }

// accepts reports whether s is the token, in a time that does not depend on how much of it is right.
func (t token) accepts(s string) bool {
	sum := sha256.Sum256([]byte(s))
	return !t.wanted || subtle.ConstantTimeCompare(sum[:], t.sum[:]) == 1
}

// authorise returns an error for a session that does not know the token. Wrong ones count against their address. A
// client with a resume secret may come back whatever others behind the same address try.
func (s *session) authorise(h packet.Hello) error {
	knows := s.srv.token.accepts(h.Token)
	switch {
	case !s.srv.token.wanted, knows && s.srv.pool.Resumable(h):
		return nil
	case h.Token == "":
		return s.unauthorised("token", packet.CodeUnauthorised, "this server asks for a token")
	}
	switch s.srv.limiter.attempt(s.ip, knows) {
	case wrong:
		return s.unauthorised("token", packet.CodeUnauthorised, "the token is wrong")
	case throttled:
		return s.unauthorised("address_guesses", packet.CodeRate, tooManyAttempts)
	}
	return nil
}

// tooManyAttempts is the answer to right and wrong tokens alike, so that it reveals nothing about the token.
const tooManyAttempts = "too many wrong tokens from this address"

func (s *session) unauthorised(kind string, code packet.Code, reason string) error {
	s.srv.counts.refuse(kind)
	if s.srv.sampler.refused.Allow() {
		s.log.Warn().Str("reason", reason).Msg("client not authorised")
	}
	return packet.CloseError{Code: code, Reason: reason}
}

// private serves a page that names members only with the token, if there is one. A request from this machine proves
// nothing, because a proxy here makes requests for anyone.
func (s *Server) private(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.token.wanted {
			page.ServeHTTP(w, r)
			return
		}
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		verdict := wrong
		if given != "" && strings.EqualFold(scheme, "Bearer") {
			verdict = s.limiter.attempt(s.limiter.client(r), s.token.accepts(strings.TrimSpace(given)))
		}
		switch verdict {
		case right:
			page.ServeHTTP(w, r)
		case throttled:
			http.Error(w, tooManyAttempts, http.StatusTooManyRequests)
		default:
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "this page asks for the token: Authorization: Bearer TOKEN", http.StatusUnauthorized)
		}
	})
}

// discreet serves the whole page to this machine and to requests with the token, and the summary, without names and
// rooms, to others.
func (s *Server) discreet(whole, summary http.Handler) http.Handler {
	return s.private(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.token.wanted || local(r) {
			whole.ServeHTTP(w, r)
			return
		}
		summary.ServeHTTP(w, r)
	}))
}
