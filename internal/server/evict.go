package server

import (
	"net/netip"

	"acip/packet"

	"github.com/rs/zerolog"
)

// minHeld is how many slots an address must hold for its idle members to be evicted when all slots are taken. A member
// that waits alone for a friend keeps its slot.
const minHeld = 4

// evictIdle ends an idle session of the address that has most slots, and reports whether one was found. Its slot is
// free at once.
func (s *Server) evictIdle(newcomer netip.Addr) bool {
	var idle []*session
	for _, id := range s.pool.Idle(s.config.idle) {
		if x, ok := s.online.Load(id); ok {
			idle = append(idle, x.(*session))
		}
	}
	ip, slots := s.limiter.mostSlots(idle, newcomer)
	if slots < minHeld {
		return false
	}
	for _, x := range idle {
		if x.ip == ip {
			s.counts.refuse("idle")
			return s.pool.Evict(x.member.ID(), packet.CloseError{
				Code: packet.CodeFull, Reason: "the server is full, and no picture went to or from you: your place was given to somebody else",
			})
		}
	}
	return false
}

// withHeld adds to a log line how many similar lines were left out, if any.
func withHeld(n int) func(*zerolog.Event) {
	return func(e *zerolog.Event) {
		if n > 0 {
			e.Int("left_out", n)
		}
	}
}
