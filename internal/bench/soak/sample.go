package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"acip/internal/bench/proc"
	"acip/packet"
)

// stats is what is read of /stats.
type stats struct {
	Slots packet.Slots
	Rooms []struct {
		Members []struct {
			Name      string
			FramesIn  uint64 `json:"frames_in"`
			FramesOut uint64 `json:"frames_out"`
			Dropped   map[string]uint64
		}
	}
	Server struct{ Goroutines, Buffers int }
}

func fetch(ctx context.Context, addr string) (s stats, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/stats", nil)
	if err != nil {
		return s, err
	}
	r.Close = true // or the reader's own connection would count
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return s, fmt.Errorf("read /stats: %w", err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		return s, fmt.Errorf("read /stats: %w", err)
	}
	return s, nil
}

// sample is one interval.
type sample struct {
	at             time.Duration
	sent           float64 // pictures a second that a steady member managed to send
	fps, least     float64 // of them, at the others
	p50, p99, most time.Duration
	rss            int64
	goroutines     int
	files          int
	slots          int
	rounds         int64
	dropped        map[string]uint64
}

const header = "   time  sent   fps  least  age p50   p99   max ms  MiB  goroutines  files  slots  churned  dropped"

// String is the sample's line under the header.
func (s sample) String() string {
	var drops []string
	for _, why := range slices.Sorted(maps.Keys(s.dropped)) {
		drops = append(drops, fmt.Sprintf("%s %d", why, s.dropped[why]))
	}
	return fmt.Sprintf("%7s %5.1f %5.1f %6.1f %8.1f %5.1f %8.1f %4.1f %11d %6d %6d %8d  %s", s.at.Round(time.Second), s.sent, s.fps, s.least,
		ms(s.p50), ms(s.p99), ms(s.most), float64(s.rss)/(1<<20), s.goroutines, s.files, s.slots, s.rounds, strings.Join(drops, ", "))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// meter reads samples.
type meter struct {
	server *proc.Process
	addr   string
	steady *steady
	rounds *atomic.Int64
	began  time.Time
	drops  map[string]uint64 // so far
}

func newMeter(p *proc.Process, addr string, s *steady, rounds *atomic.Int64) *meter {
	return &meter{server: p, addr: addr, steady: s, rounds: rounds, began: time.Now(), drops: map[string]uint64{}}
}

func (m *meter) read(ctx context.Context, interval time.Duration) (sample, error) {
	st, err := fetch(ctx, m.addr)
	if err != nil {
		return sample{}, err
	}
	s := sample{at: time.Since(m.began), goroutines: st.Server.Goroutines, slots: st.Slots.Used, rounds: m.rounds.Load(), dropped: map[string]uint64{}}
	s.rss, _ = m.server.RSS()
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", m.server.PID())) // none elsewhere
	s.files = len(entries)
	var ages []time.Duration
	s.fps, s.least, ages = m.steady.interval(interval)
	s.sent = float64(m.steady.sent.Swap(0)) / interval.Seconds() / float64(len(m.steady.members))
	if n := len(ages); n > 0 {
		s.p50, s.p99, s.most = ages[n/2], ages[n*99/100], ages[n-1]
	}
	now := map[string]uint64{}
	for _, r := range st.Rooms {
		for _, one := range r.Members {
			if !strings.HasPrefix(one.Name, "steady") {
				continue
			}
			for why, n := range one.Dropped {
				now[why] += n
			}
		}
	}
	for why, n := range now {
		s.dropped[why] = n - m.drops[why]
	}
	m.drops = now
	return s, nil
}

// judge fails on a trend, and on a run that delivered too little. The first fifth is warming up.
func judge(s settings, all []sample) error {
	all = all[len(all)/5:]
	if len(all) < 3 {
		return errors.New("too short for a trend: take a longer -duration")
	}
	third := len(all) / 3
	first, last := all[:third], all[len(all)-third:]
	middle := func(part []sample, of func(sample) float64) float64 {
		v := make([]float64, 0, len(part))
		for _, one := range part {
			v = append(v, of(one))
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	var wrong []error
	for _, c := range []struct {
		what  string
		of    func(sample) float64
		slack float64
	}{
		{"resident MiB", func(s sample) float64 { return float64(s.rss) / (1 << 20) }, 4},
		{"goroutines", func(s sample) float64 { return float64(s.goroutines) }, 12},
		{"open files", func(s sample) float64 { return float64(s.files) }, 12},
	} {
		from, to := middle(first, c.of), middle(last, c.of)
		fmt.Printf("%s: %.1f in the first third, %.1f in the last\n", c.what, from, to)
		if to > from*1.05+c.slack {
			wrong = append(wrong, fmt.Errorf("%s rose from %.1f to %.1f", c.what, from, to))
		}
	}
	sent := middle(all, func(s sample) float64 { return s.sent }) // fewer than asked for on a machine that has much else to do
	fps := middle(all, func(s sample) float64 { return s.fps })
	fmt.Printf("pictures a second: %d wanted, %.1f sent by a steady member, %.1f of them arrived at each other one\n", s.fps, sent, fps)
	if fps == 0 || fps < 0.9*sent {
		wrong = append(wrong, fmt.Errorf("the steady members got %.1f pictures a second of %.1f", fps, sent))
	}
	return errors.Join(wrong...)
}
