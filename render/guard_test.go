package render

import (
	"math/rand/v2"
	"testing"

	"acip/internal/testkit"
	"acip/render/internal/ansi"
)

// atEnd is a copy of values that ends where a page begins that nobody may touch.
func atEnd[T any](t *testing.T, values []T) []T {
	t.Helper()
	g := testkit.Guarded[T](t, len(values))
	copy(g, values)
	return g
}

// TestVectorsKeepWithinTheirSlices: what is read and written ends where the slices end, for rows of all lengths.
func TestVectorsKeepWithinTheirSlices(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 27 {
		if n == 0 {
			continue
		}
		cells, shown := atEnd(t, someCells(r, n)), atEnd(t, someCells(r, n))
		k, g := someMemory(r, n)
		history, gain := atEnd(t, k), atEnd(t, g)
		differs := testkit.Guarded[uint8](t, (n+7)/8)
		updateHistory(history, cells, gain, false)
		selectChanges(differs, cells, shown, gain, history, 1e-4)
		remainingError(gain, history)
		if hasCellVector && n >= 8 {
			p := testkit.Guarded[ansi.Rendition](t, 1)
			p[0] = ansi.Rendition{FG: RGB(110, 125, 93), BG: RGB(100, 121, 90)}
			for i := range differs {
				differs[i] = 0xff
			}
			nextCandidateVector(differs[:n/8], cells, gain, history, &p[0], 1)
		}
		samples := testkit.Guarded[byte](t, n*cellPixels*4)
		for i := range samples {
			samples[i] = byte(r.Uint32()) | byte(i>>n&0xff)
		}
		halves := samples[len(samples)-2*4*n:]
		paintHalves(cells, gain, halves[:4*n], halves[4*n:], shown)
		for _, l := range []*glyphGrid{quadrants, sextants, octants} {
			p := &gridPainter{glyphGrid: l, px: testkit.Guarded[uint32](t, n*cellStride), best: testkit.Guarded[uint32](t, n)}
			p.row(cells, gain, samples[len(samples)-n*l.subs*4:], shown, 0, 0)
		}
		newBlockPainter(TrueColor).row(cells, gain, samples, shown, 0, 0)
		s := letterSet()
		s.searchRow(testkit.Guarded[uint32](t, n), testkit.Guarded[maskSum](t, n*len(s.masks)), samples)
	}
}
