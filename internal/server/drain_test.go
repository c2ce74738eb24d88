package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"

	"golang.org/x/sync/errgroup"
)

func TestDrainWithClientsStreaming(t *testing.T) {
	r := start(t, Config{})
	var all []client
	for range 32 {
		all = append(all, r.join(hello("x", "join")))
	}
	var work errgroup.Group
	for i, c := range all {
		work.Go(func() error {
			picture := testkit.Image(16, 12, byte(i))
			for c.Send(packet.ImageFrame, picture, 0) == nil {
				<-time.After(100 * time.Millisecond)
			}
			return nil
		})
		work.Go(func() error {
			e, err := c.Closed()
			if err != nil {
				t.Errorf("client %d: %v", i, err)
			}
			if e.Code != packet.CodeGoingAway || !strings.Contains(e.Reason, "retry after 2 s") {
				t.Errorf("client %d: closed with %v", i, e)
			}
			return c.Conn.Close()
		})
	}
	if !r.settles(func() bool { return r.pool.Stats().Rooms[0].Members[0].FramesOut > 30 }) {
		b, _ := json.Marshal(r.counted())
		t.Fatalf("nothing streams: %s", b)
	}
	before := time.Now()
	r.end()
	if took := time.Since(before); took > 15*time.Second {
		t.Errorf("the drain took %v", took)
	}
	_ = work.Wait()
}

func TestUnhealthyWhileDraining(t *testing.T) {
	r := start(t, Config{})
	r.join(hello("x", "join")) // does not answer the goodbye, for which the server waits a little
	resp, err := http.Get("http://" + r.addr + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	r.stop()
	if !r.settles(r.Draining) {
		t.Fatal("does not drain")
	}
	if status, _ := r.get("/healthz"); status != http.StatusServiceUnavailable {
		t.Errorf("healthz is %d while draining", status)
	}
	if _, resp, _ := testkit.Upgrade(r.raw(), "/acip", packet.Subprotocol); resp == nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") != "2" {
		t.Errorf("a new client got %+v", resp)
	}
	http.DefaultClient.CloseIdleConnections()
}
