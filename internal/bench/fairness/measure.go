package main

import (
	"context"
	"fmt"
	"time"
)

// row is one attack's line of the table, and the goal that it missed.
type row struct{ line, missed string }

// Waits of a measurement: for the honest to find each other, and to be counted without an attack.
const (
	settleFor = 3 * time.Second
	calmFor   = 5 * time.Second
)

// measure runs one attack.
func measure(ctx context.Context, s settings, a attack) (r row, err error) {
	x, err := set(s, a.shape, a.args...)
	if err != nil {
		return r, err
	}
	defer x.close()
	for _, name := range []string{"honest1", "honest2"} {
		if err := x.send(ctx, name); err != nil {
			return r, err
		}
	}
	time.Sleep(settleFor)
	v, err := x.watch()
	if err != nil {
		return r, err
	}
	defer func() { _ = v.Conn.Close(); <-v.done }()
	time.Sleep(settleFor)
	before, err := x.interval(v, calmFor, nil)
	if err != nil {
		return r, err
	}
	hit, cancel := context.WithTimeout(ctx, s.duration)
	defer cancel()
	said, failed := make(chan string, 1), make(chan error, 1)
	go func() {
		text, err := a.act(hit, x, v)
		said <- text
		failed <- err
	}()
	during, err := x.interval(v, s.duration-s.duration/20, hit.Done()) // while the attackers are still there to be counted
	if err != nil {
		return r, err
	}
	return a.judge(before, during, <-said, <-failed), nil
}

// taken is what was counted over an interval.
type taken struct {
	fps             float64
	p99             time.Duration
	uplink, hostile float64 // kbit/s
	codecs          string
	ended           error
}

// interval counts for so long, or until the channel closes.
func (x *scene) interval(v *viewer, d time.Duration, until <-chan struct{}) (t taken, err error) {
	first, err := x.stats()
	if err != nil {
		return t, err
	}
	v.look(d)
	began := time.Now()
	select {
	case <-time.After(d):
	case <-until:
	}
	took := time.Since(began)
	last, err := x.stats()
	if err != nil {
		return t, err
	}
	t.fps, t.p99, t.codecs, t.ended = v.look(took)
	t.uplink = float64(last.uplink("honest")-first.uplink("honest")) * 8 / 1000 / took.Seconds()
	if a, b := last.uplink("mallory"), first.uplink("mallory"); a > b {
		t.hostile = float64(a-b) * 8 / 1000 / took.Seconds()
	}
	return t, nil
}

// judge makes the row.
func (a attack) judge(before, during taken, result string, failed error) (r row) {
	if failed != nil {
		r.missed = failed.Error()
		result += " " + r.missed
	}
	if during.ended != nil {
		result += " viewer ended: " + during.ended.Error()
		r.missed += " the viewer was cut"
	}
	if during.fps < a.fps {
		r.missed += fmt.Sprintf(" %.1f fps, goal %.0f", during.fps, a.fps)
	}
	if a.uplink > 0 && during.uplink > a.uplink*before.uplink {
		r.missed += fmt.Sprintf(" uplink × %.1f, goal × %.0f", during.uplink/before.uplink, a.uplink)
	}
	link := a.shape
	if link == "" {
		link = "unshaped"
	}
	r.line = fmt.Sprintf("| %s | %s | %.1f → %.1f | %d → %d ms | %.0f → %.0f | %.0f | %s %s |", a.name, link, before.fps, during.fps,
		before.p99.Milliseconds(), during.p99.Milliseconds(), before.uplink, during.uplink, during.hostile, during.codecs, result)
	return r
}
