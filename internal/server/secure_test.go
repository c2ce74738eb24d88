package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/packet"

	"github.com/rs/zerolog"
)

// certify writes a certificate of its own with a serial number.
func certify(t *testing.T, dir string, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	is := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "acip"}, DNSNames: []string{"call.example", "*.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, is, is, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// handshake joins by TLS and returns the serial number of the server's certificate.
func (r *running) handshake() (client, int64) {
	r.t.Helper()
	conn := tls.Client(r.raw(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	p, _, err := testkit.Upgrade(conn, packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		r.t.Fatal(err)
	}
	w, err := greetPeer(p, hello("a", packet.RoleJoin))
	if err != nil {
		r.t.Fatal(err)
	}
	return client{p, w}, conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// TestTLS: pictures pass by TLS, a renewed certificate is taken up, and the banner names the certificate's hosts.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := certify(t, dir, 1)
	var banner lines
	r := start(t, Config{CertFile: cert, KeyFile: key, Banner: &banner})
	sender, serial := r.handshake()
	viewer, _ := r.handshake()
	if serial != 1 {
		t.Errorf("certificate %d", serial)
	}
	picture := testkit.Image(320, 240, 7)
	if err := sender.Send(packet.ImageFrame, picture, 10240); err != nil {
		t.Fatal(err)
	}
	body, err := viewer.Expect(packet.ImageFrame)
	if err != nil || string(body) != string(picture) {
		t.Errorf("the picture came with %d bytes, %v", len(body), err)
	}
	if s := banner.b.String(); !strings.Contains(s, "wss://call.example:") || strings.Contains(s, "*") {
		t.Errorf("banner: %s", s)
	}
}

// TestRenewedCertificate: it is taken up without a restart, and a broken one is not.
func TestRenewedCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := certify(t, dir, 1)
	c, err := loadCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		c.looked = c.looked.Add(-time.Minute) // as if that had passed
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Errorf("at first: certificate %d", n)
	}
	later := time.Now().Add(time.Minute)
	certify(t, dir, 2)
	if err := os.Chtimes(cert, later, later); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 {
		t.Errorf("after renewal: certificate %d", n)
	}
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 {
		t.Errorf("after a broken one: certificate %d", n)
	}
}

// TestNoCertificate: what cannot be read is said before anybody is let in.
func TestNoCertificate(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	err = New(Config{CertFile: "no-such.pem", KeyFile: "no-such.pem"}).Serve(t.Context(), l)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Msg, "no-such.pem") || e.Hint == "" {
		t.Errorf("%v", err)
	}
}

// torn is a connection that stops in the middle of a write, once, until it may go on.
type torn struct {
	net.Conn
	write int // which one it is, counted down; 0: none any more
	goOn  chan struct{}
}

func (c *torn) Write(b []byte) (int, error) {
	if c.write == 0 {
		return c.Conn.Write(b)
	}
	if c.write--; c.write > 0 {
		return c.Conn.Write(b)
	}
	n, err := c.Conn.Write(b[:len(b)/2])
	if err != nil {
		return n, err
	}
	<-c.goOn
	m, err := c.Conn.Write(b[n:])
	return n + m, err
}

// TestStallInsideATLSRecord: the deadline of a message passes while a record of it is half there. The message is dropped, the
// record is not, and the next picture arrives over the same connection.
func TestStallInsideATLSRecord(t *testing.T) {
	cert, key := certify(t, t.TempDir(), 1)
	r := start(t, Config{CertFile: cert, KeyFile: key, ReassemblyTimeout: 2 * time.Second})
	viewer, _ := r.handshake()
	wire := &torn{Conn: r.raw(), goOn: make(chan struct{})}
	r.tls = &tls.Config{InsecureSkipVerify: true}
	p, _, err := testkit.Upgrade(tls.Client(wire, r.tls), packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := greetPeer(p, hello("b", packet.RoleJoin)); err != nil {
		t.Fatal(err)
	}
	wire.write = 2 // the second fragment
	sent := make(chan error, 1)
	go func() { sent <- p.Send(packet.ImageFrame, testkit.Image(64, 48, 1), 5000) }()
	body, err := p.Expect(packet.ErrorMessage)
	if said, _ := packet.ParseError(body); err != nil || said.Code != packet.CodeFragment {
		t.Fatalf("told %+v, %v", said, err)
	}
	close(wire.goOn)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	for range 3 { // where much else runs one can be late
		if err := p.Send(packet.ImageFrame, testkit.Image(64, 48, 2), 5000); err != nil {
			t.Fatal(err)
		}
	}
	if _, got, err := nextPicture(viewer.Peer); err != nil || string(got) != string(testkit.Image(64, 48, 2)) {
		t.Errorf("after the stall %d bytes came, %v", len(got), err)
	}
}

// TestCertificateWithMark: PEM files as Windows' editors and shells write them.
func TestCertificateWithMark(t *testing.T) {
	for name, mark := range map[string]func([]byte) []byte{
		"UTF-8": func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) },
		"UTF-16": func(b []byte) []byte {
			out := []byte("\xff\xfe")
			for _, c := range b {
				out = append(out, c, 0)
			}
			return out
		},
	} {
		cert, key := certify(t, t.TempDir(), 7)
		for _, file := range []string{cert, key} {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, mark(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if c, err := loadCertificate(cert, key); err != nil || !c.covers("call.example") || !c.covers("www.example") || c.covers("elsewhere.test") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCertificateIsCheckedForItsTime: the operator hears of it before the clients do, at the start and each day.
func TestCertificateIsCheckedForItsTime(t *testing.T) {
	cert, key := certify(t, t.TempDir(), 7)
	c, err := loadCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	from, to := c.pair.Leaf.NotBefore, c.pair.Leaf.NotAfter
	for now, want := range map[time.Time]string{
		from.Add(-time.Second): "is not valid yet", to.Add(time.Second): "has expired", to.Add(-time.Second): "expires soon", to.Add(-13 * 24 * time.Hour): "is not valid yet",
	} {
		log := &lines{}
		c.check(zerolog.New(log), now)
		if got := log.all(); len(got) != 1 || got[0]["level"] != "warn" || !strings.Contains(got[0]["message"].(string), want) || got[0]["not_after"] == nil {
			t.Errorf("at %s: %v, want %q", now, got, want)
		}
	}
	log := &lines{}
	c.pair.Leaf.NotAfter = from.Add(100 * 24 * time.Hour)
	c.check(zerolog.New(log), from.Add(85*24*time.Hour))
	if got := log.all(); len(got) != 0 {
		t.Errorf("in its time: %v", got)
	}
	r := start(t, Config{CertFile: cert, KeyFile: key})
	if !r.settles(func() bool { return len(r.log.tagged("the certificate expires soon")) == 1 }) {
		t.Error("no word at the start")
	}
}

// TestCertificateIsCheckedDaily: while the server runs, too.
func TestCertificateIsCheckedDaily(t *testing.T) {
	cert, key := certify(t, t.TempDir(), 7)
	synctest.Test(t, func(t *testing.T) { // it begins in the year 2000
		log := &lines{}
		s := New(Config{Log: zerolog.New(log)})
		c, err := loadCertificate(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		s.cert = c
		quit, ended := make(chan struct{}), make(chan struct{})
		go func() { defer close(ended); s.tick(quit) }()
		time.Sleep(25 * time.Hour)
		close(quit)
		<-ended
		if n := len(log.tagged("the certificate is not valid yet")); n != 1 {
			t.Errorf("%d lines in a day", n)
		}
	})
}

// TestGreeting: what a person is told works as it stands, in a shell and in a browser.
func TestGreeting(t *testing.T) {
	for _, c := range []struct{ bound, asked, join, page string }{
		{"192.0.2.2:27226", ":27226", "ws://192.0.2.2", "http://192.0.2.2:27226/watch"},
		{"192.0.2.2:9", ":9", "ws://192.0.2.2:9", "http://192.0.2.2:9/watch"},
		{"192.0.2.2:80", ":80", "ws://192.0.2.2:80", "http://192.0.2.2/watch"},
		{"[2001:db8::1]:27226", "[2001:db8::1]:27226", "ws://[2001:db8::1]", "http://[2001:db8::1]:27226/watch"},
		{"[fe80::1]:9", "[fe80::1%eth0]:9", "ws://[fe80::1%25eth0]:9", ""},
		{"[fe80::1]:9", "[fe80::1%25eth0]:0", "ws://[fe80::1%25eth0]:9", ""},
		{"[fe80::1%eth0]:9", "[fe80::1%eth0]:9", "ws://[fe80::1%25eth0]:9", ""},
	} {
		var banner strings.Builder
		s := New(Config{Listen: c.asked, Banner: &banner})
		s.greet(listening(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.bound)), c.asked), nil)
		if !strings.Contains(banner.String(), "acip-client --camera 0 "+c.join+"\n") || c.page != "" && !strings.Contains(banner.String(), " "+c.page+"\n") || c.page == "" && strings.Contains(banner.String(), "browser") {
			t.Errorf("%+v: %s", c, banner.String())
		}
	}
	if got := pageAddress("wss://call.example"); got != "https://call.example/watch" {
		t.Error(got)
	}
}

// TestListenZones: a zone may be written as links have it.
func TestListenZones(t *testing.T) {
	for in, want := range map[string]string{
		"[fe80::1%eth0]:9": "[fe80::1%eth0]:9", "[fe80::1%25eth0]:9": "[fe80::1%eth0]:9", "[fe80::1%25]:9": "[fe80::1%25]:9", "[fe80::1%253]:9": "[fe80::1%253]:9", ":9": ":9",
	} {
		if got := plainZone(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
