//go:build vpx && cgo

package codec

// goldenClock foresees when libvpx keeps a picture as golden by itself.
//
// Its error-resilient mode, which never does, costs eight bytes a picture for settings that don't change, and lets no picture
// learn from those before which bits are likely: together a twelfth of a talking head. Without that mode a golden picture is
// kept whenever one is due, whatever flags say, also of one that is to be droppable. So those are coded without it while none can
// be due, and with it from then on, until one that others depend on was kept.
//
// libvpx counts pictures that are coded without that mode. Its interval is seven to eleven of them, the longer the more stands
// still.
type goldenClock struct {
	since  int  // pictures since a golden one
	least  int  // the interval, as far as was seen
	unsure bool // one may be due at once
}

// goldenAfter is libvpx's shortest interval, DEFAULT_GF_INTERVAL.
const goldenAfter = 7

// due reports whether the next picture might be kept.
func (g *goldenClock) due() bool { return g.unsure || g.since >= max(g.least, goldenAfter) }

// coded takes the newest picture into account.
func (g *goldenClock) coded(t vpxTuning, key, golden, droppable bool) {
	switch {
	case key:
		g.since, g.unsure = 1, t.deadline == 1 // in real-time mode the first interval is empty
	case t.resilient:
	case golden:
		if droppable {
			g.least = g.since
		}
		g.since, g.unsure = 1, false
	default:
		if g.since++; !droppable && !g.unsure {
			g.least = max(g.least, g.since)
		}
	}
}
