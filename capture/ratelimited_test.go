package capture

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"acip/frame"
)

// rolling is a film of so many pictures at a rate, told without waiting.
type rolling struct {
	rate   float64
	at     time.Time
	left   int
	number uint64
}

func (r *rolling) Info() Info   { return Info{FPS: r.rate} }
func (r *rolling) Close() error { return nil }

func (r *rolling) Read(_ context.Context, dst *frame.Frame, _ frame.Size) error {
	if r.left--; r.left < 0 {
		return io.EOF
	}
	dst.Time, dst.Seq = r.at, r.number
	r.at, r.number = r.at.Add(time.Duration(float64(time.Second)/r.rate)), r.number+1
	return nil
}

// TestThinned: a film keeps its speed and loses just the pictures above the rate, whose numbers have no gaps.
func TestThinned(t *testing.T) {
	for _, c := range []struct {
		film, rate float64
		want       int // of ten seconds
	}{{30, 2, 20}, {25, 20, 200}, {30, 30, 300}, {24, 60, 240}, {30, 0.2, 2}} {
		r := &rolling{rate: c.film, at: time.Unix(1, 0), left: int(10 * c.film)}
		s := &rateLimited{Source: r, rate: c.rate}
		n := 0
		var f frame.Frame
		for ; ; n++ {
			if err := s.Read(t.Context(), &f, frame.Size{}); errors.Is(err, io.EOF) {
				break
			} else if err != nil || f.Seq != uint64(n) {
				t.Fatalf("picture %d has number %d, %v", n, f.Seq, err)
			}
		}
		if n < c.want-1 || n > c.want+1 || s.Info().FPS != min(c.film, c.rate) {
			t.Errorf("%v pictures a second at %v: %d in ten seconds, want %d; says %v", c.film, c.rate, n, c.want, s.Info().FPS)
		}
	}
}
