package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"acip/packet"
)

// route is how to reach a server: directly, or through a proxy. Through SOCKS net/http does it. Tunnels of HTTP proxies
// are made here: net/http would ask for a ws address as for a page, which few proxies upgrade, and does not say which
// of a tunnel's errors are the proxy's.
type route struct {
	via     *url.URL    // what net/http goes through
	tunnel  *url.URL    // what dial goes through
	trusted *tls.Config // for a proxy by TLS; nil: the system's certificates
	connect func(ctx context.Context, network, addr string) (net.Conn, error)
}

// newRoute returns the way to u, which gives up at the deadline. Errors are *ProxySettingError.
func newRoute(u *url.URL, o *Options, deadline time.Time) (*route, error) {
	if o.DialContext != nil {
		return &route{connect: o.DialContext}, nil
	}
	r := &route{connect: newDialer(deadline).DialContext, trusted: o.TLS}
	p, _, err := proxyFor(u)
	if err != nil {
		return nil, err
	}
	if tunnels(p) {
		r.tunnel = p
	} else {
		r.via = p
	}
	return r, nil
}

// proxyHost returns the proxy's host and port; empty if there is none.
func (r *route) proxyHost() string {
	switch {
	case r.tunnel != nil:
		return r.tunnel.Host
	case r.via != nil:
		return r.via.Host
	}
	return ""
}

func (r *route) proxy(*http.Request) (*url.URL, error) { return r.via, nil }

// dialer returns dial, with a record buffer if TLS comes over it.
func (r *route) dialer(u *url.URL) func(ctx context.Context, network, addr string) (net.Conn, error) {
	if u.Scheme != "wss" {
		return r.dial
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := r.dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return newRecordBuffer(conn), nil
	}
}

// dial connects to addr, through the tunnel if there is one.
func (r *route) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if r.tunnel == nil {
		return r.connect(ctx, network, addr)
	}
	conn, err := r.connect(ctx, network, withPort(r.tunnel))
	if err != nil {
		return nil, r.failed(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(longAgo) })
	tunnelled, err := r.open(conn, addr)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return tunnelled, nil
}

// open asks the proxy behind conn for a tunnel to addr.
func (r *route) open(conn net.Conn, addr string) (net.Conn, error) {
	if r.tunnel.Scheme == "https" {
		conn = tls.Client(newRecordBuffer(conn), r.proxyTLS())
	}
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	if who := r.tunnel.User; who != nil {
		word, _ := who.Password()
		ask.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(who.Username()+":"+word)))
	}
	if err := ask.Write(conn); err != nil {
		return nil, r.failed(err)
	}
	// Nothing comes through the tunnel before we send, so nothing is lost in the reader's buffer.
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxAnswer)), ask)
	if err != nil {
		return nil, r.failed(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, &ProxyError{Host: r.tunnel.Host, What: "it answers " + packet.CleanText(resp.Status), Status: resp.StatusCode}
	}
	return conn, nil
}

// maxAnswer bounds a proxy's answer in bytes.
const maxAnswer = 64 << 10

// proxyTLS returns how the certificate of a proxy is checked.
func (r *route) proxyTLS() *tls.Config {
	c := &tls.Config{ServerName: r.tunnel.Hostname(), MinVersion: tls.VersionTLS12}
	if r.trusted != nil {
		c.RootCAs = r.trusted.RootCAs
	}
	return c
}

// failed returns the error for a proxy that could not be asked.
func (r *route) failed(err error) error {
	what := innermost(err)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		what = "it hangs up"
	case strings.Contains(what, "malformed HTTP"):
		what = "it does not answer as an HTTP proxy does"
	}
	return &ProxyError{Host: r.tunnel.Host, What: what, Err: err}
}

// withPort returns a proxy's host and port.
func withPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
