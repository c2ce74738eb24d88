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

// TestModel checks any order of operations against the plainest model: per key
// the newest, served in the order in which keys came to wait, and nothing lost
// that is neither taken nor dropped.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var dropped []string
		note := func(k, v int) { dropped = append(dropped, fmt.Sprint(k, "=", v)) }
		m := mailbox.New(note)
		var order []int
		newest := map[int]int{}
		var want []string
		put, replaced, taken := 0, uint64(0), 0
		remove := func(k int) {
			for i, o := range order {
				if o == k {
					order = append(order[:i:i], order[i+1:]...)
				}
			}
			delete(newest, k)
		}
		closed := false
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k := rapid.IntRange(0, 4).Draw(t, "key")
				put++
				old, waits := newest[k]
				if m.Put(k, put) != (waits && !closed) {
					t.Fatal("replaced is wrong")
				}
				switch {
				case closed:
					want = append(want, fmt.Sprint(k, "=", put))
					return
				case waits:
					want = append(want, fmt.Sprint(k, "=", old))
					replaced++
				default:
					order = append(order, k)
				}
				newest[k] = put
			},
			"take": func(t *rapid.T) {
				k, v, ok := m.Take()
				if ok != (len(order) > 0) {
					t.Fatalf("take says %t, %d wait", ok, len(order))
				}
				if ok {
					if k != order[0] || v != newest[k] {
						t.Fatalf("took %d=%d, want %d=%d", k, v, order[0], newest[order[0]])
					}
					remove(k)
					taken++
				}
			},
			"drop": func(t *rapid.T) {
				k := rapid.IntRange(0, 4).Draw(t, "key")
				if v, ok := newest[k]; ok {
					want = append(want, fmt.Sprint(k, "=", v))
					remove(k)
				}
				m.Drop(k)
			},
			"close": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "really") > 0 {
					t.Skip()
				}
				for _, k := range order {
					want = append(want, fmt.Sprint(k, "=", newest[k]))
				}
				order, newest, closed = nil, map[int]int{}, true
				m.Close()
			},
			"": func(t *rapid.T) {
				if fmt.Sprint(dropped) != fmt.Sprint(want) {
					t.Fatalf("dropped %v, want %v", dropped, want)
				}
				if m.Len() != len(order) || m.Replaced() != replaced || put != taken+len(dropped)+len(order) {
					t.Fatalf("%d put, %d taken, %d dropped, %d wait", put, taken, len(dropped), m.Len())
				}
			},
		})
	})
}

// TestFair: a key that is put all the time does not keep another one waiting.
func TestFair(t *testing.T) {
	m := mailbox.New[string, int](nil)
	m.Put("busy", 0)
	m.Put("quiet", 1)
	for i := range 10 {
		m.Put("busy", i)
	}
	if k, v, _ := m.Take(); k != "busy" || v != 9 {
		t.Error(k, v)
	}
	m.Put("busy", 10)
	if k, _, _ := m.Take(); k != "quiet" {
		t.Errorf("%s overtook", k)
	}
}

// TestDropMayCallBack: drop is called with the mailbox unlocked.
func TestDropMayCallBack(t *testing.T) {
	var m *mailbox.Mailbox[int, int]
	calls := 0
	m = mailbox.New(func(int, int) { calls++; m.Len() })
	m.Put(1, 1)
	m.Put(1, 2)
	m.Drop(1)
	m.Put(2, 3)
	m.Close()
	m.Close()
	m.Put(2, 4)
	if calls != 4 {
		t.Errorf("dropped %d", calls)
	}
}

// TestConcurrent: whoever waits for Wake gets everything, each value once.
func TestConcurrent(t *testing.T) {
	const writers, each = 8, 2000
	var mu sync.Mutex
	seen := map[int]bool{}
	note := func(_, v int) {
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
				m.Put(w, w*each+i)
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
		for k, v, ok := m.Take(); ok; k, v, ok = m.Take() {
			if before, ok := last[k]; ok && v <= before {
				t.Errorf("%d after %d", v, before)
			}
			last[k] = v
			note(k, v)
		}
	}
	if len(seen) != writers*each {
		t.Errorf("%d of %d accounted for", len(seen), writers*each)
	}
}

func BenchmarkPutTake(b *testing.B) {
	m := mailbox.New[uint32, *int](nil)
	v := new(int)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Put(uint32(i%31), v)
		if i%2 == 0 {
			m.Take()
		}
	}
}
