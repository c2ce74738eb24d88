package transport_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"acip/packet"
	"acip/transport"
)

// clearProxies unsets what would send a test elsewhere.
func clearProxies(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
}

// proxyAt runs a proxy whose connections serve makes into ones to the target, and joins the two.
func proxyAt(t *testing.T, target string, serve func(net.Conn, *bufio.Reader) bool) string {
	l := loopback(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(from)
			if serve(from, r) {
				if to, err := net.Dial("tcp", target); err == nil {
					up := make(chan struct{})
					go func() { defer close(up); _, _ = io.Copy(to, r); _ = to.Close() }()
					_, _ = io.Copy(from, to)
					_ = from.Close()
					<-up
				}
			}
			_ = from.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// socks5 does the greeting of RFC 1928 and takes any name.
func socks5(c net.Conn, r *bufio.Reader) bool {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil || head[0] != 5 {
		return false
	}
	_, _ = io.CopyN(io.Discard, r, int64(head[1]))
	_, _ = c.Write([]byte{5, 0})
	ask := make([]byte, 5)
	if _, err := io.ReadFull(r, ask); err != nil || ask[3] != 3 {
		return false
	}
	rest := make([]byte, int(ask[4])+2)
	if _, err := io.ReadFull(r, rest); err != nil || binary.BigEndian.Uint16(rest[ask[4]:]) == 0 {
		return false
	}
	_, err := c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	return err == nil
}

// connectHTTP takes CONNECT.
func connectHTTP(c net.Conn, r *bufio.Reader) bool {
	ask, err := http.ReadRequest(r)
	if err != nil || ask.Method != http.MethodConnect {
		return false
	}
	_, err = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	return err == nil
}

// answering is a proxy that says no, in its own words.
func answering(text string) func(net.Conn, *bufio.Reader) bool {
	return func(c net.Conn, r *bufio.Reader) bool {
		_, _ = r.Peek(1) // of a greeting in binary; a request comes in one piece
		_, _ = r.Discard(r.Buffered())
		_, _ = io.WriteString(c, text)
		return false
	}
}

// TestProxySpellings: the proxies that other programs take, as they are written for them, lead to the server.
func TestProxySpellings(t *testing.T) {
	clearProxies(t)
	l := loopback(t)
	s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error { return c.Close(packet.CodeBye, "through") })
	defer s.close()
	socks, tunnel := proxyAt(t, l.Addr().String(), socks5), proxyAt(t, l.Addr().String(), connectHTTP)
	for _, tt := range []struct{ variable, value string }{
		{"ALL_PROXY", "socks5://" + socks}, {"ALL_PROXY", "socks://" + socks}, {"all_proxy", "socks5h://" + socks}, {"ALL_PROXY", "SOCKS5://" + socks},
		{"all_proxy", "Socks://" + socks + "/"}, {"HTTP_PROXY", "socks5://" + socks}, {"http_proxy", "socks://" + socks},
		{"HTTP_PROXY", "http://" + tunnel}, {"HTTP_PROXY", tunnel}, {"ALL_PROXY", tunnel}, {"ALL_PROXY", "HTTP://" + tunnel + "/"},
	} {
		t.Run(tt.variable+"="+tt.value, func(t *testing.T) {
			t.Setenv(tt.variable, tt.value)
			c, err := transport.Dial(context.Background(), "acip.invalid", transport.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Run(context.Background(), func(*packet.Buffer) error { return nil }, transport.NewSendQueue()); closeCode(err) != packet.CodeBye {
				t.Error(err)
			}
			<-s.ends
			if p, variable, err := transport.Proxy("acip.invalid"); variable != tt.variable || !strings.Contains(p, "://127.0.0.1:") || err != nil {
				t.Errorf("asked which proxy it is: %q, %q, %v", p, variable, err)
			}
		})
	}
}

// TestProxyRefuses: whatever a proxy does, the error names it and says what, and what can't be used as one is refused
// by the name of its variable.
func TestProxyRefuses(t *testing.T) {
	clearProxies(t)
	closed := loopback(t)
	_ = closed.Close()
	no := func(text string) string { return proxyAt(t, "", answering(text)) }
	for _, tt := range []struct {
		variable, proxy string
		says            []string
		why             string
		retry           bool
	}{
		{"HTTPS_PROXY", "http://u:SECRET@" + no("HTTP/1.1 403 Access violation\r\nContent-Length: 0\r\n\r\n"), []string{"it answers 403 Access violation"}, "refused", true},
		{"https_proxy", no("HTTP/1.0 405 Method Not Allowed\r\n\r\n"), []string{"it answers 405"}, "refused", true},
		{"HTTPS_PROXY", no("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), []string{"it answers 407"}, "password", true},
		{"HTTPS_PROXY", no(""), []string{"it hangs up"}, "other", true},
		{"HTTPS_PROXY", no("SSH-2.0-OpenSSH_9.2\r\n"), []string{"does not answer as an HTTP proxy"}, "other", true},
		{"HTTPS_PROXY", closed.Addr().String(), []string{"connection refused"}, "other", true},
		{"HTTPS_PROXY", silent(t), []string{"no connection through it in time"}, "other", true},
		{"ALL_PROXY", "socks5://" + no("\x05\xff"), []string{"no acceptable authentication"}, "other", true},
		{"ALL_PROXY", "socks5://" + silent(t), []string{"no connection through it in time"}, "other", true},
		{"ALL_PROXY", "socks5://" + closed.Addr().String(), []string{"connection refused"}, "other", true},
		{"ALL_PROXY", "socks4://u:SECRET@127.0.0.1:1080", []string{"ALL_PROXY names a proxy of kind socks4, which is not supported"}, "setting", false},
		{"all_proxy", "SOCKS4A://127.0.0.1:1080", []string{"all_proxy names a proxy of kind socks4a"}, "setting", false},
		{"ALL_PROXY", "quic://127.0.0.1:1080", []string{"ALL_PROXY names a proxy of kind quic"}, "setting", false},
		{"HTTPS_PROXY", "ftp://127.0.0.1:1080", []string{"HTTPS_PROXY names a proxy of kind ftp"}, "setting", false},
		{"HTTPS_PROXY", "http://u:SECRET@[::1", []string{"HTTPS_PROXY is not the address of a proxy"}, "setting", false},
		{"HTTPS_PROXY", "127.0.0.1:99999", []string{"a port is 1 to 65535"}, "setting", false},
	} {
		for scheme, variable := range map[string]string{"wss": tt.variable, "ws": strings.NewReplacer("HTTPS", "HTTP", "https", "http").Replace(tt.variable)} {
			t.Run(variable+"="+tt.proxy, func(t *testing.T) {
				t.Setenv(variable, tt.proxy)
				limit := 20 * time.Second
				if strings.Contains(tt.says[0], "in time") {
					limit = 200 * time.Millisecond
				}
				c, err := transport.Dial(context.Background(), scheme+"://acip.invalid", transport.Options{DialTimeout: limit})
				var e *transport.DialError
				if c != nil || !errors.As(err, &e) || e.Kind != transport.DialProxy {
					t.Fatal(err)
				}
				says := tt.says
				if tt.retry {
					_, host, ok := strings.Cut(tt.proxy, "@")
					if !ok {
						host = strings.TrimPrefix(strings.TrimPrefix(tt.proxy, "http://"), "socks5://")
					}
					says = append([]string{"proxy " + host}, says...)
				}
				for _, s := range says {
					if !strings.Contains(err.Error(), strings.NewReplacer("HTTPS", "HTTP"+strings.ToUpper(scheme[2:])).Replace(s)) {
						t.Errorf("%v: does not say %q", err, s)
					}
				}
				if why := proxyFault(err); why != tt.why || e.Retry() != tt.retry || strings.Contains(err.Error(), "SECRET") {
					t.Errorf("%v: %s; retry %t", err, why, e.Retry())
				}
			})
		}
	}
	t.Setenv("ALL_PROXY", "socks4://127.0.0.1:1")
	t.Setenv("NO_PROXY", "acip.invalid")
	var e *transport.DialError
	if _, err := transport.Dial(context.Background(), "acip.invalid", transport.Options{}); !errors.As(err, &e) || e.Kind != transport.DialNotFound {
		t.Errorf("past the proxy: %v", err)
	}
}

// proxyFault returns what is wrong with a proxy, as far as the remedy depends on it.
func proxyFault(err error) string {
	var setting *transport.ProxySettingError
	var proxy *transport.ProxyError
	switch {
	case errors.As(err, &setting):
		return "setting"
	case errors.As(err, &proxy) && proxy.Status == http.StatusProxyAuthRequired:
		return "password"
	case errors.As(err, &proxy) && proxy.Status != 0:
		return "refused"
	}
	return "other"
}
