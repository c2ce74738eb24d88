package mailbox_test

import (
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"acip/internal/testkit"
	"acip/mailbox"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// TestModel checks any order of operations against the plainest model: the newest waits, and nothing is lost that is neither
// taken nor given back.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var dropped, want []int
		m := mailbox.New(func(v int) { dropped = append(dropped, v) })
		put, taken, newest := 0, 0, 0 // newest is 0 when nothing waits
		t.Repeat(map[string]func(*rapid.T){
			"put": func(*rapid.T) {
				put++
				m.Put(put)
				if newest != 0 {
					want = append(want, newest)
				}
				newest = put
			},
			"take": func(t *rapid.T) {
				v, ok := m.Take()
				if v != newest || ok != (newest != 0) {
					t.Fatalf("took %d, %t, want %d", v, ok, newest)
				}
				if ok {
					newest = 0
					taken++
				}
			},
			"": func(t *rapid.T) {
				waiting := 0
				if m.Waits() {
					waiting = 1
				}
				if fmt.Sprint(dropped) != fmt.Sprint(want) || m.Waits() != (newest != 0) || put != taken+len(dropped)+waiting {
					t.Fatalf("%d put, %d taken, %d waiting, dropped %v, want %v", put, taken, waiting, dropped, want)
				}
			},
		})
	})
}

// TestDropMayCallBack: drop is called with the mailbox unlocked.
func TestDropMayCallBack(t *testing.T) {
	var m *mailbox.Mailbox[int]
	calls := 0
	m = mailbox.New(func(int) { calls++; m.Waits() })
	m.Put(1)
	m.Put(2)
	if calls != 1 {
		t.Errorf("dropped %d", calls)
	}
}

// TestConcurrent: whoever waits for Wake gets everything that is not given back, each value once.
func TestConcurrent(t *testing.T) {
	const writers, each = 8, 2000
	var mu sync.Mutex
	seen := map[int]bool{}
	note := func(v int) {
		mu.Lock()
		defer mu.Unlock()
		if seen[v] {
			t.Errorf("%d twice", v)
		}
		seen[v] = true
	}
	m := mailbox.New(note)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				m.Put(w*each + i)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	last := map[int]int{}
	for over := false; !over; {
		select {
		case <-m.Wake():
		case <-done:
			over = true
		}
		if v, ok := m.Take(); ok {
			if before, ok := last[v/each]; ok && v <= before {
				t.Errorf("%d after %d", v, before)
			}
			last[v/each] = v
			note(v)
		}
	}
	if len(seen) != writers*each {
		t.Errorf("%d of %d accounted for", len(seen), writers*each)
	}
}

func BenchmarkPutTake(b *testing.B) {
	m := mailbox.New(func(*int) {})
	v := new(int)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Put(v)
		if i%2 == 0 {
			m.Take()
		}
	}
}
