package transport_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"acip/packet"
	"acip/transport"
)

// TestParseAddress: what a person types or pastes.
func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"localhost": "ws://localhost:27226/acip", "host:1": "ws://host:1/acip", " 10.0.0.1 ": "ws://10.0.0.1:27226/acip",
		"::1": "ws://[::1]:27226/acip", "[::1]": "ws://[::1]:27226/acip", "[::1]:9": "ws://[::1]:9/acip", "ws://::1/": "ws://[::1]:27226/acip",
		"ws://h": "ws://h:27226/acip", "ws://h/": "ws://h:27226/acip", "ws://h:80/x": "ws://h:80/x", "WS://h": "ws://h:27226/acip",
		"wss://h": "wss://h/acip", "https://h": "wss://h/acip", "http://h:8/": "ws://h:8/acip", "https://h/room?x=1#y": "wss://h/room?x=1",
		"h/other": "ws://h:27226/other", "h/a%2Fb": "ws://h:27226/a%2Fb",
		// Zones.
		"fe80::1%eth0": "ws://[fe80::1%25eth0]:27226/acip", "fe80::1%25eth0": "ws://[fe80::1%25eth0]:27226/acip",
		"[fe80::1%eth0]": "ws://[fe80::1%25eth0]:27226/acip", "[fe80::1%25eth0]": "ws://[fe80::1%25eth0]:27226/acip",
		"[fe80::1%eth0]:9": "ws://[fe80::1%25eth0]:9/acip", "[fe80::1%25eth0]:9": "ws://[fe80::1%25eth0]:9/acip",
		"ws://[fe80::1%eth0]:9": "ws://[fe80::1%25eth0]:9/acip", "ws://[fe80::1%25eth0]:9": "ws://[fe80::1%25eth0]:9/acip",
		"https://[fe80::1%eth0]/watch": "wss://[fe80::1%25eth0]/acip", "http://fe80::1%eth0/": "ws://[fe80::1%25eth0]:80/acip",
		"fe80::1%12": "ws://[fe80::1%2512]:27226/acip", "fe80::1%2512": "ws://[fe80::1%252512]:27226/acip", "ws://[fe80::1%2512]": "ws://[fe80::1%2512]:27226/acip",
		"[fe80::1%25]:9": "ws://[fe80::1%2525]:9/acip", "fe80::1%en-0.7": "ws://[fe80::1%25en-0.7]:27226/acip", "u:p@[fe80::1%eth0]": "ws://u:p@[fe80::1%25eth0]:27226/acip",
		"[fe80::1%Ethernet 2]:9": "ws://[fe80::1%25Ethernet%202]:9/acip",
		// The server's own page.
		"http://h:9/watch?room=x": "ws://h:9/acip?room=x", "http://h/watch/?room=x": "ws://h:80/acip?room=x", "https://h/watch": "wss://h/acip",
		"h:9/watch?room=x": "ws://h:9/acip?room=x", "http://h?room=x": "ws://h:80/acip?room=x", "https://h/?room=x#k": "wss://h/acip?room=x",
		"https://h/calls/watch?room=x": "wss://h/calls/acip?room=x", "https://h/calls/acip/": "wss://h/calls/acip", "http://h//": "ws://h:80/acip",
	} {
		u, err := transport.ParseAddress(in)
		if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v; want %s", in, u, err, want)
		}
		if again, err := transport.ParseAddress(want); err != nil || again.String() != want {
			t.Errorf("%q again: %v, %v", want, again, err)
		}
	}
	for _, in := range []string{"", "ftp://h", "ws://", "h:0", "h:99999", "h:x", "ws://a b", "ws://%zz", "\x1b[31m", "http://[::1", "[fe80::1%]:9", "fe80::1%", "#h", "?h"} {
		u, err := transport.ParseAddress(in)
		var e *transport.DialError
		if !errors.As(err, &e) || e.Kind != transport.DialAddress || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %v, %v", in, u, err)
		}
	}
}

// TestAddressErrorsTellNoSecrets: a link may carry a token in its query, a key in its fragment, and a password.
func TestAddressErrorsTellNoSecrets(t *testing.T) {
	for _, in := range []string{
		"foo://host/#key=SECRET", "foo://host/?t=SECRET", "foo://host?t=SECRET#SECRET", "ws://h:x#SECRET", "h:0/a?b=SECRET", "foo://u:SECRET@h",
		"ws://u:SECRET@h:x", "u:SECRET@h:0", "foo:host#SECRET", "#SECRET", "ws://#SECRET", "ws://[::1#SECRET", "h:99999/watch?room=x&t=SECRET#k=SECRET",
	} {
		u, err := transport.ParseAddress(in)
		if err == nil || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "zz") {
			t.Errorf("%q: %v, %v", in, u, err)
		}
	}
	_, err := transport.Dial(t.Context(), "ws://127.0.0.1:1/?t=SECRET#k=SECRET", transport.Options{})
	if err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Error(err)
	}
}

// TestZone: a link-local address of this machine is reached with its zone, in either spelling.
func TestZone(t *testing.T) {
	ip := linkLocal()
	if !ip.IsValid() {
		t.Skip("needs an interface with a link-local IPv6 address")
	}
	l, err := net.Listen("tcp6", net.JoinHostPort(ip.String(), "0"))
	if err != nil {
		t.Skipf("needs to listen at %s: %v", ip, err)
	}
	s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error { return c.Close(packet.CodeBye, "") })
	defer s.close()
	bare := netip.AddrPortFrom(ip, l.Addr().(*net.TCPAddr).AddrPort().Port()).String() // a listener's own address has no zone
	for _, address := range []string{bare, strings.Replace(bare, "%", "%25", 1), "ws://" + bare, "http://" + strings.Replace(bare, "%", "%25", 1) + "/watch"} {
		c, err := transport.Dial(context.Background(), address, transport.Options{})
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if err := c.Run(context.Background(), func(*packet.Buffer) error { return nil }, transport.NewSendQueue()); closeCode(err) != packet.CodeBye {
			t.Errorf("%s: %v", address, err)
		}
		<-s.ends
	}
}

// linkLocal returns a link-local IPv6 address of this machine with its zone; an invalid one if there is none.
func linkLocal() netip.Addr {
	all, _ := net.Interfaces()
	for _, i := range all {
		list, _ := i.Addrs()
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is6() && p.Addr().IsLinkLocalUnicast() {
				return p.Addr().WithZone(i.Name)
			}
		}
	}
	return netip.Addr{}
}
