package server

import (
	"embed"
	"net/http"
)

// web is the page that watches a room in a browser.
//
//go:embed web
var web embed.FS

// policy lets the page load what is here and connect to here, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// serveWatch is a file of the page.
func serveWatch(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, web, "web/"+name)
	}
}
