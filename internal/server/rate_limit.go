package server

import (
	"time"

	"golang.org/x/time/rate"
)

// patience is for how many seconds' worth a peer may be above its rate before
// the connection ends; until then what is above is dropped and counted.
const patience = 10

// budget is one rate that a connection has to keep. For one goroutine at a time.
type rateLimit struct {
	what   string
	within *rate.Limiter
	excess *rate.Limiter
	told   time.Time
}

// newRateLimit allows per a second, and burst at once; below zero is no limit.
func newRateLimit(what string, per, burst int) rateLimit {
	if per < 0 {
		return rateLimit{what: what}
	}
	return rateLimit{
		what:   what,
		within: rate.NewLimiter(rate.Limit(per), burst),
		excess: rate.NewLimiter(rate.Limit(per), patience*per),
	}
}

// verdict is what is to be done with a packet.
type decision uint8

const (
	pass decision = iota
	dropSilently
	dropAndTell // it is time to tell the client
	disconnect
)

// spend takes n from the budget at a moment. More than a burst at once is more
// than the budget ever holds.
func (b *rateLimit) spend(now time.Time, n int) decision {
	switch {
	case b.within == nil || b.within.AllowN(now, n):
		return pass
	case !b.excess.AllowN(now, n):
		return disconnect
	case now.Sub(b.told) >= time.Second:
		b.told = now
		return dropAndTell
	}
	return dropSilently
}
