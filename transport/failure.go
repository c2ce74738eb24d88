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
	DialProxy                       // the proxy did not connect
	DialCanceled                    // the caller gave up
)

// DialError is why Dial failed.
type DialError struct {
	URL    string // as dialled
	Kind   DialKind
	Status int    // HTTP status, if one came
	Detail string // a clean clause, such as the server's own sentence; may be empty
	Err    error  // the cause; may be nil
}

// Error reads "dial ws://host:27226/acip: connection refused".
func (e *DialError) Error() string { return fmt.Sprintf("dial %s: %s", e.URL, e.sentence()) }

// Unwrap is the cause.
func (e *DialError) Unwrap() error { return e.Err }

// Hint is what a person can do about it; may be empty.
func (e *DialError) Hint() string { return e.hint() }

// Retry reports whether trying again later may help without anybody doing
// something here.
func (e *DialError) Retry() bool {
	switch e.Kind {
	case DialRefused, DialNotFound, DialUnreachable, DialTimeout, DialFailed, DialProxy:
		return true
	case DialStatus:
		return e.Status == 429 || e.Status >= 500
	}
	return false
}

// sentence is the clause behind the address.
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
	case DialCanceled:
		return "canceled"
	}
	return "no connection"
}

func (e *DialError) hint() string {
	switch e.Kind {
	case DialAddress:
		return "an address is host, host:port, ws://host:port or wss://host"
	case DialRefused:
		return "start one there: acip-server; or check the port, which is 27226 unless --listen says otherwise"
	case DialNotFound:
		return "check the spelling of the host, or use its IP address; acip-client doctor " + e.typed() + " looks closer"
	case DialUnreachable, DialTimeout:
		return "check that the host is up and that no firewall blocks the port: acip-client doctor " + e.typed()
	case DialTLS:
		return e.hintTLS()
	case DialNotACIP:
		return e.elsewhere()
	case DialSubprotocol:
		return "the server may be ascii-chat or another version: acip-client --version, acip-server --version"
	case DialStatus:
		return e.refusedHint()
	case DialProxy:
		return "check HTTP_PROXY and HTTPS_PROXY, or go past the proxy: NO_PROXY=" + e.host() + " acip-client " + e.typed()
	case DialFailed:
		if e.unencrypted() {
			return "if it takes only TLS: acip-client " + e.encrypted() + "; acip-client doctor " + e.typed() + " looks closer"
		}
		return "acip-client doctor " + e.typed() + " looks closer"
	}
	return ""
}

// hintTLS is the remedy where the two ends do not agree on TLS.
func (e *DialError) hintTLS() string {
	var authority x509.UnknownAuthorityError
	switch {
	case e.unencrypted():
		return "join by TLS: acip-client " + e.encrypted()
	case e.Detail == noTLS:
		return "join without it: acip-client " + e.plain()
	case errors.As(e.Err, &authority):
		return "if its certificate is its own, get the file from who runs the server: acip-client --tls-ca FILE " + e.typed()
	}
	return "its certificate must be valid for the host: acip-client doctor " + e.typed()
}

// elsewhere is the hint where something else than an acip server answered.
func (e *DialError) elsewhere() string {
	s := "check the port: acip-server listens on 27226 unless --listen says otherwise"
	if e.unencrypted() && (e.Status == http.StatusBadRequest || e.Status == 0) {
		s += "; if it takes only TLS: acip-client " + e.encrypted()
	}
	return s
}

// refusedHint is the hint for an HTTP status that is a refusal.
func (e *DialError) refusedHint() string {
	if e.Retry() {
		return "it may pass: acip-client --wait " + e.typed()
	}
	return "ask who runs the server; acip-client doctor " + e.typed() + " looks closer"
}

// typed is the address as a person would type it, for a command in a hint.
func (e *DialError) typed() string { return strings.TrimSuffix(e.URL, packet.DefaultPath) }

func (e *DialError) unencrypted() bool { return strings.HasPrefix(e.URL, "ws://") }
func (e *DialError) encrypted() string { return "wss" + strings.TrimPrefix(e.typed(), "ws") }
func (e *DialError) plain() string     { return "ws" + strings.TrimPrefix(e.typed(), "wss") }

func (e *DialError) host() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return e.URL
	}
	return u.Hostname()
}

// noTLS is the detail of a server that answered TLS with something else.
const noTLS = "that port does not use TLS"

// dialError sorts what went wrong into kinds.
func dialError(ctx context.Context, u *url.URL, resp *http.Response, err error) error {
	e := &DialError{URL: public(u), Err: err}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.Err = DialCanceled, context.Cause(ctx)
	case resp != nil:
		e.answered(resp)
	default:
		e.failed(err)
	}
	return e
}

// answered is for an HTTP answer that is no upgrade.
func (e *DialError) answered(resp *http.Response) {
	e.Status = resp.StatusCode
	sentence := said(resp)
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

// plainToTLS is how net/http answers, without a Content-Type, who speaks plainly at a TLS port.
const plainToTLS = "Client sent an HTTP request to an HTTPS server"

// said is the first line of a plain-text answer, for a person.
func said(resp *http.Response) string {
	if t := resp.Header.Get("Content-Type"); resp.Body == nil || t != "" && !strings.HasPrefix(t, "text/plain") {
		return ""
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return packet.Shorten(packet.CleanText(line), 300)
}

// failed is for no HTTP answer at all.
func (e *DialError) failed(err error) {
	var dns *net.DNSError
	var op *net.OpError
	var proxy *proxyError
	text := innermost(err)
	switch {
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
	case refused(err):
		e.Kind = DialRefused
	case unreachable(err):
		e.Kind = DialUnreachable
	case isTLS(err):
		e.Kind, e.Detail = DialTLS, text
		if strings.Contains(text, "gave HTTP response to HTTPS client") || strings.Contains(text, "does not look like a TLS handshake") {
			e.Detail = noTLS
		}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "malformed HTTP"):
		e.Kind, e.Detail = DialNotACIP, "what answered is no web server"
	default:
		e.Detail = text
	}
}

// isTLS reports whether err is of the TLS layer.
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
