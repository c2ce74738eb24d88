// Package host is a server for the tests of clients, and what it says of itself.
package host

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"acip/internal/server"
)

// Host is a server of a test.
type Host struct {
	Addr  string // host:port
	Token string // with which it is asked who is there; empty: it is on this machine
	Stop  func() // ends it before its test does; nil where it is not this one's
}

// Serve starts a server on a free port and ends it with the test.
func Serve(t testing.TB, c server.Config) *Host {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ServeOn(t, c, l)
}

// ServeOn is Serve where l listens.
func ServeOn(t testing.TB, c server.Config, l net.Listener) *Host {
	t.Helper()
	for _, limit := range []*time.Duration{&c.HeaderTimeout, &c.HelloTimeout, &c.WriteStall, &c.Silence} {
		if *limit == 0 {
			*limit = 5 * time.Minute // nobody is to be lost because the machine has much else to do
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.New(c).Serve(ctx, l) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("server: %v", err)
		}
	})
	t.Cleanup(stop)
	return &Host{Addr: l.Addr().String(), Stop: stop}
}

// Stats is what /stats says.
type Stats struct {
	Slots struct{ Total, Used int }
	Rooms []struct {
		Name    string
		Members []Member
	}
}

// Member is one member's share of it.
type Member struct {
	ID        uint32
	Name      string
	FramesIn  uint64 `json:"frames_in"`
	LostIn    uint64 `json:"lost_in"`
	FramesOut uint64 `json:"frames_out"`
	Dropped   map[string]uint64
	From      []Pair
}

// Pair is what a member had of one sender.
type Pair struct {
	ID              uint32 // the sender's
	Frames, Offered uint64
	Dropped         map[string]uint64
}

// Members is everybody, in whatever room.
func (s Stats) Members() (all []Member) {
	for _, r := range s.Rooms {
		all = append(all, r.Members...)
	}
	return all
}

// Member is the one with an id; the zero Member where there is none.
func (s Stats) Member(id uint32) Member {
	for _, m := range s.Members() {
		if m.ID == id {
			return m
		}
	}
	return Member{}
}

// Member is what /stats says about the one of a name; the zero Member where there is none.
func (h *Host) Member(t testing.TB, name string) Member {
	t.Helper()
	for _, m := range h.Stats(t).Members() {
		if m.Name == name {
			return m
		}
	}
	return Member{}
}

// Stats asks /stats.
func (h *Host) Stats(t testing.TB) Stats {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); ; { // a machine that does much else can miss the answer's deadline
		s, err := h.stats()
		if err == nil {
			return s
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func (h *Host) stats() (s Stats, err error) {
	web := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	q, err := http.NewRequest(http.MethodGet, "http://"+h.Addr+"/stats", nil)
	if err != nil {
		return s, err
	}
	if h.Token != "" {
		q.Header.Set("Authorization", "Bearer "+h.Token)
	}
	r, err := web.Do(q)
	if err != nil {
		return s, err
	}
	defer r.Body.Close()
	err = json.NewDecoder(r.Body).Decode(&s)
	return s, err
}
