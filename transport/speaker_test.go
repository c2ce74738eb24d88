package transport_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Types of TLS records, and of handshake messages in them (RFC 8446).
const (
	recordAlert     = 21
	recordHandshake = 22
	recordData      = 23

	clientHelloMessage = 1
	keyUpdateMessage   = 24

	alertUnexpected = 10
)

// speaker is a TLS client that shakes hands by the library and writes records by hand from then on, so that it can say
// what the library never does. One goroutine may write while another reads.
type speaker struct {
	net.Conn
	old     bool // TLS 1.2
	out, in *half

	// The reader's.
	plain   []byte
	alerts  []byte // descriptions of those that came
	updates int    // keys that the other end changed
}

// half is one direction.
type half struct {
	mu     sync.Mutex
	secret []byte
	aead   cipher.AEAD
	iv     []byte
	seq    uint64
}

// overheard keeps what is read, and the secrets of a handshake.
type overheard struct {
	net.Conn
	read    bytes.Buffer
	secrets bytes.Buffer
}

func (c *overheard) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Write(p[:n])
	return n, err
}

// secret is a line of the log of keys.
func (c *overheard) secret(label string) (random, secret []byte) {
	for line := range strings.Lines(c.secrets.String()) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == label {
			random, _ = hex.DecodeString(f[1])
			secret, _ = hex.DecodeString(f[2])
		}
	}
	return random, secret
}

// speak shakes hands over a connection by that version of TLS.
func speak(t testing.TB, conn net.Conn, trusting *tls.Config, version uint16) *speaker {
	t.Helper()
	c := &overheard{Conn: conn}
	trusting = trusting.Clone()
	trusting.KeyLogWriter = &c.secrets
	trusting.MinVersion, trusting.MaxVersion = version, version
	trusting.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}
	by := tls.Client(c, trusting)
	if err := by.Handshake(); err != nil {
		t.Fatal(err)
	}
	s := &speaker{Conn: conn, old: version == tls.VersionTLS12}
	if s.old {
		s.out, s.in = oldHalves(c)
		return s
	}
	if suite := by.ConnectionState().CipherSuite; suite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skip("TLS prefers another cipher here:", tls.CipherSuiteName(suite))
	}
	_, mine := c.secret("CLIENT_TRAFFIC_SECRET_0")
	_, theirs := c.secret("SERVER_TRAFFIC_SECRET_0")
	s.out, s.in = newHalf(mine), newHalf(theirs)
	return s
}

// newHalf is a direction of TLS 1.3 with that traffic secret.
func newHalf(secret []byte) *half {
	return &half{secret: secret, aead: gcm(expand(secret, "key", 16)), iv: expand(secret, "iv", 12)}
}

// oldHalves are the directions of TLS 1.2, in which one record each has passed (RFC 5246, 6.3; RFC 5288).
func oldHalves(c *overheard) (out, in *half) {
	random, master := c.secret("CLIENT_RANDOM")
	server := c.read.Bytes()[11:43] // behind the heads of the record and of the message, and the version
	seed := append(append([]byte("key expansion"), server...), random...)
	var keys []byte
	for a := seed; len(keys) < 40; {
		a = digest(master, a)
		keys = append(keys, digest(master, append(bytes.Clone(a), seed...))...)
	}
	out = &half{aead: gcm(keys[:16]), iv: keys[32:36], seq: 1}
	in = &half{aead: gcm(keys[16:32]), iv: keys[36:40], seq: 1}
	return out, in
}

func digest(key, p []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(p)
	return h.Sum(nil)
}

// expand is HKDF-Expand-Label (RFC 8446, 7.1).
func expand(secret []byte, label string, n int) []byte {
	label = "tls13 " + label
	info := append([]byte{0, byte(n), byte(len(label))}, label...)
	p, err := hkdf.Expand(sha256.New, secret, string(append(info, 0)), n)
	if err != nil {
		panic(err) // of a test's own constants
	}
	return p
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	g, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return g
}

// nonce of the next record.
func (h *half) nonce() []byte {
	n := bytes.Clone(h.iv)
	if len(n) == 4 {
		return binary.BigEndian.AppendUint64(n, h.seq)
	}
	binary.BigEndian.PutUint64(n[4:], binary.BigEndian.Uint64(n[4:])^h.seq)
	return n
}

// record writes one.
func (s *speaker) record(kind byte, p []byte) error {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	return s.put(kind, p)
}

func (s *speaker) put(kind byte, p []byte) error {
	h := s.out
	var b []byte
	if s.old {
		b = append([]byte{kind, 3, 3, 0, 0}, binary.BigEndian.AppendUint64(nil, h.seq)...)
		also := append(binary.BigEndian.AppendUint64(nil, h.seq), kind, 3, 3, byte(len(p)>>8), byte(len(p)))
		b = h.aead.Seal(b, h.nonce(), p, also)
		binary.BigEndian.PutUint16(b[3:], uint16(len(b)-5))
	} else {
		b = binary.BigEndian.AppendUint16([]byte{recordData, 3, 3}, uint16(len(p)+1+h.aead.Overhead()))
		b = h.aead.Seal(b, h.nonce(), append(bytes.Clone(p), kind), b)
	}
	h.seq++
	_, err := s.Conn.Write(b)
	return err
}

// Write is net.Conn's.
func (s *speaker) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		piece := p[n:min(len(p), n+16<<10)]
		if err = s.record(recordData, piece); err == nil {
			n += len(piece)
		}
	}
	return n, err
}

// update changes the keys, and asks the other end to do so.
func (s *speaker) update() error {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if err := s.put(recordHandshake, []byte{keyUpdateMessage, 0, 0, 1, 1}); err != nil {
		return err
	}
	s.out.rekey()
	return nil
}

func (h *half) rekey() {
	next := newHalf(expand(h.secret, "traffic upd", sha256.Size))
	h.secret, h.aead, h.iv, h.seq = next.secret, next.aead, next.iv, 0
}

// hello asks for another handshake.
func (s *speaker) hello() error {
	body := append([]byte{3, 3}, make([]byte, 33)...)         // version, random, no session
	body = append(body, 0, 2, 0xc0, 0x2f, 1, 0)               // one cipher, no compression
	head := []byte{clientHelloMessage, 0, 0, byte(len(body))} // no extensions
	return s.record(recordHandshake, append(head, body...))
}

// Read is net.Conn's.
func (s *speaker) Read(p []byte) (int, error) {
	for len(s.plain) == 0 {
		kind, b, err := s.next()
		if err != nil {
			return 0, err
		}
		switch {
		case kind == recordData:
			s.plain = b
		case kind == recordAlert && len(b) == 2:
			s.alerts = append(s.alerts, b[1])
		case kind == recordHandshake && !s.old && b[0] == keyUpdateMessage:
			s.updates++
			s.in.rekey()
		}
	}
	n := copy(p, s.plain)
	s.plain = s.plain[n:]
	return n, nil
}

// next reads a record.
func (s *speaker) next() (kind byte, p []byte, err error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(s.Conn, head); err != nil {
		return 0, nil, err
	}
	b := make([]byte, binary.BigEndian.Uint16(head[3:]))
	if _, err := io.ReadFull(s.Conn, b); err != nil {
		return 0, nil, err
	}
	h := s.in
	also, nonce := head, h.nonce()
	if s.old {
		n := len(b) - 8 - h.aead.Overhead()
		also = append(binary.BigEndian.AppendUint64(nil, h.seq), head[0], 3, 3, byte(n>>8), byte(n))
		nonce = append(bytes.Clone(h.iv), b[:8]...)
		b = b[8:]
	}
	p, err = h.aead.Open(b[:0], nonce, b, also)
	if err != nil {
		return 0, nil, fmt.Errorf("record %d: %w", h.seq, err)
	}
	h.seq++
	if s.old {
		return head[0], p, nil
	}
	p = bytes.TrimRight(p, "\x00")
	return p[len(p)-1], p[:len(p)-1], nil
}
