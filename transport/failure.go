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
	"slices"
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
func (e *DialError) Hint() string {
	advice := e.Advice()
	switch e.Kind {
	case DialNotFound, DialUnreachable, DialTimeout, DialFailed, DialStatus, DialTLS:
		if e.Kind == DialStatus && e.Retry() || strings.Contains(advice, "acip-client") {
			return advice
		}
		if advice != "" {
			advice += "; "
		}
		return advice + "acip-client doctor " + e.typed() + " looks closer"
	}
	return advice
}

// Retry reports whether trying again later may help without anybody doing
// something here.
func (e *DialError) Retry() bool {
	switch e.Kind {
	case DialRefused, DialNotFound, DialUnreachable, DialTimeout, DialFailed:
		return true
	case DialProxy:
		var setting *proxySetting
		return !errors.As(e.Err, &setting)
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
	case DialUpgrade:
		return "a proxy does not pass the WebSocket on"
	case DialCanceled:
		return "canceled"
	}
	return "no connection"
}

// Advice is Hint without the suggestion to run the doctor, for the doctor itself; may be empty.
func (e *DialError) Advice() string {
	switch e.Kind {
	case DialAddress:
		return "an address is host, host:port, ws://host:port or wss://host"
	case DialRefused:
		return "start one there: acip-server; or check the port, which is 27226 unless --listen says otherwise"
	case DialNotFound:
		return "check the spelling of the host, or use its IP address"
	case DialUnreachable, DialTimeout:
		return "check that the host is up and that no firewall blocks the port"
	case DialTLS:
		return e.hintTLS()
	case DialNotACIP:
		return e.elsewhere()
	case DialSubprotocol:
		return "the server may be ascii-chat or another version: acip-client --version, acip-server --version; or a proxy takes Sec-WebSocket-Protocol out of its answer"
	case DialStatus:
		if e.Retry() {
			return "it may pass: acip-client --wait " + e.typed()
		}
		return "ask the server's operator"
	case DialProxy:
		return e.hintProxy()
	case DialUpgrade:
		return "the server's operator must let the proxy pass that on; for nginx: " + nginxUpgrade
	case DialFailed:
		if e.unencrypted() {
			return "if it takes only TLS: acip-client " + e.encrypted()
		}
	}
	return ""
}

// nginxUpgrade is what makes nginx pass WebSockets on (https://nginx.org/en/docs/http/websocket.html).
const nginxUpgrade = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`

// hintProxy is the remedy where the proxy does not connect.
func (e *DialError) hintProxy() string {
	past := "go past the proxy: NO_PROXY=" + e.host() + " acip-client " + e.typed()
	var setting *proxySetting
	var proxy *proxyError
	switch {
	case errors.As(e.Err, &setting):
		return "a proxy is http://, https:// or socks5:// and HOST:PORT; or " + past
	case errors.As(e.Err, &proxy) && proxy.status == http.StatusProxyAuthRequired:
		return "put a name and a password into its address: http://NAME:PASSWORD@" + proxy.host + "; or " + past
	case errors.As(e.Err, &proxy) && proxy.status != 0:
		return "ask the proxy's operator to allow CONNECT to that port, or " + past
	}
	return "check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or " + past
}

// hintTLS is the remedy where the two ends do not agree on TLS.
func (e *DialError) hintTLS() string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case e.unencrypted():
		return "join by TLS: acip-client " + e.encrypted()
	case e.Detail == noTLS:
		return "join without it: acip-client " + e.plain()
	case errors.As(e.Err, &authority):
		return "if it is self-signed, ask the server's operator for the file: acip-client --tls-ca FILE " + e.typed()
	case outdated(e.Err) != nil:
		return hintTime(outdated(e.Err), time.Now())
	case errors.As(e.Err, &host):
		if names := named(host.Certificate); names != "" {
			return "join by a name that its certificate is for: " + names
		}
	}
	return "its certificate must be valid for the host"
}

// outdated is the certificate that is not valid now, nil where that is not what is wrong.
func outdated(err error) *x509.Certificate {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return invalid.Cert
	}
	return nil
}

// wrongTime says which end of a certificate's time now lies beyond.
func wrongTime(c *x509.Certificate, now time.Time) string {
	if now.Before(c.NotBefore) {
		return "its certificate is not valid before " + c.NotBefore.UTC().Format(moment)
	}
	return "its certificate expired on " + c.NotAfter.UTC().Format(moment)
}

// hintTime is the remedy for a certificate out of its time: where the clock is right, it lies with the server.
func hintTime(c *x509.Certificate, now time.Time) string {
	clock := "this machine's clock says " + now.UTC().Format(moment) + ": if that is wrong, set it; "
	if now.Before(c.NotBefore) {
		return clock + "if not, the server's certificate is used too early"
	}
	return clock + "if not, the server's operator must renew the certificate"
}

// moment is how times are shown to a person.
const moment = "2006-01-02 15:04 MST"

// named are the hosts that a certificate is for, a few of them.
func named(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return packet.Shorten(packet.CleanText(strings.Join(names, ", ")), 200)
}

// elsewhere is the hint where something else than an acip server answered.
func (e *DialError) elsewhere() string {
	s := "check the port: acip-server listens on 27226 unless --listen says otherwise"
	if e.unencrypted() && (e.Status == http.StatusBadRequest || e.Status == 0) {
		s += "; if it takes only TLS: acip-client " + e.encrypted()
	}
	return s
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

// dialError sorts what went wrong into kinds. Proxy is the one that was waited for; empty: none.
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

// blame says of a proxy that there was no way through it, where the error is not about the server.
func (e *DialError) blame(proxy string) {
	switch {
	case proxy == "" || e.Kind == DialTLS || e.Kind == DialSubprotocol:
	case e.Kind == DialTimeout:
		e.Kind, e.Detail = DialProxy, "proxy "+proxy+": no connection through it in time"
	case e.Kind == DialProxy && !strings.Contains(e.Detail, proxy):
		var setting *proxySetting
		if !errors.As(e.Err, &setting) {
			e.Detail = "proxy " + proxy + ": " + e.Detail
		}
	}
}

// answered is for an HTTP answer that is no upgrade.
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

// lostOnTheWay is what an acip server says to be missing from a request that was whole when it was sent; else empty.
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
	var setting *proxySetting
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
