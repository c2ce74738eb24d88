package server

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
)

// web is the page that watches a room in a browser: the files that a browser may have, and nothing that their tests
// need.
//
//go:embed web/watch.html web/watch.css web/watch.js web/icon.svg web/page/*.js
var web embed.FS

// policy lets the page load what is here and connect to here, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// handlePage serves the page at /watch, and its files beside it at the paths by which they refer to each other.
func handlePage(mux *http.ServeMux) {
	tree, _ := fs.Sub(web, "web") // its name is valid
	_ = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		at := "/" + name
		if name == "watch.html" {
			at = "/watch"
		}
		mux.Handle("GET "+at, servePage(tree, name, entityTag(content)))
		return nil
	}) // what is embedded can be read
}

// entityTag returns a file's ETag. Embedded files have no time of change, and the same URL has other bytes after an
// upgrade.
func entityTag(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// servePage serves one file of the page. Browsers keep it, and ask each time whether it is still the same: modules of
// two versions must not meet.
func servePage(tree fs.FS, name, tag string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		if path.Ext(name) == ".js" {
			h.Set("Content-Type", "text/javascript; charset=utf-8") // whatever this machine's table of types says
		}
		http.ServeFileFS(w, r, tree, name)
	})
}
