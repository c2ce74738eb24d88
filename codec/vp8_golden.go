//go:build vpx && cgo

package codec

// goldenClock predicts when libvpx updates its golden reference by itself.
//
// In error-resilient mode libvpx never does that, but the mode costs eight bytes a frame for unchanged settings and resets
// the entropy coder's probabilities: together a twelfth of a talking head's bytes. Without the mode, libvpx updates the golden
// reference whenever an update is due, whatever the flags say, even with a frame meant to be discardable. So discardable
// frames are coded without the mode while no update can be due, and with it from then on, until a frame that others may refer
// to has updated the reference.
//
// libvpx counts the frames coded without the mode. Its interval is 7 to 11 of them, longer for scenes with less motion.
type goldenClock struct {
	since  int  // frames since the last update
	least  int  // the shortest interval it can be, from what was seen
	unsure bool // an update may be due at once
}

// goldenAfter is libvpx's shortest interval, DEFAULT_GF_INTERVAL.
const goldenAfter = 7

// due reports whether the next frame might update the golden reference.
func (g *goldenClock) due() bool { return g.unsure || g.since >= max(g.least, goldenAfter) }

// coded takes the newest frame into account.
func (g *goldenClock) coded(t vpxTuning, key, golden, discardable bool) {
	switch {
	case key:
		g.since, g.unsure = 1, t.deadline == 1 // in real-time mode the first interval is empty
	case t.resilient:
	case golden:
		if discardable {
			g.least = g.since
		}
		g.since, g.unsure = 1, false
	default:
		if g.since++; !discardable && !g.unsure {
			g.least = max(g.least, g.since)
		}
	}
}
