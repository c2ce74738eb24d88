package call

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"time"
)

// The first wait after the immediate attempt, and the longest.
const (
	backoffFirst = 250 * time.Millisecond
	backoffMax   = 8 * time.Second
)

// backoff computes the waits between attempts to reconnect: none, then from 0.25 s doubling to 8 s, each shortened at random
// by up to a third so that not all members of a room come back at once. The zero value is ready.
type backoff struct{ attempts int }

// next returns the wait before the next attempt; asked is what the server asked for, 0 if nothing.
func (b *backoff) next(asked time.Duration) time.Duration {
	n := b.attempts
	b.attempts++
	if asked > 0 {
		return asked + rand.N(asked/4+time.Millisecond)
	}
	if n == 0 {
		return 0
	}
	d := min(backoffFirst<<min(n-1, 10), backoffMax)
	return d - rand.N(d/3)
}

// reset starts over, after a connection that lasted.
func (b *backoff) reset() { b.attempts = 0 }

// maxRetryAfter bounds the wait that a server can ask for, in seconds.
const maxRetryAfter = 9999

// retrySeconds returns the wait of n seconds that a server asks for; 0 for numbers outside 1..maxRetryAfter.
func retrySeconds(n int) time.Duration {
	if n < 1 || n > maxRetryAfter {
		return 0
	}
	return time.Duration(n) * time.Second
}

// retryAfter returns the wait that the reason of a close asks for, "retry after N s", as older servers do; 0 if none.
func retryAfter(reason string) time.Duration {
	m := regexp.MustCompile(`retry after (\d{1,4}) ?s`).FindStringSubmatch(reason)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // digits only
	return retrySeconds(n)
}
