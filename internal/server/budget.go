package server

import (
	"time"

	"golang.org/x/time/rate"
)

// patience is for how many seconds' worth a peer may be above its rate before
// the connection ends; until then what is above is dropped and counted.
const patience = 10

// budget is one rate that a connection has to keep. For one goroutine at a time.
type budget struct {
	what   string
	within *rate.Limiter
	excess *rate.Limiter
	told   time.Time
}

// newBudget allows per a second, and burst at once; below zero is no limit.
func newBudget(what string, per, burst int) budget {
	if per < 0 {
		return budget{what: what}
	}
	return budget{
		what:   what,
		within: rate.NewLimiter(rate.Limit(per), burst),
		excess: rate.NewLimiter(rate.Limit(per), patience*per),
	}
}

// verdict is what is to be done with a packet.
type verdict uint8

const (
	pass verdict = iota
	refuse
	tell // refuse, and it is time to say so
	cut  // end the connection
)

// spend takes n from the budget at a moment. More than a burst at once is more
// than the budget ever holds.
func (b *budget) spend(now time.Time, n int) verdict {
	switch {
	case b.within == nil || b.within.AllowN(now, n):
		return pass
	case !b.excess.AllowN(now, n):
		return cut
	case now.Sub(b.told) >= time.Second:
		b.told = now
		return tell
	}
	return refuse
}
