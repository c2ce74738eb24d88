package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"acip/packet"
)

// Dial connects to an acip server; address is as for ParseAddress. ctx bounds the handshake only, together with
// Options.DialTimeout. HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are honoured. Errors are *DialError.
func Dial(ctx context.Context, address string, o Options) (*Conn, error) {
	u, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	o = o.defaults()
	if o.FragmentSize <= 0 {
		o.FragmentSize = DefaultFragmentSize
	}
	limited, cancel := context.WithTimeout(ctx, o.DialTimeout)
	defer cancel()
	c := newConn(o, true)
	c.window.expect()
	until, _ := limited.Deadline()
	trip, err := newRoundTrip(c, u, until)
	if err != nil {
		return nil, dialError(ctx, u, nil, err, "")
	}
	defer trip.inner.CloseIdleConnections()
	ws, resp, err := websocket.Dial(limited, u.String(), &websocket.DialOptions{
		HTTPClient:      &http.Client{Transport: trip},
		HTTPHeader:      o.Header,
		Subprotocols:    []string{packet.Subprotocol},
		CompressionMode: websocket.CompressionDisabled,
		OnPingReceived:  c.wsPing,
		OnPongReceived:  c.wsPong,
	})
	if err != nil {
		trip.abandon()
		return nil, dialError(ctx, u, resp, err, trip.awaited())
	}
	ws.SetReadLimit(-1)
	c.ws = ws
	return c, nil
}

// Handshake does what Dial does without a proxy up to the end of the TLS handshake, and returns the version of TLS.
// trust is as Options.TLS. Errors are *DialError.
func Handshake(ctx context.Context, address string, trust *tls.Config) (version string, err error) {
	u, err := ParseAddress(address)
	if err != nil {
		return "", err
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	raw, err := Connect(ctx, net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return "", dialError(ctx, u, nil, err, "")
	}
	defer raw.Close()
	c := serverTLS(trust, u)
	if c == nil {
		c = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if c.ServerName == "" {
		c = c.Clone()
		c.ServerName = u.Hostname()
	}
	conn := tls.Client(raw, c)
	if err := conn.HandshakeContext(ctx); err != nil {
		return "", dialError(ctx, u, nil, err, "")
	}
	return tls.VersionName(conn.ConnectionState().Version), nil
}

// errSubprotocol means that a WebSocket server does not speak our sub-protocol.
var errSubprotocol = errors.New("transport: another sub-protocol")

// roundTrip makes the handshake request and gives the library a stream over its connection.
type roundTrip struct {
	c     *Conn
	inner *http.Transport
	proxy string   // its host and port; empty if there is none
	conn  net.Conn // the last one used; TLS where there is TLS
}

func newRoundTrip(c *Conn, u *url.URL, deadline time.Time) (*roundTrip, error) {
	way, err := newRoute(u, &c.o, deadline)
	if err != nil {
		return nil, err
	}
	return &roundTrip{c: c, proxy: way.proxyHost(), inner: &http.Transport{
		Proxy:           way.proxy,
		DialContext:     way.dialer(u),
		TLSClientConfig: serverTLS(c.o.TLS, u),
		// An upgrade needs HTTP/1.1.
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		TLSHandshakeTimeout:    c.o.DialTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}}, nil
}

// awaited returns the proxy while there is no connection through it yet; empty otherwise.
func (t *roundTrip) awaited() string {
	if t.conn != nil {
		return ""
	}
	return t.proxy
}

// serverTLS returns how the server's certificate is checked. An IPv6 zone has a meaning on this machine only and is in
// no certificate.
func serverTLS(c *tls.Config, u *url.URL) *tls.Config {
	ip, _, zone := strings.Cut(u.Hostname(), "%")
	if !zone || c != nil && c.ServerName != "" {
		return c
	}
	if c == nil {
		c = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c = c.Clone()
	c.ServerName = ip
	return c
}

// RoundTrip implements http.RoundTripper.
func (t *roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { t.conn = i.Conn }}
	resp, err := t.inner.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		return resp, err
	}
	if resp.Header.Get("Sec-WebSocket-Protocol") != packet.Subprotocol {
		_ = resp.Body.Close()
		return nil, errSubprotocol // the library would accept none, and would read a body behind another
	}
	body, ok := resp.Body.(io.ReadWriteCloser)
	if !ok || t.conn == nil {
		_ = resp.Body.Close()
		return nil, errors.New("the connection can't be taken over")
	}
	s := t.c.attach(t.conn)
	s.reader.src = body // it begins with what was read behind the answer
	resp.Body = s
	return resp, nil
}

// abandon closes what a failed handshake left open.
func (t *roundTrip) abandon() {
	if t.c.stream != nil {
		t.c.stream.abort()
	}
}
