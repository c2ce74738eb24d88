package stream

import (
	"context"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/call"
)

// solo streams one peer: each received picture once, in order.
type solo struct {
	roster
	cfg  Config
	sink sink

	queue handover
	since time.Time     // when the peer was first asked for; guarded by roster.mu
	to    call.Controls // guarded by roster.mu
}

func newSolo(cfg Config, s sink) *solo {
	return &solo{roster: newRoster(), cfg: cfg, sink: s, queue: newHandover()}
}

// Self implements Output.
func (s *solo) Self(*frame.Frame) {}

// settleTime is how long pictures that were taken before this viewer asked are passed over at the start: they may
// have been made for somebody else's smaller window, and a stream keeps the size of its first picture.
const settleTime = time.Second

// Picture implements Output.
func (s *solo) Picture(id uint32, f *frame.Frame) {
	s.mu.Lock()
	to, since, peer := s.to, s.since, s.peers[id]
	s.mu.Unlock()
	if to == nil {
		return
	}
	foreign := s.cfg.Size.Empty() && !since.IsZero() && f.Time.Before(since) && time.Since(since) < settleTime
	if peer.Name != s.cfg.Peer || foreign {
		to.Dropped(id, account.Unwanted)
		return
	}
	if n := s.queue.put(id, f); n > 0 {
		to.Dropped(id, account.ReplacedView)
	}
}

// Run implements Output.
func (s *solo) Run(ctx context.Context, c call.Controls) error {
	s.mu.Lock()
	s.to = c
	s.mu.Unlock()
	defer s.queue.close(func(p *queuedFrame) { c.Dropped(p.id, account.Ended) })
	var w scaledWriter
	w.sink, w.fit = s.sink, s.cfg.Fit
	s.want(c)
	for n := 0; s.cfg.Frames <= 0 || n < s.cfg.Frames; {
		p := s.queue.take()
		if p == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-s.wake.C():
				s.want(c)
			case <-s.queue.filled.C():
			}
			continue
		}
		err := w.write(&p.Frame)
		if err != nil {
			c.Dropped(p.id, account.Ended)
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		c.Drawn(p.id, call.StampOf(&p.Frame))
		s.queue.give(p)
		n++
	}
	return nil
}

// want asks for the peer, at its own size unless another was given.
func (s *solo) want(c call.Controls) {
	var w []call.Want
	for _, p := range s.senders(s.cfg.Peer) {
		w = append(w, call.Want{ID: p.ID, Size: demandSize(s.cfg, s.sink)})
	}
	s.mu.Lock()
	if len(w) > 0 && s.since.IsZero() {
		s.since = time.Now()
	}
	s.mu.Unlock()
	c.Want(frame.Size{}, w)
}

// demandSize returns the size to ask of a single peer: the stream's, or zero for the sender's own.
func demandSize(cfg Config, s sink) frame.Size {
	if a, ok := s.(*ansiSink); ok {
		return a.pixels()
	}
	return cfg.Size
}

// scaledWriter writes pictures at the size of the first one.
type scaledWriter struct {
	sink   sink
	fit    frame.Fit
	size   frame.Size
	known  bool
	scaled frame.Frame
	scaler frame.Scaler
}

func (w *scaledWriter) write(f *frame.Frame) error {
	if !w.known {
		w.size, w.known = w.sink.size(f.Size()), true
	}
	if w.size.Empty() || f.Size() == w.size {
		return w.sink.write(f)
	}
	w.scaled.Resize(w.size.W, w.size.H)
	crop, at := w.fit.Place(f.Size(), w.size)
	if at.Size() != w.size {
		clear(w.scaled.Pix)
	}
	w.scaler.Scale(&w.scaled, at, f, crop)
	return w.sink.write(&w.scaled)
}
