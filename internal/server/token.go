package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
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

// authorise ends a session that does not know the token. Wrong ones count against their address; who proves to have been in
// the call comes back whatever others behind the same address try.
func (x *session) authorise(h packet.Hello) error {
	knows := x.s.token.accepts(h.Token)
	switch {
	case !x.s.token.wanted, knows && x.s.pool.Resumable(h):
		return nil
	case h.Token == "":
		return x.unauthorised("token", packet.CodeUnauthorised, "this server asks for a token")
	}
	switch x.s.gate.attempt(x.ip, knows) {
	case wrong:
		return x.unauthorised("token", packet.CodeUnauthorised, "the token is wrong")
	case throttled:
		return x.unauthorised("address_guesses", packet.CodeRate, manyGuesses)
	}
	return nil
}

// manyGuesses is told to right and wrong alike, so that it tells nothing about what was given.
const manyGuesses = "too many wrong tokens from this address"

func (x *session) unauthorised(kind string, code packet.Code, reason string) error {
	x.s.counts.refuse(kind)
	if x.s.sieve.refused.Allow() {
		x.log.Warn().Str("reason", reason).Msg("client not authorised")
	}
	return packet.CloseError{Code: code, Reason: reason}
}

// private keeps a page that tells who is here to this machine and to those who know the token, where there is one.
func (s *Server) private(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.token.wanted || s.local(r) {
			page.ServeHTTP(w, r)
			return
		}
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		verdict := wrong
		if given != "" && strings.EqualFold(scheme, "Bearer") {
			verdict = s.gate.attempt(s.gate.client(r), s.token.accepts(given))
		}
		switch verdict {
		case right:
			page.ServeHTTP(w, r)
		case throttled:
			http.Error(w, manyGuesses, http.StatusTooManyRequests)
		default:
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "this page asks for the token: Authorization: Bearer TOKEN", http.StatusUnauthorized)
		}
	})
}

// local reports whether a request was made on this machine, and neither handed on by a proxy on it nor made by a page from
// elsewhere whose name was made to point here: such a page's browser says that name.
func (s *Server) local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return parse(r.RemoteAddr).IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == "" &&
		(strings.EqualFold(host, "localhost") || parse(host).IsValid())
}
