package pool

import (
	"time"

	"acip/packet"
)

// A sender is not to be driven by how often its viewers change their minds: each
// size costs it a key picture, which costs everybody.
const (
	demandsMost  = 4               // DEMANDs to a sender within demandsIn
	demandsIn    = time.Second     // so many at once where it was calm, one after another where not
	growthStep   = 5               // in quarters: a side that grew lately grows by a quarter at least
	growthCalm   = 2 * time.Second // after the last growth a size is taken exactly, and may shrink
	growthFactor = growthStep - 1  // quarters
)

// tellDemand sends the member its demand if it is another one and the last are
// long enough ago; else Tick comes back to it. Under Pool.mu.
func (m *Member) tellDemand(now int64) {
	ask := m.paced(now)
	m.due = !equal(ask, m.target)
	if m.asked && equal(ask, m.ask) {
		return
	}
	oldest := m.told[len(m.told)-1]
	if oldest != 0 && now-oldest < int64(demandsIn) {
		m.due = true
		return
	}
	copy(m.told[1:], m.told[:])
	m.told[0] = now
	if larger(ask.Width, m.ask.Width) || larger(ask.Height, m.ask.Height) {
		m.grew = now
	}
	m.asked, m.ask = true, ask
	if b, err := m.pool.buffers.JSON(packet.Demand, 0, ask); err == nil {
		m.out.state(&m.out.ask, b)
	}
}

// paced is the demand to be told now: the one that is wanted, but for sides that
// changed again soon after they grew. Under Pool.mu.
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

// holds reports whether the size that was told last grew too lately to be shrunk. Under Pool.mu.
func (m *Member) holds(now int64) bool {
	return m.ask.FPS != 0 && m.grew != 0 && now-m.grew < int64(growthCalm)
}

// held is that size, a width below 0 where there is none. Which layers there are follows from it: else they would come and go
// with wishes that the size does not follow. Under Pool.mu.
func (m *Member) held(now int64) want {
	if !m.holds(now) {
		return want{width: -1}
	}
	return want{wanted: true, width: m.ask.Width, height: m.ask.Height}
}

// paceSide is a side that was told lately and is now wanted to be another: it
// grows in steps and does not shrink. 0 is the sender's own, the largest.
func paceSide(told, wanted int) int {
	switch {
	case wanted == told || larger(told, wanted):
		return told
	case wanted == 0:
		return 0
	}
	return max(wanted, told*growthStep/growthFactor)
}

// larger reports whether a side is more than another; 0 is the sender's own.
func larger(a, b int) bool { return a != b && (a == 0 || b != 0 && a > b) }
