package term

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// link is a terminal behind a link of a certain rate and delay, in virtual time: it answers each frame when its last
// byte has arrived.
type link struct {
	rate    float64
	delay   time.Duration
	free    time.Time
	answers []time.Time
}

func (l *link) send(now time.Time, bytes int) (arrives time.Time) {
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(float64(bytes) / l.rate * float64(time.Second)))
	arrives = l.free.Add(l.delay / 2)
	l.answers = append(l.answers, arrives.Add(l.delay/2))
	return arrives
}

// play draws for a while at 30 frames a second, each as large as allowed but at most full, and returns the frames drawn
// and the greatest age of what the terminal shows, after the first two seconds.
func play(f *flow, l *link, full int, span time.Duration) (frames int, oldest time.Duration) {
	start := time.Unix(1000, 0)
	for now := start; now.Before(start.Add(span)); now = now.Add(time.Millisecond) {
		for len(l.answers) > 0 && !l.answers[0].After(now) {
			f.Answered(l.answers[0])
			l.answers = l.answers[1:]
		}
		if now.Sub(start)%(33*time.Millisecond) != 0 || !f.Ready(now) {
			continue
		}
		bytes := full
		if b := f.Budget(33 * time.Millisecond); b > 0 {
			bytes = min(bytes, b)
		}
		f.Begin(now, bytes)
		arrives := l.send(now, bytes)
		f.Written(now, now, bytes)
		frames++
		if now.Sub(start) > 2*time.Second {
			oldest = max(oldest, arrives.Sub(now))
		}
	}
	return frames, oldest
}

func TestFlow(t *testing.T) {
	tests := []struct {
		name      string
		rate      float64
		delay     time.Duration
		leastFPS  int
		oldest    time.Duration
		unlimited bool
	}{
		{"a terminal beside us", 100e6, time.Millisecond, 29, 20 * time.Millisecond, true},
		{"a link of 200 kB/s", 200e3, 20 * time.Millisecond, 24, 300 * time.Millisecond, false},
		{"a link of 200 kB/s, far away", 200e3, 200 * time.Millisecond, 8, 300 * time.Millisecond, false},
		{"a link of 20 kB/s", 20e3, 50 * time.Millisecond, 5, 300 * time.Millisecond, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &flow{}
			f.ObserveRTT(tt.delay)
			frames, oldest := play(f, &link{rate: tt.rate, delay: tt.delay}, 120<<10, 10*time.Second)
			if frames < tt.leastFPS*10 {
				t.Errorf("%d frames in 10 s, want %d", frames, tt.leastFPS*10)
			}
			if oldest > tt.oldest {
				t.Errorf("a picture was %v old, limit %v", oldest, tt.oldest)
			}
			if got := f.Rate(); !tt.unlimited && (got < tt.rate/3 || got > tt.rate*2) {
				t.Errorf("rate measured as %.0f, is %.0f", got, tt.rate)
			}
		})
	}
}

func TestFlowAtMostTwoUnanswered(t *testing.T) {
	f := &flow{}
	now := time.Unix(1000, 0)
	for i := range 2 {
		if !f.Ready(now) {
			t.Fatalf("not ready with %d unanswered", i)
		}
		f.Begin(now, 1000)
	}
	if f.Ready(now) {
		t.Fatal("ready with two unanswered")
	}
	if f.Answered(now.Add(time.Millisecond)); !f.Ready(now) {
		t.Error("not ready with one unanswered")
	}
}

// A terminal that never answers is drawn on all the same.
func TestFlowSilent(t *testing.T) {
	f := &flow{}
	now := time.Unix(1000, 0)
	f.Begin(now, 1000)
	f.Begin(now, 1000)
	now = now.Add(lostAfter + time.Second)
	if !f.Ready(now) || !f.silent {
		t.Fatal("lost answers stop the picture for ever")
	}
	f.Written(now, now.Add(200*time.Millisecond), 20000)
	now = now.Add(250 * time.Millisecond)
	if f.Ready(now) {
		t.Error("a write that took 200 ms is not followed by a pause")
	}
	if now = now.Add(f.Wait(now)); !f.Ready(now) {
		t.Error("not ready after Wait")
	}
	if f.Rate() < 50e3 || f.Rate() > 200e3 {
		t.Errorf("rate %.0f, want about 100000", f.Rate())
	}
	if f.Answered(now); f.silent {
		t.Error("an answer does not end silence")
	}
}

// TestFlowUnheard: a terminal that answers nothing is drawn on from the start, at a rate that a slow link bears, until
// it counts as silent. One that answers is waited for as always.
func TestFlowUnheard(t *testing.T) {
	start := time.Unix(1000, 0)
	var f flow
	f.AwaitFirstAnswer()
	var sent, bytes int
	var longest time.Duration
	last := start
	for now := start; now.Sub(start) < silentAfter; now = now.Add(time.Millisecond) {
		if !f.Ready(now) {
			if w := f.Wait(now); w <= 0 || w > unheardAfter {
				t.Fatalf("after %v: not ready, wait %v", now.Sub(start), w)
			}
			continue
		}
		budget := f.Budget(time.Second / 30)
		f.Begin(now, budget)
		f.Written(now, now, budget)
		sent, bytes, longest, last = sent+1, bytes+budget, max(longest, now.Sub(last)), now
	}
	if longest > unheardAfter || sent < 10 || bytes > 100<<10 {
		t.Errorf("%d frames, %d bytes, a pause of %v in %v", sent, bytes, longest, silentAfter)
	}
	f.ObserveRTT(20 * time.Millisecond)
	now := start.Add(silentAfter + unheardPause)
	if f.Ready(now) {
		t.Error("the answers of a terminal that has answered are not waited for")
	}
	for range sent {
		f.Answered(now)
	}
	if !f.Ready(now) || f.Budget(time.Second/30) == unheardBudget {
		t.Error("it does not go on as with any other terminal")
	}
}

// TestReadyAfterThePause wakes an owner that was refused during a write, on a terminal that answers nothing.
func TestReadyAfterThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := &Terminal{ready: make(chan struct{}, 1), capsSent: true, busy: true, wanted: true}
		term.idle = sync.NewCond(&term.mu)
		term.timer = time.AfterFunc(time.Hour, term.tick)
		defer term.timer.Stop()
		term.flow.SetSilent(true)
		start := time.Now()
		time.Sleep(time.Second)
		term.mu.Lock()
		term.flow.Written(start, time.Now(), 1000)
		term.busy = false
		term.changed()
		term.mu.Unlock()
		<-term.ready
		if waited := time.Since(start); waited != 2*time.Second {
			t.Errorf("ready after %v, want the write's time once more", waited)
		}
	})
}
