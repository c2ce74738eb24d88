package pool

// limiter lets pictures pass at a rate, evenly. It looks away from a tenth more
// than asked and from two pictures at once, because a camera's 30 is not exactly
// 30 and a network bunches.
type limiter struct {
	due int64 // when the next is expected, ns
}

// pass reports whether a picture that arrives at now is within fps; 0 or less is
// any rate. One that must go counts against those that need not.
func (l *limiter) pass(now int64, fps int, must bool) bool {
	if fps <= 0 {
		return true
	}
	interval := int64(1e9) * 10 / (int64(fps) * 11)
	if !must && l.due > now+2*interval {
		return false
	}
	l.due = min(max(l.due, now)+interval, now+3*interval)
	return true
}
