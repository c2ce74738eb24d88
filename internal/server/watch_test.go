package server

import (
	"io/fs"
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
	for _, link := range scripts(t) {
		if _, script := r.get(link); regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function`).MatchString(script) {
			t.Errorf("%s: what others write may only become text", link)
		}
		if !strings.Contains(page, `<link rel="modulepreload" href="`+link[1:]+`">`) {
			t.Errorf("%s is not preloaded: it costs another round of requests", link)
		}
	}
}

// scripts returns the paths of the page's modules.
func scripts(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(web, "web/page/*.js")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	all := []string{"/watch.js"}
	for _, name := range names {
		all = append(all, strings.TrimPrefix(name, "web"))
	}
	return all
}

// TestWatchPageIsKept: browsers keep the page's files, ask whether they are the same, and are told that without the file.
func TestWatchPageIsKept(t *testing.T) {
	r := start(t, Config{})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	tags := map[string]bool{}
	for _, path := range append(scripts(t), "/watch", "/watch.css", "/icon.svg") {
		first, err := client.Get("http://" + r.addr + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = first.Body.Close()
		tag := first.Header.Get("ETag")
		if tag == "" || tags[tag] || first.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %v", path, first.Header)
		}
		tags[tag] = true
		again, err := http.NewRequest(http.MethodGet, "http://"+r.addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		again.Header.Set("If-None-Match", tag)
		second, err := client.Do(again)
		if err != nil {
			t.Fatal(err)
		}
		_ = second.Body.Close()
		if second.StatusCode != http.StatusNotModified || second.Header.Get("Content-Security-Policy") != policy {
			t.Errorf("%s again: %d %v", path, second.StatusCode, second.Header)
		}
	}
	for _, path := range []string{"/page/", "/page/none.js", "/package.json", "/tsconfig.json", "/watch.html"} {
		if code, _ := r.get(path); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
}
