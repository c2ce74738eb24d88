package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"acip/packet"
)

// DialKind says why there is no connection.
type DialKind uint8

// The kinds of DialError.
const (
	DialFailed      DialKind = iota // anything else
	DialAddress                     // the address is none
	DialRefused                     // nothing listens there
	DialNotFound                    // the name is not known
	DialUnreachable                 // no way to the host
	DialTimeout                     // no answer in time
	DialTLS                         // the certificate, or no TLS there
	DialNotACIP                     // something answered, but no acip server
	DialSubprotocol                 // a WebSocket server that does not speak acip.relay.1
	DialStatus                      // an acip server or a proxy refused with an HTTP status
	DialProxy                       // the proxy did not connect, or is none that can be used
	DialUpgrade                     // a proxy before the server took the request's upgrade away
	DialCanceled                    // the caller gave up
)

// DialError is why Dial failed. internal/fault says what helps.
type DialError struct {
	URL    string // as dialled
	Kind   DialKind
	Status int    // HTTP status, if one came
	Detail string // a clean clause, such as the server's own sentence; may be empty
	Err    error  // the cause; may be nil
}

// Error returns a sentence such as "dial ws://host:27226/acip: connection refused".
func (e *DialError) Error() string { return fmt.Sprintf("dial %s: %s", e.URL, e.sentence()) }

// Unwrap returns the cause.
func (e *DialError) Unwrap() error { return e.Err }

// Retry reports whether trying again later may help without any change here.
func (e *DialError) Retry() bool {
	switch e.Kind {
	case DialRefused, DialNotFound, DialUnreachable, DialTimeout, DialFailed:
		return true
	case DialProxy:
		var setting *ProxySettingError
		return !errors.As(e.Err, &setting)
	case DialStatus:
		return e.Status == 429 || e.Status >= 500
	}
	return false
}

// sentence returns the clause behind the address.
func (e *DialError) sentence() string {
	s := e.clause()
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

func (e *DialError) clause() string {
	switch e.Kind {
	case DialAddress:
		return "not an address"
	case DialRefused:
		return "connection refused"
	case DialNotFound:
		return "name not found"
	case DialUnreachable:
		return "host unreachable"
	case DialTimeout:
		return "timed out"
	case DialTLS:
		return "TLS"
	case DialNotACIP:
		return "no acip server there"
	case DialSubprotocol:
		return "the server does not speak acip.relay.1"
	case DialStatus:
		return fmt.Sprintf("refused with HTTP status %d", e.Status)
	case DialProxy:
		return "the proxy did not connect"
	case DialUpgrade:
		return "a proxy does not pass the WebSocket on"
	case DialCanceled:
		return "canceled"
	}
	return "no connection"
}

// NginxUpgrade is what makes nginx pass WebSockets on (https://nginx.org/en/docs/http/websocket.html).
const NginxUpgrade = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`

// NoTLS reports whether the server answered TLS with something else.
func (e *DialError) NoTLS() bool { return e.Kind == DialTLS && e.Detail == noTLS }

// Outdated returns the certificate that is not valid now, nil if that is not what is wrong.
func (e *DialError) Outdated() *x509.Certificate { return outdated(e.Err) }

// outdated returns the certificate that is not valid now, nil if that is not what is wrong.
func outdated(err error) *x509.Certificate {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return invalid.Cert
	}
	return nil
}

// wrongTime says whether a certificate is not valid yet, or no longer.
func wrongTime(c *x509.Certificate, now time.Time) string {
	if now.Before(c.NotBefore) {
		return "its certificate is not valid before " + c.NotBefore.UTC().Format(moment)
	}
	return "its certificate expired on " + c.NotAfter.UTC().Format(moment)
}

// moment is the format of times for a person.
const moment = "2006-01-02 15:04 MST"

func (e *DialError) host() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return e.URL
	}
	return u.Hostname()
}

// noTLS is the detail of a server that answered TLS with something else.
const noTLS = "that port does not use TLS"

// dialError sorts what went wrong into kinds. proxy is the one that was waited for; empty if none.
func dialError(ctx context.Context, u *url.URL, resp *http.Response, err error, proxy string) error {
	e := &DialError{URL: public(u), Err: err}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.Err = DialCanceled, context.Cause(ctx)
	case resp != nil:
		e.answered(resp)
	default:
		e.failed(err)
		e.blame(proxy)
	}
	return e
}

// blame makes the proxy the cause, unless the error is about the server.
func (e *DialError) blame(proxy string) {
	switch {
	case proxy == "" || e.Kind == DialTLS || e.Kind == DialSubprotocol:
	case e.Kind == DialTimeout:
		e.Kind, e.Detail = DialProxy, "proxy "+proxy+": no connection through it in time"
	case e.Kind == DialProxy && !strings.Contains(e.Detail, proxy):
		var setting *ProxySettingError
		if !errors.As(e.Err, &setting) {
			e.Detail = "proxy " + proxy + ": " + e.Detail
		}
	}
}

// answered sorts an HTTP answer that is no upgrade.
func (e *DialError) answered(resp *http.Response) {
	e.Status = resp.StatusCode
	sentence := said(resp)
	if lost := lostOnTheWay(sentence); lost != "" {
		e.Kind, e.Detail = DialUpgrade, lost
		if name := resp.Header.Get("Server"); name != "" {
			e.Detail += "; what answered calls itself " + packet.Shorten(packet.CleanText(name), 40)
		}
		return
	}
	switch resp.StatusCode {
	case http.StatusSwitchingProtocols:
		e.Kind, e.Detail = DialNotACIP, "the answer is no WebSocket's"
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.Kind, e.Detail = DialStatus, sentence
	default:
		e.Kind, e.Detail = DialNotACIP, fmt.Sprintf("a web server answered, with HTTP status %d", resp.StatusCode)
		if resp.StatusCode == http.StatusBadRequest && strings.HasPrefix(sentence, plainToTLS) {
			e.Kind, e.Detail = DialTLS, "the server speaks nothing else at that port"
		}
		if strings.Contains(sentence, "acip") {
			e.Kind, e.Detail = DialStatus, sentence
		}
	}
}

// lostOnTheWay returns what an acip server says to be missing from a request that was whole when it was sent; else "".
func lostOnTheWay(sentence string) string {
	if strings.HasPrefix(sentence, notUpgraded) {
		lost, _, _ := strings.Cut(sentence, takenAway)
		return lost
	}
	if strings.HasSuffix(sentence, notOffered) {
		return notUpgraded + "its header Sec-WebSocket-Protocol: " + packet.Subprotocol
	}
	return ""
}

// plainToTLS is how net/http answers, without a Content-Type, a client that does not use TLS at a TLS port.
const plainToTLS = "Client sent an HTTP request to an HTTPS server"

// said returns the first line of a plain-text answer, for a person.
func said(resp *http.Response) string {
	if t := resp.Header.Get("Content-Type"); resp.Body == nil || t != "" && !strings.HasPrefix(t, "text/plain") {
		return ""
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return packet.Shorten(packet.CleanText(line), 300)
}

// failed sorts an error without any HTTP answer.
func (e *DialError) failed(err error) {
	var dns *net.DNSError
	var op *net.OpError
	var proxy *ProxyError
	var setting *ProxySettingError
	text := innermost(err)
	switch {
	case errors.As(err, &setting):
		e.Kind, e.Detail = DialProxy, setting.Error()
	case errors.Is(err, errSubprotocol):
		e.Kind = DialSubprotocol
	case errors.As(err, &proxy):
		e.Kind, e.Detail = DialProxy, proxy.Error()
	case errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		e.Kind, e.Detail = DialProxy, text
	case errors.As(err, &dns) && !dns.IsTimeout:
		e.Kind = DialNotFound
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		e.Kind = DialTimeout
	case errors.Is(err, syscall.EINVAL) && strings.HasPrefix(e.host(), "fe80:") && !strings.Contains(e.host(), "%"):
		e.Kind, e.Detail = DialUnreachable, "a link-local address needs its interface, as in "+e.host()+"%eth0"
	case refused(err):
		e.Kind = DialRefused
	case unreachable(err):
		e.Kind = DialUnreachable
	case isTLS(err):
		e.Kind, e.Detail = DialTLS, text
		if strings.Contains(text, "gave HTTP response to HTTPS client") || strings.Contains(text, "does not look like a TLS handshake") {
			e.Detail = noTLS
		}
		if c := outdated(err); c != nil {
			e.Detail = wrongTime(c, time.Now())
		}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "malformed HTTP"):
		e.Kind, e.Detail = DialNotACIP, "what answered is no web server"
	default:
		e.Detail = text
	}
}

// isTLS reports whether err comes from the TLS layer.
func isTLS(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) ||
		strings.Contains(err.Error(), "gave HTTP response to HTTPS client") || strings.Contains(err.Error(), "tls: ")
}
