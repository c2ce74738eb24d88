package transport_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"acip/packet"
	"acip/transport"
)

// TestUpgradeLost: a proxy that does not pass a WebSocket on is named as what is wrong, with what is missing and the
// lines that nginx needs; neither the client nor its doctor is recommended to the client.
func TestUpgradeLost(t *testing.T) {
	l := loopback(t)
	s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error { return c.Close(packet.CodeBye, "") })
	defer s.close()
	for _, tt := range []struct {
		name  string
		strip func(h http.Header)
		says  string
	}{
		{"hop-by-hop headers", func(h http.Header) { h.Del("Upgrade"); h.Set("Connection", "close") }, "without its header Upgrade: websocket"},
		{"Upgrade", func(h http.Header) { h.Del("Upgrade") }, "without its header Upgrade: websocket"},
		{"Connection", func(h http.Header) { h.Set("Connection", "close") }, "without its header Connection: upgrade"},
		{"the key", func(h http.Header) { h.Del("Sec-WebSocket-Key") }, "without its header Sec-WebSocket-Key"},
		{"the sub-protocol", func(h http.Header) { h.Del("Sec-WebSocket-Protocol") }, "without its header Sec-WebSocket-Protocol"},
		{"nothing", func(http.Header) {}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				p := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
					p.SetURL(&url.URL{Scheme: "http", Host: l.Addr().String()})
					tt.strip(p.Out.Header)
				}, Transport: raw{}, ModifyResponse: func(r *http.Response) error { r.Header.Set("Server", "nginx/1.22.1"); return nil }}
				p.ServeHTTP(w, r)
			}))
			defer proxy.Close()
			c, err := transport.Dial(context.Background(), proxy.URL, transport.Options{})
			if tt.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				_ = c.Close(packet.CodeBye, "")
				<-s.ends
				return
			}
			var e *transport.DialError
			if c != nil || !errors.As(err, &e) || e.Kind != transport.DialUpgrade || e.Retry() {
				t.Fatal(err)
			}
			if !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "nginx/1.22.1") || strings.Contains(err.Error(), "acip-client") {
				t.Error(err)
			}
			<-s.ends
		})
	}
}

// raw makes each request over a connection of its own, with the headers that it has and no others.
type raw struct{}

func (raw) RoundTrip(r *http.Request) (*http.Response, error) {
	c, err := net.Dial("tcp", r.URL.Host)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return c, nil }, DisableKeepAlives: true}
	return t.RoundTrip(r)
}

// certified is a certificate for 127.0.0.1 and acip.test of its own, valid between two moments, and trust in it.
func certified(t *testing.T, from, to time.Time) (tls.Certificate, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, DNSNames: []string{"acip.test"}, IPAddresses: []net.IP{{127, 0, 0, 1}}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &tls.Config{RootCAs: pool}
}

// TestCertificateOutOfTime: the error says whether a certificate is not valid yet or no longer, and has it; one for
// another name is not outdated.
func TestCertificateOutOfTime(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		name     string
		from, to time.Time
		host     string
		says     string
		outdated bool
	}{
		{"expired", now.Add(-48 * time.Hour), now.Add(-24 * time.Hour), "127.0.0.1", "its certificate expired on " + now.Add(-24*time.Hour).UTC().Format("2006-01-02"), true},
		{"not yet valid", now.Add(24 * time.Hour), now.Add(48 * time.Hour), "127.0.0.1", "its certificate is not valid before " + now.Add(24*time.Hour).UTC().Format("2006-01-02"), true},
		{"for another name", now.Add(-time.Hour), now.Add(time.Hour), "localhost", "TLS: ", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pair, trust := certified(t, tt.from, tt.to)
			s := httptest.NewUnstartedServer(http.NotFoundHandler())
			s.Config.ErrorLog = quiet()
			s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			s.StartTLS()
			defer s.Close()
			_, err := transport.Dial(context.Background(), strings.Replace(s.URL, "127.0.0.1", tt.host, 1), transport.Options{TLS: trust})
			var e *transport.DialError
			if !errors.As(err, &e) || e.Kind != transport.DialTLS || !strings.Contains(err.Error(), tt.says) {
				t.Fatal(err)
			}
			if (e.Outdated() != nil) != tt.outdated {
				t.Errorf("outdated: %v", e.Outdated())
			}
		})
	}
}
