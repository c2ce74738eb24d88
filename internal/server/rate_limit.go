package server

import (
	"time"

	"golang.org/x/time/rate"
)

// patience is by how many seconds' worth a peer may exceed its rate before the connection ends. Until then, the excess
// is dropped and counted.
const patience = 10

// rateLimit is one rate that a connection must keep. One caller at a time.
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

// decision says what to do with a packet.
type decision uint8

const (
	pass decision = iota
	dropSilently
	dropAndTell // it is time to tell the client
	disconnect
)

// spend takes n from the limit. More than a burst at once is always above it.
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
