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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"
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
