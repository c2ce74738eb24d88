package pool

import (
	"acip/media"
	"acip/packet"
)

// limiter lets pictures pass at a rate, evenly. It tolerates a tenth more than requested, and two pictures at once,
// because a camera's 30 is not exactly 30 and a network bunches.
type limiter struct {
	due        int64       // when the next is expected, ns
	references frameBucket // pictures that others refer to
	keyframes  frameBucket // the keyframes among them
}

// pass reports whether a picture that arrives at now is within the rate. A reference always passes, and counts against
// those that are discardable.
func (l *limiter) pass(now int64, rate media.Rate, reference bool) bool {
	if rate <= media.Native {
		return true
	}
	interval := int64(1e9) * 10 / (int64(rate) * 11)
	if !reference && l.due > now+2*interval {
		return false
	}
	l.due = min(max(l.due, now)+interval, now+3*interval)
	return true
}

const (
	nativeMost     = 60 // pictures a second that a sender's native rate is taken for
	leastReference = 8  // references that pass at once however low the rate is
)

// passReference reports whether a reference frame that arrives at now is within twice the rate: a keyframe within what
// this viewer requested, since it can be left out at the price of what follows it; another within the highest rate that
// was asked of the sender, since the sender cannot know better.
func (l *limiter) passReference(now int64, requested, asked media.Rate, keyframe bool) bool {
	fps := perSecond(requested)
	if !keyframe {
		return l.references.pass(now, max(fps, min(perSecond(asked), nativeMost)))
	}
	return l.keyframes.pass(now, fps)
}

// perSecond returns a rate as a number, which the native rate is taken for as well.
func perSecond(r media.Rate) int {
	if r <= media.Native || r == packet.AskNative {
		return nativeMost
	}
	return int(r)
}

// frameBucket is a token bucket of a second's worth of pictures, filled at twice the rate.
type frameBucket struct {
	used float64
	at   int64
}

// pass takes a picture from the bucket, if it is not empty.
func (g *frameBucket) pass(now int64, fps int) bool {
	g.used = max(0, g.used-float64(now-g.at)/1e9*2*float64(fps))
	g.at = now
	if g.used+1 > float64(max(fps, leastReference)) {
		return false
	}
	g.used++
	return true
}
