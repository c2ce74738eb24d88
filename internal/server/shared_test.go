package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// TestACrowdCostsOnePage: while a page is made, all who ask wait for one that begins after they asked.
func TestACrowdCostsOnePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pages, busy atomic.Int32
		goOn := make(chan struct{})
		s := newShared(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if busy.Add(1) > 1 {
				t.Error("two are made at once")
			}
			w.Header().Set("Content-Type", "text/x-count")
			fmt.Fprint(w, pages.Add(1))
			<-goOn
			busy.Add(-1)
		}))
		var asking sync.WaitGroup
		ask := func(want string) {
			asking.Go(func() {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, nil)
				if got := w.Body.String(); got != want || w.Header().Get("Content-Type") != "text/x-count" {
					t.Errorf("page %s as %s, want %s", got, w.Header(), want)
				}
			})
		}
		ask("1")
		synctest.Wait()
		for range 50 {
			ask("2")
		}
		synctest.Wait()
		goOn <- struct{}{}
		synctest.Wait()
		ask("3")
		synctest.Wait()
		goOn <- struct{}{}
		goOn <- struct{}{}
		asking.Wait()
	})
}
