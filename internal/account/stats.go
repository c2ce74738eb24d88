package account

import (
	"maps"
	"slices"
	"time"
)

// Stats tells what became of every picture of a call. Dropped adds both directions; Up and Down keep them apart:
// Captured = Sent + ΣUp, and Received = Drawn + ΣDown.
type Stats struct {
	Captured   uint64               `json:"captured"`
	Sent       uint64               `json:"sent"`
	SentLayers uint64               `json:"sent_layers"` // further simulcast layers of sent pictures
	Received   uint64               `json:"received"`
	Drawn      uint64               `json:"drawn"`
	Dropped    map[Reason]uint64    `json:"dropped"`
	Up         map[Reason]uint64    `json:"dropped_up"`
	Down       map[Reason]uint64    `json:"dropped_down"`
	BytesIn    uint64               `json:"bytes_in"`
	BytesOut   uint64               `json:"bytes_out"`
	FPS        float64              `json:"fps"` // median over the peers drawn; without any, FPSSent
	FPSSent    float64              `json:"fps_sent"`
	AgeMS      Percentiles          `json:"age_ms"` // from capture to drawn
	Reconnects uint64               `json:"reconnects"`
	Seconds    float64              `json:"seconds"`
	Peers      map[string]PeerStats `json:"peers"`
}

// Percentiles are ages in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// PeerStats is the share of one peer, over all sessions under its name.
type PeerStats struct {
	Received uint64            `json:"received"`
	Drawn    uint64            `json:"drawn"`
	Dropped  map[Reason]uint64 `json:"dropped"`
	BytesIn  uint64            `json:"bytes_in"`
	FPS      float64           `json:"fps"`
	AgeMS    Percentiles       `json:"age_ms"`
}

// Stats returns the account as it stands; lasted is the length of the call so far.
func (a *Account) Stats(lasted time.Duration) Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Stats{
		Captured: a.captured, Sent: a.sent, SentLayers: a.layers, Reconnects: a.reconn,
		BytesIn: a.bytesIn, BytesOut: a.bytesOut, Seconds: round(lasted.Seconds(), 3), FPSSent: round(a.upSpan.rate(), 2),
		Up: maps.Clone(a.up), Down: map[Reason]uint64{}, Dropped: maps.Clone(a.up), Peers: map[string]PeerStats{},
	}
	var ages histogram
	var rates []float64
	for name, p := range a.byName() {
		s.addPeer(name, p)
		ages.merge(&p.ages)
		if p.span.n > 1 {
			rates = append(rates, p.span.rate())
		}
	}
	s.AgeMS = percentiles(&ages)
	s.FPS = s.FPSSent
	if len(rates) > 0 {
		slices.Sort(rates)
		s.FPS = round(rates[len(rates)/2], 2)
	}
	return s
}

func (s *Stats) addPeer(name string, p *peerCounts) {
	s.Received += p.received
	s.Drawn += p.drawn
	for r, n := range p.down {
		s.Down[r] += n
		s.Dropped[r] += n
	}
	if name == strayName {
		return // no peer has these pictures
	}
	s.Peers[name] = PeerStats{
		Received: p.received, Drawn: p.drawn, Dropped: maps.Clone(p.down), BytesIn: p.bytes,
		FPS: round(p.span.rate(), 2), AgeMS: percentiles(&p.ages),
	}
}

func percentiles(h *histogram) Percentiles {
	return Percentiles{P50: millis(h.percentile(0.5)), P99: millis(h.percentile(0.99))}
}

func millis(d time.Duration) float64 { return round(float64(d)/float64(time.Millisecond), 3) }

func round(v float64, digits int) float64 {
	scale := 1.0
	for range digits {
		scale *= 10
	}
	return float64(int64(v*scale+0.5)) / scale
}
