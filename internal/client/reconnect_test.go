package client

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/fault"
	"acip/internal/server"
	"acip/internal/testkit/host"
	"acip/packet"

	"github.com/rs/zerolog"
)

// TestReconnect: a server that ends and comes back finds its clients again, with their names, by themselves.
func TestReconnect(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	c := server.Config{RetryAfter: time.Second}
	h := host.ServeOn(t, c, l)
	var log bytes.Buffer
	sender := join(t, h, "alice", func(c *Config) { c.SendOnly, c.Log = true, zerolog.New(zerolog.SyncWriter(&log)) })
	until(t, "the first alice is in", func() bool { return h.Member(t, "alice").ID != 0 }) // the second is alice-2
	twin := join(t, h, "alice", func(c *Config) { c.Source = "none" })
	viewer, seen := watch(t, h, "bob", "alice", frame.Size{W: 320, H: 240}, func(*Config) {})
	until(t, "10 pictures", func() bool { return seen.Count() >= 10 })
	names := func() string {
		var all []string
		for _, r := range h.Stats(t).Rooms {
			for _, m := range r.Members {
				all = append(all, m.Name)
			}
		}
		return strings.Join(all, " ")
	}
	before := names()
	h.Stop()
	l = listenAgain(t, addr)
	h = host.ServeOn(t, c, l)
	had := seen.Count()
	until(t, "10 pictures more", func() bool { return seen.Count() >= had+10 })
	for _, name := range []string{"alice", "alice-2", "bob"} {
		until(t, name+" is back", func() bool { return strings.Contains(" "+names()+" ", " "+name+" ") })
	}
	t.Logf("before: %s; after: %s", before, names())
	if got := sender.account(t); got.Reconnects != 1 || got.Up[account.NoConnection] == 0 {
		t.Errorf("sender: %d reconnects, dropped %v", got.Reconnects, got.Up)
	}
	for _, said := range []string{`"message":"connection lost"`, `"message":"connected again"`, `s","message"`} { // retry_in has a unit
		if !strings.Contains(log.String(), said) {
			t.Errorf("the sender's log has no %s:\n%s", said, log.String())
		}
	}
	twin.account(t)
	viewer.account(t)
	seen.Check(t)
}

// listenAgain takes an address that was free a moment ago; somebody's connection may have it for a while.
func listenAgain(t *testing.T, addr string) (l net.Listener) {
	t.Helper()
	until(t, addr+" is free", func() (ok bool) {
		var err error
		l, err = net.Listen("tcp", addr)
		return err == nil
	})
	return l
}

// TestFirstConnectionFails: it is an error at once, unless asked to wait.
func TestFirstConnectionFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	h := &host.Host{Addr: addr}
	start := time.Now()
	p := join(t, h, "alice", func(c *Config) { c.Source = "none" })
	if err := p.wait(t); err == nil || fault.Code(err) != fault.ExitFailed || time.Since(start) > busy {
		t.Errorf("%v after %v", err, time.Since(start))
	} else if sentence, hint := fault.Explain(err); !strings.Contains(sentence, "refused") || !strings.Contains(hint, "acip-server") {
		t.Errorf("%q, hint %q", sentence, hint)
	}
	patient := join(t, h, "bob", func(c *Config) { c.Source, c.Wait = "none", true })
	l = listenAgain(t, addr)
	back := host.ServeOn(t, server.Config{}, l)
	until(t, "bob is in", func() bool { return back.Stats(t).Slots.Used == 1 })
	patient.account(t)
}

// TestRefused: a full server ends the call with its sentence and exit code 3; --wait gets in when a place is free.
func TestRefused(t *testing.T) {
	h := host.Serve(t, server.Config{MaxClients: 1})
	first := join(t, h, "alice", func(c *Config) { c.Source = "none" })
	until(t, "alice is in", func() bool { return h.Stats(t).Slots.Used == 1 })
	second := join(t, h, "bob", func(c *Config) { c.Source = "none" })
	err := second.wait(t)
	var closed packet.CloseError
	if !errors.As(err, &closed) || closed.Code != packet.CodeFull || fault.Code(err) != fault.ExitRefused {
		t.Errorf("%v, exit code %d", err, fault.Code(err))
	}
	if _, hint := fault.Explain(err); !strings.Contains(hint, "--wait") {
		t.Errorf("hint %q", hint)
	}
	third := join(t, h, "carol", func(c *Config) { c.Source, c.Wait = "none", true })
	first.account(t)
	until(t, "carol is in", func() bool { return h.Stats(t).Slots.Used == 1 })
	third.account(t)
}

// TestNoReconnect: a lost connection is the end where that was asked for.
func TestNoReconnect(t *testing.T) {
	h := host.Serve(t, server.Config{})
	p := join(t, h, "alice", func(c *Config) { c.Source, c.NoReconnect = "none", true })
	until(t, "alice is in", func() bool { return h.Stats(t).Slots.Used == 1 })
	h.Stop()
	if err := p.wait(t); err == nil {
		t.Error("a lost connection is no error")
	}
}

// TestLeavesQuickly: a call ends soon after being told to, streaming or not, also when nobody reads its pipe.
func TestLeavesQuickly(t *testing.T) {
	h := host.Serve(t, server.Config{})
	sender := join(t, h, "alice", func(*Config) {})
	viewer, seen := watch(t, h, "bob", "alice", frame.Size{W: 320, H: 240}, func(*Config) {})
	until(t, "5 pictures", func() bool { return seen.Count() >= 5 })
	for _, p := range []*party{sender, viewer} {
		start := time.Now()
		if err := p.end(); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d > busy {
			t.Errorf("%s took %v to leave", p.name, d)
		}
	}
}
