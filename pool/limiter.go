package pool

// limiter lets pictures pass at a rate, evenly. It looks away from a tenth more
// than asked and from two pictures at once, because a camera's 30 is not exactly
// 30 and a network bunches.
type limiter struct {
	due int64 // when the next is expected, ns
}

// pass reports whether a picture that arrives at now may pass at fps; it always
// may at 0 or less.
func (l *limiter) pass(now int64, fps int) bool {
	if fps <= 0 {
		return true
	}
	interval := int64(1e9) * 10 / (int64(fps) * 11)
	if l.due > now+2*interval {
		return false
	}
	l.due = max(l.due, now) + interval
	return true
}
