package server

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"acip/internal/textfile"

	"github.com/rs/zerolog"
)

// certificateEvery is how often the files of a certificate are looked at for a new one, at most.
const certificateEvery = time.Minute

// certificate is a server's certificate in files, read again when they change, so that one that is renewed needs no
// restart.
type certificate struct {
	cert, key string

	mu     sync.Mutex
	pair   *tls.Certificate
	time   time.Time // the younger file's
	looked time.Time
}

// loadCertificate reads a certificate and its key, PEM files both. Failures are *Error.
func loadCertificate(cert, key string) (*certificate, error) {
	c := &certificate{cert: cert, key: key}
	if err := c.load(); err != nil {
		return nil, &Error{
			Msg: fmt.Sprintf("certificate %s, key %s: %s", cert, key, cause(err)), Err: err,
			Hint: "both are PEM files, the certificate with its chain",
		}
	}
	return c, nil
}

// certificate is the configured one; nil for a plain server.
func (s *Server) certificate() (*certificate, error) {
	if s.config.CertFile == "" && s.config.KeyFile == "" {
		return nil, nil
	}
	return loadCertificate(s.config.CertFile, s.config.KeyFile)
}

func (c *certificate) load() error {
	at, err := c.changed()
	if err != nil {
		return err
	}
	cert, err := textfile.Read(c.cert)
	if err != nil {
		return err
	}
	key, err := textfile.Read(c.key)
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return err
	}
	c.pair, c.time = &pair, at
	return nil
}

// changed is when the younger of the files was written.
func (c *certificate) changed() (at time.Time, err error) {
	for _, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return at, err
		}
		if info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	return at, nil
}

// get is tls.Config.GetCertificate. While new files cannot be read, the old certificate stays.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= certificateEvery {
		c.looked = now
		if at, err := c.changed(); err == nil && !at.Equal(c.time) {
			_ = c.load() // half-written; the next look will find it whole
		}
	}
	return c.pair, nil
}

// covers reports whether the certificate is for a host. It may be called on nil.
func (c *certificate) covers(host string) bool {
	if c == nil {
		return false
	}
	pair, err := c.get(nil)
	return err == nil && pair.Leaf != nil && pair.Leaf.VerifyHostname(host) == nil
}

// expiresSoon is how long before its end a certificate is warned of: most are renewed a month before (RFC 9773 suggests
// a third of their life), so that with less something has failed, and there is time to mend it.
const expiresSoon = 14 * 24 * time.Hour

// check warns of a certificate that clients do not accept, or soon will not. It may be called on nil.
func (c *certificate) check(log zerolog.Logger, now time.Time) {
	if c == nil {
		return
	}
	pair, err := c.get(nil)
	if err != nil || pair.Leaf == nil {
		return
	}
	leaf, message := pair.Leaf, ""
	switch {
	case now.Before(leaf.NotBefore):
		message = "the certificate is not valid yet, or this machine's clock is wrong: clients refuse it"
	case now.After(leaf.NotAfter):
		message = "the certificate has expired, or this machine's clock is wrong: clients refuse it; renew it, which needs no restart"
	case leaf.NotAfter.Sub(now) < expiresSoon:
		message = "the certificate expires soon; renew it, which needs no restart"
	default:
		return
	}
	log.Warn().Str("file", c.cert).Time("not_before", leaf.NotBefore).Time("not_after", leaf.NotAfter).Time("now", now).Msg(message)
}

// names are the hosts that the certificate is for, wildcards left out. It may be called on nil.
func (c *certificate) names() (list []string) {
	if c == nil || c.pair.Leaf == nil {
		return nil
	}
	for _, name := range c.pair.Leaf.DNSNames {
		if !strings.Contains(name, "*") {
			list = append(list, name)
		}
	}
	return list
}

// secure makes h speak TLS with the certificate, and HTTP/1.1 alone: an upgrade needs that.
func (c *certificate) secure(h *http.Server) {
	h.TLSConfig = &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	h.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
}
