package server

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestWatchPage: the page comes whole, and may load and reach nothing but this server.
func TestWatchPage(t *testing.T) {
	r := start(t, Config{})
	for path, kind := range map[string]string{"/watch": "text/html", "/watch.js": "text/javascript", "/watch.css": "text/css"} {
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + r.addr + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		h := resp.Header
		if resp.StatusCode != 200 || !strings.HasPrefix(h.Get("Content-Type"), kind) || h.Get("Content-Security-Policy") != policy {
			t.Errorf("%s: %d %v", path, resp.StatusCode, h)
		}
	}
	_, page := r.get("/watch")
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if code, _ := r.get("/" + link[1]); code != 200 {
			t.Errorf("the page links to %s: %d", link[1], code)
		}
	}
	_, script := r.get("/watch.js")
	if regexp.MustCompile(`innerHTML|insertAdjacent|document\.write|eval\(`).MatchString(script) {
		t.Error("what others write may only become text")
	}
}
