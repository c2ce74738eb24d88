package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// probed asks what became of an attempt.
func (r *running) probed(attempt string) (int, probeAnswer) {
	r.t.Helper()
	code, body := r.get("/probe?try=" + attempt)
	var a probeAnswer
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		r.t.Fatalf("/probe: %v in %s", err, body)
	}
	return code, a
}

// TestProbe: who names an attempt is told why it was refused, and nobody else is.
func TestProbe(t *testing.T) {
	r := start(t, Config{})
	_, _ = r.get("/acip?try=plain")
	if code, a := r.probed("plain"); code != http.StatusOK || !strings.Contains(a.Reason, "Upgrade") || a.Hint == "" {
		t.Errorf("without Upgrade: %d %+v", code, a)
	}
	for _, other := range []string{"", "unknown", "plain2", "a%20b", strings.Repeat("x", maxAttemptName+1)} {
		_, _ = r.get("/acip?try=" + strings.Repeat("x", maxAttemptName+1))
		if code, a := r.probed(other); code != http.StatusOK || a != (probeAnswer{}) {
			t.Errorf("%q: %d %+v", other, code, a)
		}
	}
}

// TestProbeForgets: what is remembered is bounded, newest first.
func TestProbeForgets(t *testing.T) {
	var a attempts
	for i := range 3 * maxAttempts {
		r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/acip?try=n%d", i), nil)
		a.failed(r, probeAnswer{Reason: strings.Repeat("\x1b[1m", maxReason)})
	}
	for i, known := range map[int]bool{0: false, 2*maxAttempts - 1: false, 2 * maxAttempts: true, 3*maxAttempts - 1: true} {
		got := a.of(fmt.Sprintf("n%d", i))
		if (got.Reason != "") != known || len(got.Reason) > maxReason || strings.Contains(got.Reason, "\x1b") {
			t.Errorf("attempt %d: %q", i, got.Reason)
		}
	}
}

// TestProbeOfForeignOrigin: the sentence names both hosts, so that a proxy's owner sees what was rewritten.
func TestProbeOfForeignOrigin(t *testing.T) {
	r := start(t, Config{})
	req, err := http.NewRequest(http.MethodGet, "http://"+r.addr+"/acip?try=far", nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Origin": "https://call.example", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "acip.relay.1"} {
		req.Header.Set(k, v)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, a := r.probed("far"); resp.StatusCode != http.StatusForbidden || !strings.Contains(a.Reason, "call.example") || !strings.Contains(a.Reason, r.addr) {
		t.Errorf("%d %+v", resp.StatusCode, a)
	}
}
