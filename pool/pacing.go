package pool

import (
	"time"

	"acip/packet"
)

// Viewers that change their minds often must not drive a sender: each size costs it a keyframe, which costs everybody.
const (
	demandsBurst = 4 // DEMANDs to a sender within demandsIn
	demandsIn    = time.Second
	growthStep   = 5               // in quarters: a side that grew lately grows by a quarter at least
	growthCalm   = 2 * time.Second // after the last growth a size is taken exactly, and may shrink
	growthFactor = growthStep - 1  // quarters
)

// sendDemand sends the member its demand if that changed and the last ones are long enough ago; else Tick tries again.
// Under Pool.mu.
func (m *Member) sendDemand(now int64) {
	ask := m.paced(now)
	m.due = !equal(ask, m.target)
	if m.asked && equal(ask, m.ask) {
		return
	}
	oldest := m.demandTimes[len(m.demandTimes)-1]
	if oldest != 0 && now-oldest < int64(demandsIn) {
		m.due = true
		return
	}
	copy(m.demandTimes[1:], m.demandTimes[:])
	m.demandTimes[0] = now
	if larger(ask.Width, m.ask.Width) || larger(ask.Height, m.ask.Height) {
		m.grew = now
	}
	m.asked, m.ask = true, ask
	if b, err := m.pool.buffers.JSON(packet.Demand, 0, ask); err == nil {
		m.out.replace(&m.out.demand, b)
	}
}

// paced returns the demand to be sent now: the target, except for sides that changed again soon after they grew. Under
// Pool.mu.
func (m *Member) paced(now int64) packet.Ask {
	ask := m.target
	if ask.FPS == 0 || !m.holds(now) {
		return ask
	}
	ask.Width, ask.Height = paceSide(m.ask.Width, ask.Width), paceSide(m.ask.Height, ask.Height)
	if ask.Width == 0 || ask.Height == 0 {
		ask.Width, ask.Height = 0, 0
	}
	return ask
}

// holds reports whether the size that was sent last grew too lately to be shrunk. Under Pool.mu.
func (m *Member) holds(now int64) bool {
	return m.ask.FPS != 0 && m.grew != 0 && now-m.grew < int64(growthCalm)
}

// held returns that size, or none. It decides which layers there are: otherwise layers would come and go with requests
// that the size does not follow. Under Pool.mu.
func (m *Member) held(now int64) request {
	if !m.holds(now) {
		return none
	}
	return request{wanted: true, width: m.ask.Width, height: m.ask.Height}
}

// paceSide returns the next value of a side that was sent lately and is wanted to change: it grows in steps and does
// not shrink. 0 is the sender's own, the largest.
func paceSide(told, wanted int) int {
	switch {
	case wanted == told || larger(told, wanted):
		return told
	case wanted == 0:
		return 0
	}
	return max(wanted, told*growthStep/growthFactor)
}

// larger reports whether side a is more than b; 0 is the sender's own.
func larger(a, b int) bool { return a != b && (a == 0 || b != 0 && a > b) }
