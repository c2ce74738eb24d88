package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"acip/packet"
)

// saying is a hello with a token.
func saying(token string) string {
	return fmt.Sprintf(`{"protocol":1,"room":"lobby","name":"a","role":"join","codecs":["raw"],"token":%q}`, token)
}

// TestToken: only who knows it gets a slot, and no log has it.
func TestToken(t *testing.T) {
	r := start(t, Config{Token: "open sesame"})
	for _, wrong := range []string{"", "open barley", "open sesame ", "open sesam"} {
		p := r.upgrade()
		if err := p.SendText(packet.HelloType, saying(wrong)); err != nil {
			t.Fatal(err)
		}
		if e := closed(t, p, packet.CodeUnauthorised); strings.Contains(e.Reason, "sesame") {
			t.Errorf("the reason tells the token: %q", e.Reason)
		}
	}
	if c := r.join(saying("open sesame")); c.ID != 1 || c.Slots.Used != 1 {
		t.Errorf("the first to know the token: %+v", c.Welcome)
	}
	if n := r.counted().Server.Refused["token"]; n != 4 {
		t.Errorf("%d refused, want 4", n)
	}
	for _, line := range r.log.all() {
		if s := fmt.Sprint(line); strings.Contains(s, "sesam") || strings.Contains(s, "barley") {
			t.Errorf("a token in the log: %s", s)
		}
	}
}

// TestGuessesAreSlowed: after ten wrong tokens an address is not let in, by the upgrade or by a page, and others are.
func TestGuessesAreSlowed(t *testing.T) {
	r := start(t, Config{Token: "x", Limits: Limits{Loopback: true, AddressConnects: -1}})
	for range guessBurst {
		p := r.upgrade()
		if err := p.SendText(packet.HelloType, saying("y")); err != nil {
			t.Fatal(err)
		}
		closed(t, p, packet.CodeUnauthorised)
	}
	if no := r.gate.admit(addressOf(parse("127.0.0.1"))); no == nil || no.status != http.StatusTooManyRequests {
		t.Errorf("after %d guesses: %+v", guessBurst, no)
	}
	other := addressOf(parse("127.0.0.2"))
	if no := r.gate.admit(other); no != nil {
		t.Errorf("another address: %+v", no)
	}
	r.gate.dismiss(other)
}

// TestPagesAskForTheToken: they tell who is here.
func TestPagesAskForTheToken(t *testing.T) {
	r := start(t, Config{Token: "x", Limits: Limits{Loopback: true}})
	ask := func(path, by, token string) int {
		req, err := http.NewRequest("GET", "http://"+r.addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if by != "" {
			req.Header.Set("X-Forwarded-For", by)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, path := range []string{"/stats", "/metrics"} {
		for _, c := range []struct {
			by, token string
			want      int
		}{{"", "", 200}, {"203.0.113.5", "", 401}, {"203.0.113.5", "y", 401}, {"203.0.113.5", "x", 200}} {
			if got := ask(path, c.by, c.token); got != c.want {
				t.Errorf("%s for %q with token %q: %d, want %d", path, c.by, c.token, got, c.want)
			}
		}
	}
	if got := ask("/healthz", "203.0.113.5", ""); got != 200 {
		t.Errorf("/healthz: %d", got)
	}
	for range guessBurst {
		ask("/stats", "203.0.113.5", "y")
	}
	if got := ask("/stats", "203.0.113.5", "x"); got != http.StatusTooManyRequests {
		t.Errorf("after many guesses: %d", got)
	}
}
