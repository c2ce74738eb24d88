// Package load makes senders and receivers that cost little, to put a relay under load.
//
// They speak WebSocket by hand. A sender masks with the key 0, which costs nothing; a receiver reads the head of each picture
// and lets the kernel throw the rest away.
package load

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"acip/packet"
)

// Kind is the sort of server at the other end.
type Kind string

// Servers under load. The yardsticks are in package yard.
const (
	ACIP  Kind = "acip"  // acip-server
	Coder Kind = "coder" // plain coder/websocket
	Raw   Kind = "tcp"   // frames as they are, over bare TCP
)

// Member is what a connection says about itself.
type Member struct {
	Name   string
	Room   string
	Watch  bool
	Codecs []string
	Roots  *x509.CertPool // not nil: by TLS, to a server whose certificate is among these
}

// dial connects and says hello.
func dial(ctx context.Context, kind Kind, addr string, m Member) (net.Conn, *bufio.Reader, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	if m.Roots != nil {
		host, _, _ := net.SplitHostPort(addr)
		conn = tls.Client(conn, &tls.Config{RootCAs: m.Roots, ServerName: host})
	}
	r := bufio.NewReaderSize(conn, 4096)
	if err := greet(conn, r, kind, m); err != nil {
		conn.Close()
		return nil, nil, fmt.Errorf("join %s server at %s: %w", kind, addr, err)
	}
	return conn, r, nil
}

// greet makes the connection a member, by each server's manners.
func greet(tcp net.Conn, r *bufio.Reader, kind Kind, m Member) error {
	_ = tcp.SetDeadline(time.Now().Add(10 * time.Second))
	defer tcp.SetDeadline(time.Time{})
	role := "s"
	if m.Watch {
		role = "r"
	}
	switch kind {
	case Raw:
		_, err := io.WriteString(tcp, role)
		return err
	case Coder:
		return upgrade(tcp, r, "/"+role, "")
	}
	if err := upgrade(tcp, r, packet.DefaultPath, packet.Subprotocol); err != nil {
		return err
	}
	return hello(tcp, m)
}

func upgrade(tcp net.Conn, r *bufio.Reader, path, protocol string) error {
	ask := "GET " + path + " HTTP/1.1\r\nHost: bench.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyBvaw==\r\n"
	if protocol != "" {
		ask += "Sec-WebSocket-Protocol: " + protocol + "\r\n"
	}
	if _, err := io.WriteString(tcp, ask+"\r\n"); err != nil {
		return err
	}
	resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodGet})
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("HTTP status %s", resp.Status)
	}
	return nil
}

func hello(tcp net.Conn, m Member) error {
	role := "join"
	if m.Watch {
		role = "watch"
	}
	var buffers packet.Buffers
	b, err := buffers.JSON(packet.HelloType, 0, packet.Hello{Protocol: packet.Protocol, Room: m.Room, Name: m.Name, Role: role, Codecs: m.Codecs})
	if err != nil {
		return err
	}
	defer b.Release()
	_, err = tcp.Write(Masked(b.Bytes()))
	return err
}

// Masked is a client's WebSocket frame around a packet, with the mask 0.
func Masked(p []byte) []byte { return append(frameHead(len(p), true), p...) }

// Plain is a server's WebSocket frame around a packet.
func Plain(p []byte) []byte { return append(frameHead(len(p), false), p...) }

// frameHead is the header of a final binary frame (RFC 6455, 5.2).
func frameHead(n int, masked bool) []byte {
	const final, binary, mask = 0x80, 0x02, 0x80
	b := []byte{final | binary}
	switch {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = append(b, 126, byte(n>>8), byte(n))
	default:
		b = append(b, 127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	if masked {
		b[1] |= mask
		b = append(b, 0, 0, 0, 0)
	}
	return b
}
