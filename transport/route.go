package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"

	"golang.org/x/net/http/httpproxy"

	"acip/packet"
)

// route is how to reach a server: straight, or through a proxy. For wss and for
// SOCKS net/http does it; through an HTTP proxy it would ask for a ws address
// as for a page, which few proxies upgrade, so that a tunnel is made here instead.
type route struct {
	via     *url.URL // what net/http goes through
	tunnel  *url.URL // what dial goes through
	connect func(ctx context.Context, network, addr string) (net.Conn, error)
}

func newRoute(u *url.URL, connect func(ctx context.Context, network, addr string) (net.Conn, error)) *route {
	if connect != nil {
		return &route{connect: connect}
	}
	dialer := &net.Dialer{Control: tuneEarly}
	r := &route{connect: dialer.DialContext, via: proxyFor(u)}
	if r.via != nil && u.Scheme == "ws" && (r.via.Scheme == "http" || r.via.Scheme == "https") {
		r.via, r.tunnel = nil, r.via
	}
	return r
}

// proxyFor is what the environment says about u; nil for a straight way.
func proxyFor(u *url.URL) *url.URL {
	c := httpproxy.FromEnvironment()
	for _, name := range []string{"ALL_PROXY", "all_proxy"} {
		if all := os.Getenv(name); all != "" && c.HTTPProxy == "" {
			c.HTTPProxy = all
		}
		if all := os.Getenv(name); all != "" && c.HTTPSProxy == "" {
			c.HTTPSProxy = all
		}
	}
	web := *u
	web.Scheme = map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	proxy, err := c.ProxyFunc()(&web)
	if err != nil {
		return nil
	}
	return proxy
}

func (r *route) proxy(*http.Request) (*url.URL, error) { return r.via, nil }

// sealable is dial, for TLS to come over it where u asks for that.
func (r *route) sealable(u *url.URL) func(ctx context.Context, network, addr string) (net.Conn, error) {
	if u.Scheme != "wss" {
		return r.dial
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := r.dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return newSeal(conn), nil
	}
}

// dial connects to addr, through the tunnel if there is one.
func (r *route) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if r.tunnel == nil {
		return r.connect(ctx, network, addr)
	}
	conn, err := r.connect(ctx, network, withPort(r.tunnel))
	if err != nil {
		return nil, &proxyError{r.tunnel.Host, innermost(err), err}
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
		conn = tls.Client(newSeal(conn), &tls.Config{ServerName: r.tunnel.Hostname()})
	}
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	if who := r.tunnel.User; who != nil {
		word, _ := who.Password()
		ask.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(who.Username()+":"+word)))
	}
	if err := ask.Write(conn); err != nil {
		return nil, &proxyError{r.tunnel.Host, innermost(err), err}
	}
	// Nobody speaks through the tunnel before we do, so that nothing is lost in
	// the reader.
	resp, err := http.ReadResponse(bufio.NewReader(conn), ask)
	if err != nil {
		return nil, &proxyError{r.tunnel.Host, innermost(err), err}
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &proxyError{r.tunnel.Host, packet.CleanText(resp.Status), nil}
	}
	return conn, nil
}

// withPort is a proxy's host and port.
func withPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// proxyError is a proxy that did not do what it was asked.
type proxyError struct {
	host, what string
	err        error
}

func (e *proxyError) Error() string { return fmt.Sprintf("proxy %s: %s", e.host, e.what) }
func (e *proxyError) Unwrap() error { return e.err }
