package term

import "time"

// Limits of the flow control.
const (
	maxUnanswered = 2
	// firstBudget is what a terminal of unknown speed is given at once: even a link of 200 kB/s takes it in 160 ms.
	firstBudget = 32 << 10
	// leastBudget lets something change on any terminal.
	leastBudget = 512
	// lostAfter is when an answer is given up.
	lostAfter = 3 * time.Second
	// A terminal that has answered nothing yet may never do so. Its questions went ahead of the first frame, so that it
	// is that or a round trip longer than unheardAfter: frames go on at a rate that a slow link bears until it is
	// known.
	unheardAfter  = 300 * time.Millisecond
	unheardPause  = 100 * time.Millisecond
	unheardBudget = 4 << 10
	// unlimited is a budget that no frame reaches.
	unlimited = 4 << 20
	// quickest keeps rates finite if the clock sees no time pass.
	quickest = 500 * time.Microsecond
)

// flow decides when the next frame may be written and how large it may be, from the answers to the questions that end
// each frame. If no answer ever comes, writes themselves set the pace. It is pure: times are arguments; it is not safe
// for concurrent use.
type flow struct {
	asked     []sentFrame // unanswered, oldest first
	answered  time.Time   // when the last answer came
	base      time.Duration
	rate      float64 // bytes a second, 0 unknown
	lost      int     // answers given up since the last one
	silent    bool
	unheard   bool // questions were asked and nothing has been answered yet
	nextWrite time.Time
}

type sentFrame struct {
	at    time.Time
	bytes int
	idle  bool // nothing was on the way before it
}

// AwaitFirstAnswer records that the first questions are about to be asked.
func (f *flow) AwaitFirstAnswer() { f.unheard = true }

// ObserveRTT takes in the round-trip time of a question without a frame.
func (f *flow) ObserveRTT(rtt time.Duration) {
	f.unheard = false
	if f.base == 0 || rtt < f.base {
		f.base = rtt
	}
}

// SetSilent records whether the terminal answers no questions.
func (f *flow) SetSilent(is bool) {
	f.silent, f.unheard = is, false
	if is {
		f.asked = f.asked[:0]
	}
}

// Begin records that the write of a frame of so many bytes begins.
func (f *flow) Begin(now time.Time, bytes int) {
	if !f.silent {
		f.asked = append(f.asked, sentFrame{at: now, bytes: bytes, idle: len(f.asked) == 0})
	}
}

// Written records that the write of so many bytes, begun at start, has returned. It sets the pace of terminals that
// answer nothing: one that blocks is given as long again to recover.
func (f *flow) Written(start, end time.Time, bytes int) {
	if !f.silent {
		return
	}
	took := end.Sub(start)
	f.nextWrite = end.Add(took)
	if took > quickest {
		f.sample(float64(bytes) / took.Seconds())
	} else {
		f.sample(float64(bytes)/quickest.Seconds() + f.rate)
	}
}

// Answered records the answer to the oldest open question.
func (f *flow) Answered(now time.Time) {
	f.lost = 0
	f.silent, f.unheard = false, false // even if it had seemed so
	if len(f.asked) == 0 {
		return
	}
	s := f.asked[0]
	f.asked = f.asked[:copy(f.asked, f.asked[1:])]
	took := now.Sub(s.at)
	if s.idle {
		f.ObserveRTT(took)
	}
	// It was served from when it could have arrived, or from when the frame before it was done.
	began := s.at.Add(f.base)
	if f.answered.After(began) {
		began = f.answered
	}
	f.answered = now
	f.sample(float64(s.bytes) / max(now.Sub(began), quickest).Seconds())
}

// sample takes in one measured rate. Small frames measure badly, and upwards, so that no sample does more than double
// the rate.
func (f *flow) sample(rate float64) {
	switch {
	case f.rate == 0:
		f.rate = rate
	case rate > f.rate:
		f.rate += (min(rate, 3*f.rate) - f.rate) / 2
	default:
		f.rate += (rate - f.rate) / 4
	}
}

// Ready reports whether another frame may be written now.
func (f *flow) Ready(now time.Time) bool {
	if f.silent {
		return !now.Before(f.nextWrite)
	}
	for len(f.asked) > 0 && now.Sub(f.asked[0].at) > lostAfter {
		f.asked = f.asked[:copy(f.asked, f.asked[1:])]
		if f.lost++; f.lost >= maxUnanswered {
			f.SetSilent(true)
		}
	}
	if f.unheard && len(f.asked) >= maxUnanswered {
		return !now.Before(f.nextUnheard())
	}
	return len(f.asked) < maxUnanswered
}

// nextUnheard is when the next frame may be written though nothing has been answered.
func (f *flow) nextUnheard() time.Time {
	next := f.asked[len(f.asked)-1].at.Add(unheardPause)
	if first := f.asked[0].at.Add(unheardAfter); first.After(next) {
		return first
	}
	return next
}

// Wait returns how long until Ready may change without an answer; 0 if it is ready.
func (f *flow) Wait(now time.Time) time.Duration {
	switch {
	case f.Ready(now):
		return 0
	case f.silent:
		return f.nextWrite.Sub(now)
	case f.unheard:
		return f.nextUnheard().Sub(now)
	}
	return f.asked[0].at.Add(lostAfter).Sub(now) + time.Millisecond
}

// Open returns the number of unanswered questions.
func (f *flow) Open() int { return len(f.asked) }

// Rate returns the measured bytes a second that the terminal takes; 0 is unknown.
func (f *flow) Rate() float64 { return f.rate }

// Budget returns how many bytes a frame may have if frames follow each other at this interval; 0 is no limit.
func (f *flow) Budget(interval time.Duration) int {
	if f.rate == 0 {
		if f.unheard && len(f.asked) > 0 {
			return unheardBudget
		}
		if len(f.asked) > 0 {
			return leastBudget // until the first frame has shown the speed
		}
		return firstBudget
	}
	bytes := 0.85 * f.rate * interval.Seconds()
	if bytes >= unlimited {
		return 0
	}
	return max(int(bytes), leastBudget)
}

// Restart forgets what is on the way, after the terminal was given away.
func (f *flow) Restart() { f.asked, f.lost = f.asked[:0], 0 }
