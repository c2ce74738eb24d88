package transport_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// secureServer is a server by TLS that streams a picture without end to each client and sends their texts back.
func secureServer(t *testing.T) (s *server, dial func(version uint16) (*speaker, *testkit.Peer)) {
	certified, trusting := tlsConfigs(t)
	certified.MinVersion = tls.VersionTLS12
	pictures := new(packet.Buffers)
	l := tls.NewListener(transport.BufferTLS(loopback(t)), certified)
	s = newServer(t, l, transport.Options{ControlRate: -1, Grace: time.Minute}, func(c *transport.Conn) error {
		out := transport.NewSendQueue()
		picture := image(pictures, 320, 240)
		defer picture.Release()
		fed := make(chan struct{})
		go func() {
			defer close(fed)
			for out.Send(picture) == nil {
				<-out.MediaTaken()
			}
		}()
		err := c.Run(context.Background(), out.Send, out)
		out.Close()
		<-fed
		return err
	})
	t.Cleanup(func() {
		s.close()
		balanced(t, s.buffers)
		balanced(t, pictures)
	})
	return s, func(version uint16) (*speaker, *testkit.Peer) {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		k := speak(t, conn, trusting, version)
		p, _, err := testkit.Upgrade(k, packet.DefaultPath, packet.Subprotocol)
		if err != nil {
			t.Fatal(err)
		}
		return k, p
	}
}

// TestKeysChange again and again in the midst of a stream, which the server's reader answers while its writer writes:
// nothing is lost, torn or out of order.
func TestKeysChange(t *testing.T) {
	s, dial := secureServer(t)
	k, p := dial(tls.VersionTLS13)
	const times = 60
	said := make(chan error, 1)
	back := make(chan struct{}) // a text came back
	go func() {
		for i := range times {
			if err := errors.Join(k.update(), p.SendText(packet.TextMessage, fmt.Sprint(i))); err != nil {
				said <- err
				return
			}
			<-back
		}
		said <- nil
	}()
	pictures := 0
	for want := 0; want < times; {
		h, body, err := p.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Type == packet.ImageFrame {
			pictures++
		}
		if h.Type == packet.TextMessage {
			if string(body) != fmt.Sprint(want) {
				t.Fatalf("text %q where %d was due", body, want)
			}
			want++
			back <- struct{}{}
		}
	}
	if err := <-said; err != nil || k.updates == 0 || pictures == 0 {
		t.Errorf("%v; the server changed keys %d times in %d pictures", err, k.updates, pictures)
	}
	_ = k.Close()
	<-s.ends
}

// TestTLSBreaksOff where a client asks for another handshake, which TLS 1.2 would allow, or for new keys without end,
// and says so: others do not notice.
func TestTLSBreaksOff(t *testing.T) {
	s, dial := secureServer(t)
	other, steady := dial(tls.VersionTLS13)
	for name, c := range map[string]struct {
		version uint16
		more    bool // there is more to read than it will read: a reset may overtake what it says
		ask     func(k *speaker) error
	}{
		"renegotiation": {tls.VersionTLS12, false, func(k *speaker) error { return k.hello() }},
		"new keys": {tls.VersionTLS13, true, func(k *speaker) (err error) {
			for i := 0; i < 100 && err == nil; i++ {
				err = k.update()
			}
			return nil // it ends before the last
		}},
		"a second hello": {tls.VersionTLS13, false, func(k *speaker) error { return k.hello() }},
	} {
		t.Run(name, func(t *testing.T) {
			k, p := dial(c.version)
			if _, err := p.Expect(packet.ImageFrame); err != nil {
				t.Fatal(err)
			}
			if err := c.ask(k); err != nil {
				t.Fatal(err)
			}
			_, err := p.Closed()
			if code := closeCode(<-s.ends); err == nil || code != packet.CodeLost {
				t.Errorf("the client saw %v, the server %d", err, code)
			}
			if !c.more && !bytes.Equal(k.alerts, []byte{alertUnexpected, 0}) {
				t.Errorf("alerts %v", k.alerts)
			}
			if _, err := steady.Expect(packet.ImageFrame); err != nil {
				t.Errorf("the other: %v", err)
			}
		})
	}
	_ = other.Close()
	<-s.ends
}

// TestEndsByTLS: each end is said by the protocol, with its reason, and then by TLS, with a picture on its way.
func TestEndsByTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			s, dial := secureServer(t)
			k, p := dial(version)
			c := <-s.conns
			if _, err := p.Expect(packet.ImageFrame); err != nil {
				t.Fatal(err)
			}
			_ = c.Close(packet.CodeRoomFull, "because")
			e, err := p.Closed()
			if err != nil || e.Code != packet.CodeRoomFull || e.Reason != "because" {
				t.Errorf("closed with %v, %v", e, err)
			}
			_, _ = io.Copy(io.Discard, k)
			if !slices.Equal(k.alerts, []byte{0}) {
				t.Errorf("the alerts that came are %v: want one, close_notify", k.alerts)
			}
			<-s.ends
		})
	}
}

// TestBrokenRecord: a record that is not what it says ends the connection, with an alert.
func TestBrokenRecord(t *testing.T) {
	s, dial := secureServer(t)
	k, p := dial(tls.VersionTLS13)
	k.out.seq++ // its tag is another's
	if err := p.SendText(packet.TextMessage, strings.Repeat("x", 100)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Closed(); err == nil {
		t.Error("closed politely")
	}
	if code := closeCode(<-s.ends); code != packet.CodeLost {
		t.Errorf("the server saw %d", code)
	}
	if !bytes.Contains(k.alerts, []byte{20}) { // bad_record_mac
		t.Errorf("alerts %v", k.alerts)
	}
}
