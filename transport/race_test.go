package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// street is a name's addresses and how each behaves: after how long it answers, or with which error.
type street struct {
	order []string
	after map[string]time.Duration // absent: never
	errs  map[string]error
	tried []string
	ended int
}

func (s *street) dialer(limit time.Duration) *dialer {
	turns := make(chan struct{}, 1)
	turns <- struct{}{}
	note := func(f func()) { <-turns; f(); turns <- struct{}{} }
	return &dialer{
		deadline: time.Now().Add(limit),
		lookup: func(context.Context, string) (list []net.IPAddr, _ error) {
			for _, a := range s.order {
				ip, zone, _ := strings.Cut(a, "%")
				list = append(list, net.IPAddr{IP: net.ParseIP(ip), Zone: zone})
			}
			return list, nil
		},
		dial: func(ctx context.Context, _, addr string) (net.Conn, error) {
			host, _, _ := net.SplitHostPort(addr)
			note(func() { s.tried = append(s.tried, host) })
			defer note(func() { s.ended++ })
			if err := s.errs[host]; err != nil {
				return nil, err
			}
			answer := make(<-chan time.Time)
			if d, ok := s.after[host]; ok {
				answer = time.After(d)
			}
			select {
			case <-answer:
				return reached{addr}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
	}
}

// reached is a connection of which only the other end's name is known.
type reached struct{ addr string }

func (r reached) Read([]byte) (int, error)         { return 0, net.ErrClosed }
func (r reached) Write([]byte) (int, error)        { return 0, net.ErrClosed }
func (r reached) Close() error                     { return nil }
func (r reached) LocalAddr() net.Addr              { return nil }
func (r reached) RemoteAddr() net.Addr             { return nil }
func (r reached) SetDeadline(time.Time) error      { return nil }
func (r reached) SetReadDeadline(time.Time) error  { return nil }
func (r reached) SetWriteDeadline(time.Time) error { return nil }

// TestAddressesOfAName: a dead address, of whichever kind and wherever it stands, costs a moment; one that refuses
// costs nothing; all attempts have ended when the connection is there.
func TestAddressesOfAName(t *testing.T) {
	refused := fmt.Errorf("connect: %w", syscall.ECONNREFUSED)
	for _, tt := range []struct {
		name    string
		street  street
		want    string
		within  time.Duration
		tries   []string
		failure error
	}{
		{"one", street{order: []string{"192.0.2.1"}, after: map[string]time.Duration{"192.0.2.1": time.Second}}, "192.0.2.1", time.Second, []string{"192.0.2.1"}, nil},
		{
			"the first is dead", street{order: []string{"192.0.2.1", "192.0.2.2"}, after: map[string]time.Duration{"192.0.2.2": 0}},
			"192.0.2.2", 250 * time.Millisecond, []string{"192.0.2.1", "192.0.2.2"}, nil,
		},
		{
			"the first refuses", street{order: []string{"192.0.2.1", "192.0.2.2"}, errs: map[string]error{"192.0.2.1": refused}, after: map[string]time.Duration{"192.0.2.2": 0}},
			"192.0.2.2", 0, []string{"192.0.2.1", "192.0.2.2"}, nil,
		},
		{
			"all of one kind are dead", street{order: []string{"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1"}, after: map[string]time.Duration{"192.0.2.1": 0}},
			"192.0.2.1", 250 * time.Millisecond, []string{"2001:db8::1", "192.0.2.1"}, nil,
		},
		{
			"a slow one may still win", street{order: []string{"192.0.2.1", "192.0.2.2"}, after: map[string]time.Duration{"192.0.2.1": 400 * time.Millisecond}},
			"192.0.2.1", 400 * time.Millisecond, []string{"192.0.2.1", "192.0.2.2"}, nil,
		},
		{
			"the last of five", street{order: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "fe80::1%eth0"}, after: map[string]time.Duration{"192.0.2.4": time.Second}},
			"192.0.2.4", 2 * time.Second, []string{"192.0.2.1", "fe80::1%eth0", "192.0.2.2", "192.0.2.3", "192.0.2.4"}, nil,
		},
		{"all are dead", street{order: []string{"192.0.2.1", "192.0.2.2"}}, "", 10 * time.Second, []string{"192.0.2.1", "192.0.2.2"}, context.DeadlineExceeded},
		{
			"all refuse", street{order: []string{"192.0.2.1", "192.0.2.2"}, errs: map[string]error{"192.0.2.1": refused, "192.0.2.2": refused}},
			"", 0, []string{"192.0.2.1", "192.0.2.2"}, syscall.ECONNREFUSED,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tt.street
				began := time.Now()
				c, err := s.dialer(10*time.Second).DialContext(context.Background(), "tcp", "name.example:9")
				if took := time.Since(began); took != tt.within {
					t.Errorf("took %s, want %s", took, tt.within)
				}
				if fmt.Sprint(s.tried) != fmt.Sprint(tt.tries) || s.ended != len(s.tried) {
					t.Errorf("tried %v, want %v; %d have ended", s.tried, tt.tries, s.ended)
				}
				if tt.failure != nil {
					if !errors.Is(err, tt.failure) {
						t.Errorf("%v, want %v", err, tt.failure)
					}
					return
				}
				if err != nil || c.(reached).addr != net.JoinHostPort(tt.want, "9") {
					t.Errorf("%v, %v; want %s", c, err, tt.want)
				}
			})
		})
	}
}

// TestManyAddresses: of a name with thousands only a few are tried.
func TestManyAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := street{}
		for i := range 2000 {
			s.order = append(s.order, fmt.Sprintf("10.0.%d.%d", i/250, i%250+1))
		}
		_, err := s.dialer(time.Minute).DialContext(context.Background(), "tcp", "name.example:9")
		if !errors.Is(err, context.DeadlineExceeded) || len(s.tried) != mostAddresses || s.ended != mostAddresses {
			t.Errorf("%v after %d, %d have ended", err, len(s.tried), s.ended)
		}
	})
}
