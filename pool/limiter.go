package pool

// limiter lets pictures pass at a rate, evenly. It looks away from a tenth more
// than asked and from two pictures at once, because a camera's 30 is not exactly
// 30 and a network bunches.
type limiter struct {
	due    int64       // when the next is expected, ns
	must   frameBucket // of pictures that others depend on
	starts frameBucket // of those among them that stand alone
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

const (
	ownMost   = 60 // pictures a second that a sender's own rate is taken for
	leastMust = 8  // undroppable pictures that pass at once however low the rate is
)

// passReference reports whether an undroppable picture that arrives at now is within twice
// what was asked: of a picture that starts a chain, by this viewer (fps), since it
// can be left out at the price of what follows it; of another, by whoever asked
// the sender for most (asked), since the sender cannot know better.
func (l *limiter) passReference(now int64, fps, asked int, start bool) bool {
	fps = rateOr(fps)
	if !start {
		return l.must.pass(now, max(fps, min(rateOr(asked), ownMost)))
	}
	return l.starts.pass(now, fps)
}

// rateOr is a rate, or what is taken for the sender's own.
func rateOr(fps int) int {
	if fps <= 0 || fps == ownRate {
		return ownMost
	}
	return fps
}

// frameBucket is a bucket of a second's worth of pictures, filled at twice the rate.
type frameBucket struct {
	used float64 // of the bucket
	at   int64
}

// pass takes a picture from the bucket, if it is not empty.
func (g *frameBucket) pass(now int64, fps int) bool {
	g.used = max(0, g.used-float64(now-g.at)/1e9*2*float64(fps))
	g.at = now
	if g.used+1 > float64(max(fps, leastMust)) {
		return false
	}
	g.used++
	return true
}
