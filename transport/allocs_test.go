//go:build !race

package transport_test

import (
	"testing"

	"acip/internal/testkit"
)

// TestNoAllocations: in the steady state a picture costs none, at both ends and in both directions together. (The race
// detector empties pools at random.)
func TestNoAllocations(t *testing.T) {
	payload := testkit.Image(160, 90, 1)
	m := newMirror(t)
	for range 20 {
		m.once(t, payload)
	}
	if n := testing.AllocsPerRun(300, func() { m.once(t, payload) }); n >= 1 {
		t.Errorf("%.1f allocations a picture", n)
	}
	m.close(t)
}
