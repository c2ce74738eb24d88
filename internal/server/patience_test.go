package server

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/packet"
)

// TestPatience: how long the server waits for a client, to the moment, at its defaults.
func TestPatience(t *testing.T) {
	for _, tt := range []struct {
		name  string
		stage func(p *testkit.Peer) error // what the client still does
		code  packet.Code
		after time.Duration
	}{
		{"no hello", func(*testkit.Peer) error { return nil }, packet.CodeNoHello, 5 * time.Second},
		{"half a hello", func(p *testkit.Peer) error {
			return p.WriteFrame(testkit.Frame{Op: testkit.OpBinary, Payload: []byte{0, 0}})
		}, packet.CodeNoHello, 5 * time.Second},
		{"silent", func(p *testkit.Peer) error { _, err := greetPeer(p, hello("a", "join")); return err }, packet.CodeSilent, 20 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtually(t, func(l *testkit.Listener) {
				conn, err := l.Dial(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				p, _, err := testkit.Upgrade(conn, packet.DefaultPath, packet.Subprotocol)
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				if err := tt.stage(p); err != nil {
					t.Fatal(err)
				}
				said, err := p.Closed()
				if took := time.Since(began); err != nil || said.Code != tt.code || took != tt.after {
					t.Errorf("closed with %v, %v after %s, want %d after %s", said, err, took, tt.code, tt.after)
				}
			})
		})
	}
	t.Run("asked", func(t *testing.T) { // whether it is still there
		virtually(t, func(l *testkit.Listener) {
			conn, err := l.Dial(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			p, _, err := testkit.Upgrade(conn, packet.DefaultPath, packet.Subprotocol)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := greetPeer(p, hello("a", "join")); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			_, err = p.Expect(packet.Ping)
			if took := time.Since(began); err != nil || took != 10*time.Second {
				t.Errorf("a ping after %s, %v", took, err)
			}
		})
	})
	t.Run("half a request", func(t *testing.T) {
		virtually(t, func(l *testkit.Listener) {
			conn, err := l.Dial(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			began := time.Now()
			if _, err := io.WriteString(conn, "GET /acip HTTP/1.1\r\n"); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, conn)
			if took := time.Since(began); took != 5*time.Second {
				t.Errorf("cut after %s", took)
			}
		})
	})
}

// virtually runs f beside a server in a time of its own.
func virtually(t *testing.T, f func(l *testkit.Listener)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := testkit.Listen()
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- New(Config{}).Serve(ctx, l) }()
		f(l)
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}
