package server

import (
	"bytes"
	"net/http"
	"sync"
)

// shared is a page that is expensive to make. One is made at a time, for all requests that arrived before it was begun,
// so that many readers cost as much as one and none is shown old data.
type shared struct {
	page   http.Handler  // what it writes for a bare GET, whoever asks
	making chan struct{} // has one in it while a page is made

	mu   sync.Mutex
	next *made // whose making has not begun; nil when nobody waits
}

func newShared(page http.Handler) *shared { return &shared{page: page, making: make(chan struct{}, 1)} }

// made is one page, whole once done is closed.
type made struct {
	header http.Header
	body   bytes.Buffer
	done   chan struct{}
}

// Header implements http.ResponseWriter.
func (m *made) Header() http.Header { return m.header }

// Write implements http.ResponseWriter.
func (m *made) Write(p []byte) (int, error) { return m.body.Write(p) }

// WriteHeader implements http.ResponseWriter; such pages are always there.
func (m *made) WriteHeader(int) {}

// ServeHTTP implements http.Handler.
func (s *shared) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	m, first := s.wait()
	if first {
		s.make(m)
	}
	<-m.done
	for name, values := range m.header {
		w.Header()[name] = values
	}
	_, _ = w.Write(m.body.Bytes()) // an error is the reader's going
}

// wait returns the page to be made next; the first to wait for it makes it.
func (s *shared) wait() (m *made, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first = s.next == nil
	if first {
		s.next = &made{header: http.Header{}, done: make(chan struct{})}
	}
	return s.next, first
}

// make makes m when its turn has come; requests from then on get a later page.
func (s *shared) make(m *made) {
	s.making <- struct{}{}
	defer func() {
		<-s.making
		close(m.done)
	}()
	s.mu.Lock()
	s.next = nil
	s.mu.Unlock()
	s.page.ServeHTTP(m, &http.Request{Method: http.MethodGet, Header: http.Header{}})
}
