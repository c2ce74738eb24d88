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
		c.looked = time.Time{} // as if a minute had passed
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
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
