package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"acip/packet"
)

// Guesses at the token from one address: a second, and at once.
const (
	guessRate  = 1
	guessBurst = 10
)

// token is what clients must know; only its digest is kept, so that no log or dump has it.
type token struct {
	wanted bool
	sum    [sha256.Size]byte
}

func newToken(s string) token { return token{s != "", sha256.Sum256([]byte(s))} }

// accepts reports whether s is the token, in a time that does not tell how nearly.
func (t token) accepts(s string) bool {
	sum := sha256.Sum256([]byte(s))
	return !t.wanted || subtle.ConstantTimeCompare(sum[:], t.sum[:]) == 1
}

// authorise ends a session that does not know the token. Wrong ones count against their address.
func (x *session) authorise(h packet.Hello) error {
	if x.s.token.accepts(h.Token) {
		return nil
	}
	x.s.counts.refuse("token")
	reason := "this server asks for a token"
	if h.Token != "" {
		x.s.gate.guessed(x.ip)
		reason = "the token is wrong"
	}
	if x.s.sieve.refused.Allow() {
		x.log.Warn().Str("reason", reason).Msg("client not authorised")
	}
	return packet.CloseError{Code: packet.CodeUnauthorised, Reason: reason}
}

// private keeps a page that tells who is here to this machine and to those who know the token, where there is one.
func (s *Server) private(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.token.wanted || s.local(r) {
			page.ServeHTTP(w, r)
			return
		}
		ip := s.gate.client(r)
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case s.gate.guesser(ip):
			http.Error(w, "too many wrong tokens from this address", http.StatusTooManyRequests)
		case ok && s.token.accepts(given):
			page.ServeHTTP(w, r)
		default:
			if ok {
				s.gate.guessed(ip)
			}
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "this page asks for the token: Authorization: Bearer TOKEN", http.StatusUnauthorized)
		}
	})
}

// local reports whether a request was made on this machine, and not handed on by a proxy on it.
func (s *Server) local(r *http.Request) bool {
	return parse(r.RemoteAddr).IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}
