package fault

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"acip/packet"
	"acip/transport"
)

// CloseRemedy returns what helps after a connection was closed with a code; may be empty.
func CloseRemedy(c packet.Code) string {
	switch c {
	case packet.CodeGoingAway:
		return "wait until it says to return; without --no-reconnect the client reconnects automatically"
	case packet.CodeFraming:
		return "something on the way changes the bytes; try wss:// or another network"
	case packet.CodeLost:
		return "check the network; without --no-reconnect the client reconnects automatically"
	case packet.CodePolicy:
		return "ask the server's operator"
	case packet.CodeTooBig:
		return "send smaller pictures: --capture-size, or --codec jpeg"
	case packet.CodeViolation:
		return "use the same version at both ends: acip-client --version"
	case packet.CodeUnauthorised:
		return "ask the server's operator for the token, and pass it with --token-file FILE or ACIP_TOKEN"
	case packet.CodeFull:
		return "--wait tries until one is free"
	case packet.CodeStalled:
		return "the link may be too slow: fewer peers with --peer, or a smaller window"
	case packet.CodeFragment:
		return "the link may be too slow: --codec jpeg, or a smaller --capture-size"
	case packet.CodeRate:
		return "lower --fps, or ask the server's operator for higher limits"
	case packet.CodeRoomFull:
		return "--wait tries until there is a place; another room: --room NAME"
	case packet.CodeRemoved:
		return "ask the server's operator"
	case packet.CodeNoHello:
		return "the link may be too slow; the client tries again"
	case packet.CodeSilent:
		return "check the network; without --no-reconnect the client reconnects automatically"
	}
	return ""
}

// dialHint returns what helps if there is no connection. If the remedy names no command, it ends in the one that looks closer.
func dialHint(e *transport.DialError) string {
	remedy := DialRemedy(e)
	switch e.Kind {
	case transport.DialNotFound, transport.DialUnreachable, transport.DialTimeout, transport.DialFailed,
		transport.DialStatus, transport.DialTLS:
		if e.Kind == transport.DialStatus && e.Retry() || strings.Contains(remedy, "acip-client") {
			return remedy
		}
		if remedy != "" {
			remedy += "; "
		}
		return remedy + "acip-client doctor " + typed(e) + " looks closer"
	}
	return remedy
}

// DialRemedy returns what helps if there is no connection, without the suggestion to run the doctor, for the doctor itself;
// may be empty.
func DialRemedy(e *transport.DialError) string {
	switch e.Kind {
	case transport.DialAddress:
		return "an address is host, host:port, ws://host:port or wss://host"
	case transport.DialRefused:
		return "start one there: acip-server; or check the port, which is 27226 unless --listen says otherwise"
	case transport.DialNotFound:
		return "check the spelling of the host, or use its IP address"
	case transport.DialUnreachable, transport.DialTimeout:
		return "check that the host is up and that no firewall blocks the port"
	case transport.DialTLS:
		return tlsRemedy(e)
	case transport.DialNotACIP:
		return elsewhereRemedy(e)
	case transport.DialSubprotocol:
		return "the server may be ascii-chat or another version: acip-client --version, acip-server --version; " +
			"or a proxy takes Sec-WebSocket-Protocol out of its answer"
	case transport.DialStatus:
		if e.Retry() {
			return "it may pass: acip-client --wait " + typed(e)
		}
		return "ask the server's operator"
	case transport.DialProxy:
		return proxyRemedy(e)
	case transport.DialUpgrade:
		return "the server's operator must let the proxy pass that on; for nginx: " + transport.NginxUpgrade
	case transport.DialFailed:
		if unencrypted(e) {
			return "if it takes only TLS: acip-client " + encrypted(e)
		}
	}
	return ""
}

// proxyRemedy returns what helps if the proxy does not connect.
func proxyRemedy(e *transport.DialError) string {
	past := "go past the proxy: NO_PROXY=" + host(e) + " acip-client " + typed(e)
	var setting *transport.ProxySettingError
	var proxy *transport.ProxyError
	switch {
	case errors.As(e.Err, &setting):
		return "a proxy is http://, https:// or socks5:// and HOST:PORT; or " + past
	case errors.As(e.Err, &proxy) && proxy.Status == http.StatusProxyAuthRequired:
		return "put a name and a password into its address: http://NAME:PASSWORD@" + proxy.Host + "; or " + past
	case errors.As(e.Err, &proxy) && proxy.Status != 0:
		return "ask the proxy's operator to allow CONNECT to that port, or " + past
	}
	return "check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or " + past
}

// tlsRemedy returns what helps if the two ends do not agree on TLS.
func tlsRemedy(e *transport.DialError) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case unencrypted(e):
		return "join by TLS: acip-client " + encrypted(e)
	case e.NoTLS():
		return "join without it: acip-client " + plain(e)
	case errors.As(e.Err, &authority):
		return "if it is self-signed, ask the server's operator for the file: acip-client --tls-ca FILE " + typed(e)
	case e.Outdated() != nil:
		return timeRemedy(e.Outdated(), time.Now())
	case errors.As(e.Err, &name):
		if names := hostsOf(name.Certificate); names != "" {
			return "join by a name that its certificate is for: " + names
		}
	}
	return "its certificate must be valid for the host"
}

// timeRemedy returns what helps against a certificate that is not valid now. If the clock is right, it is the server's fault.
func timeRemedy(c *x509.Certificate, now time.Time) string {
	clock := "this machine's clock says " + now.UTC().Format("2006-01-02 15:04 MST") + ": if that is wrong, set it; "
	if now.Before(c.NotBefore) {
		return clock + "if not, the server's certificate is used too early"
	}
	return clock + "if not, the server's operator must renew the certificate"
}

// hostsOf returns the first hosts that a certificate is for.
func hostsOf(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return packet.Shorten(packet.CleanText(strings.Join(names, ", ")), 200)
}

// elsewhereRemedy returns what helps if something else than an acip server answered.
func elsewhereRemedy(e *transport.DialError) string {
	s := "check the port: acip-server listens on 27226 unless --listen says otherwise"
	if unencrypted(e) && (e.Status == http.StatusBadRequest || e.Status == 0) {
		s += "; if it takes only TLS: acip-client " + encrypted(e)
	}
	return s
}

// typed returns the address as a person would type it.
func typed(e *transport.DialError) string { return strings.TrimSuffix(e.URL, packet.DefaultPath) }

func unencrypted(e *transport.DialError) bool { return strings.HasPrefix(e.URL, "ws://") }
func encrypted(e *transport.DialError) string { return "wss" + strings.TrimPrefix(typed(e), "ws") }
func plain(e *transport.DialError) string     { return "ws" + strings.TrimPrefix(typed(e), "wss") }

func host(e *transport.DialError) string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return e.URL
	}
	return u.Hostname()
}
