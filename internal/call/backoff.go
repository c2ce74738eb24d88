package call

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"time"
)

// The first wait of a backoff, after one attempt at once, and the longest.
const (
	backoffFirst = 250 * time.Millisecond
	backoffMost  = 8 * time.Second
)

// backoff is how long to wait before each attempt to connect again: at once, then from 0.25 s doubling to 8 s, each
// shortened at random by up to a third so that a room does not come back in one instant. The zero value is ready.
type backoff struct{ attempts int }

// next is the wait before the next attempt; asked is what the server asked for, 0 if nothing.
func (b *backoff) next(asked time.Duration) time.Duration {
	n := b.attempts
	b.attempts++
	if asked > 0 {
		return asked + rand.N(asked/4+time.Millisecond)
	}
	if n == 0 {
		return 0
	}
	d := min(backoffFirst<<min(n-1, 10), backoffMost)
	return d - rand.N(d/3)
}

// reset begins anew after a connection that was good.
func (b *backoff) reset() { b.attempts = 0 }

// retryAfter is the wait that a close reason asks for: "retry after N s".
func retryAfter(reason string) time.Duration {
	m := regexp.MustCompile(`retry after (\d{1,4}) ?s`).FindStringSubmatch(reason)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // digits only
	return time.Duration(n) * time.Second
}
