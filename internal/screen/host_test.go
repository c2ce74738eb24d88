//go:build linux || darwin

package screen

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"testing"

	"acip/capture"
	"acip/frame"
	"acip/internal/call"
	"acip/internal/server"

	"github.com/rs/zerolog"
)

// host is a server of a test.
type host struct{ addr string }

// serve starts a server and ends it with the test.
func serve(t *testing.T) host {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- server.New(server.Config{HelloTimeout: patient, WriteStall: patient, Silence: patient}).Serve(ctx, l)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("server: %v", err)
		}
	})
	return host{l.Addr().String()}
}

// used is how many slots are taken.
func (h host) used(t *testing.T) int {
	t.Helper()
	web := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := web.Get("http://" + h.addr + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var stats struct{ Slots struct{ Used int } }
	if err := json.NewDecoder(r.Body).Decode(&stats); err != nil {
		t.Fatal(err)
	}
	return stats.Slots.Used
}

// caller is a call to the server's lobby that sends the pattern.
func (h host) caller(name string) call.Config {
	return call.Config{
		Address: "ws://" + h.addr + "/acip", Room: "lobby", Name: name, Codec: "jpeg", FPS: 30, Log: zerolog.Nop(),
		Open: func(ctx context.Context) (capture.Source, error) {
			return capture.Open(ctx, "pattern", capture.Options{Size: frame.Size{W: 320, H: 240}})
		},
	}
}
