package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/packet"
)

// saying is a hello with a token.
func saying(token string) string {
	quoted, _ := json.Marshal(token) // strings always can be
	return fmt.Sprintf(`{"protocol":1,"room":"lobby","name":"a","role":"join","codecs":["raw"],"token":%s}`, quoted)
}

// TestToken: only who knows it gets a slot, and no log, page or reason has it.
func TestToken(t *testing.T) {
	const secret = "open sesame, \u00e9\U0001f511"
	r := start(t, Config{Token: secret})
	tries := []string{
		"", "open barley", secret + " ", secret[:len(secret)-1], "OPEN SESAME, \u00e9\U0001f511", "open sesame, e\u0301\U0001f511",
		"\x00", secret + "\x00", "\x1b]0;sesame\a", strings.Repeat("sesame", 10_000),
	}
	for _, try := range tries {
		p := r.upgrade()
		if err := p.SendText(packet.HelloType, saying(try)); err != nil {
			t.Fatal(err)
		}
		if e := closed(t, p, packet.CodeUnauthorised); strings.Contains(e.Reason, "sesame") {
			t.Errorf("the reason tells the token: %q", e.Reason)
		}
	}
	for _, broken := range []string{`{"protocol":1,"token":"open sesame`, `{"protocol":1,"token":["open sesame"]}`, `{"protocol":7,"token":"open sesame"}`} {
		p := r.upgrade()
		if err := p.SendText(packet.HelloType, broken); err != nil {
			t.Fatal(err)
		}
		if e := closed(t, p, packet.CodeViolation); strings.Contains(e.Reason, "sesam") {
			t.Errorf("the reason tells the token: %q", e.Reason)
		}
	}
	if c := r.join(saying(secret)); c.ID != 1 || c.Slots.Used != 1 {
		t.Errorf("the first to know the token: %+v", c.Welcome)
	}
	if n := r.refusals()["token"]; n != uint64(len(tries)) {
		t.Errorf("%d refused, want %d", n, len(tries))
	}
	texts := []string{fmt.Sprint(r.log.all()), fmt.Sprintf("%+v", r.config)}
	for _, path := range []string{"/", "/stats", "/metrics", "/watch"} {
		_, page := r.get(path)
		texts = append(texts, page)
	}
	for _, text := range texts {
		if i := strings.Index(strings.ToLower(text), "sesam"); i >= 0 || strings.Contains(text, "barley") {
			t.Errorf("a token in %.200s", text[max(0, i-50):])
		}
	}
}

// guess says hello with a token over a connection that is open already, and returns how that ended.
func (r *running) guess(p *testkit.Peer, hello string) packet.CloseError {
	r.t.Helper()
	if err := p.SendText(packet.HelloType, hello); err != nil {
		r.t.Fatal(err)
	}
	e, err := p.Closed()
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// TestGuessesAreSlowed: of many wrong tokens that come from an address at once, on connections opened before the first of
// them, ten are looked at, and one a second from then on. While that lasts a right one is not looked at either, but whoever
// was in the call comes back into it; other addresses do not notice.
func TestGuessesAreSlowed(t *testing.T) {
	r := start(t, Config{Token: "x", Limits: Limits{Loopback: true, AddressConnects: -1, AddressWaiting: -1}})
	member := r.join(saying("x"))
	const tries = 60
	var peers []*testkit.Peer
	for range tries {
		peers = append(peers, r.upgrade())
	}
	began := time.Now()
	ends := map[packet.Code]int{}
	for _, p := range peers {
		ends[r.guess(p, saying("y")).Code]++
	}
	if most := attemptBurst + 1 + int(time.Since(began).Seconds()*attemptRate); ends[packet.CodeUnauthorised] < attemptBurst || ends[packet.CodeUnauthorised] > most {
		t.Errorf("%d of %d guesses were looked at: want %d to %d", ends[packet.CodeUnauthorised], tries, attemptBurst, most)
	}
	if n := r.refusals(); n["address_guesses"] != uint64(ends[packet.CodeRate]) || ends[packet.CodeRate]+ends[packet.CodeUnauthorised] != tries {
		t.Errorf("ended with %v, counted %v", ends, n)
	}
	home := addressOf(parse("127.0.0.1"))
	for r.limiter.attempt(home, false) != throttled { // on a slow machine a second has passed
	}
	if colleague := r.join(saying("x")); colleague.Slots.Used != 2 {
		t.Errorf("a right one among so many: %+v", colleague.Welcome)
	}
	back := r.join(fmt.Sprintf(`{"protocol":1,"room":"lobby","name":"a","role":"join","token":"x","resume":%q}`, member.Resume))
	if back.ID != member.ID {
		t.Errorf("the member came back as %d, was %d", back.ID, member.ID)
	}
}

// TestGuessesKeepOutOnlyStrangers: after many guesses a right token from an address where nobody has known it for an hour is
// not looked at; others are.
func TestGuessesKeepOutOnlyStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newConnLimiter(Limits{AddressSlots: 1}, nil)
		guessed := func(ip netip.Addr) netip.Addr {
			for range attemptBurst {
				if got := g.attempt(ip, false); got != wrong {
					t.Errorf("a guess: %v", got)
				}
			}
			return ip
		}
		judge := func(who string, ip netip.Addr, knows bool, want judgement) {
			t.Helper()
			if got := g.attempt(ip, knows); got != want {
				t.Errorf("%s: %v, want %v", who, got, want)
			}
		}
		stranger, office, call := guessed(parse("192.0.2.1")), parse("192.0.2.2"), parse("192.0.2.3")
		judge("a stranger", stranger, true, throttled)
		judge("another address", office, true, right)
		judge("an office", guessed(office), true, right)
		judge("one who guesses there", office, false, throttled)
		if !g.acquireSlot(call) {
			t.Error("no seat")
		}
		judge("a colleague in the call", guessed(call), true, right)
		g.releaseSlot(call)
		time.Sleep(goodTokenFor)
		judge("an office after an hour", guessed(office), true, throttled)
	})
}

// TestPagesAskForTheToken: they tell who is here.
func TestPagesAskForTheToken(t *testing.T) {
	r := start(t, Config{Token: "x", TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
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
		}{{"", "", 401}, {"", "x", 200}, {"203.0.113.5", "", 401}, {"203.0.113.5", "y", 401}, {"203.0.113.5", "x", 200}} {
			if got := ask(path, c.by, c.token); got != c.want {
				t.Errorf("%s for %q with token %q: %d, want %d", path, c.by, c.token, got, c.want)
			}
		}
	}
	if got := ask("/healthz", "203.0.113.5", ""); got != 200 {
		t.Errorf("/healthz: %d", got)
	}
	for i := range 20 { // where a second passes between two of them, another is looked at
		by := fmt.Sprintf("203.0.113.%d", 10+i)
		for range 200 {
			if ask("/stats", by, "y") == http.StatusTooManyRequests {
				break
			}
		}
		if ask("/stats", by, "x") == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("two hundred guesses, and not two in a row are refused")
}

// refusals is the server's count of them, which no page tells a throttled address.
func (r *running) refusals() map[string]uint64 { return r.own().Refused }
