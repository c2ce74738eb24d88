package stream

import (
	"context"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/call"
)

// none takes pictures and draws nothing: see Discard.
type none struct {
	roster
	cfg   Config
	mute  bool
	n     int           // pictures so far
	done  chan struct{} // closed after cfg.Frames pictures
	local bool          // there is no server: one's own pictures count
	to    call.Controls
}

// Discard returns an output that draws nothing. Pictures count as drawn once they have arrived whole; it ends after
// cfg.Frames of them. With mute, it asks for none.
func Discard(cfg Config, mute bool) call.Output {
	return &none{roster: newRoster(), cfg: cfg, mute: mute, done: make(chan struct{})}
}

// Run implements Output.
func (n *none) Run(ctx context.Context, c call.Controls) error {
	n.mu.Lock()
	n.to = c
	n.mu.Unlock()
	for {
		c.Want(n.self(), n.wants())
		select {
		case <-n.wake.C():
		case <-n.done:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

func (n *none) wants() (w []call.Want) {
	if n.mute {
		return nil
	}
	for _, p := range n.senders(n.cfg.Peer) {
		w = append(w, call.Want{ID: p.ID, Size: n.cfg.Size})
	}
	return w
}

// self returns the size to ask of one's own picture: zero, unless there is no server.
func (n *none) self() frame.Size {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.local {
		return fixedOr(n.cfg.Size, defaultPage())
	}
	return frame.Size{}
}

// Link implements Output.
func (n *none) Link(l call.Link) {
	n.mu.Lock()
	n.local = l.State == call.LinkNone
	n.mu.Unlock()
	n.roster.Link(l)
}

// Self implements Output.
func (n *none) Self(*frame.Frame) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.local {
		n.count()
	}
}

// count notes a picture and reports whether it was one too many. n.mu is held.
func (n *none) count() (tooMany bool) {
	if n.mute || n.cfg.Frames <= 0 {
		return false
	}
	n.n++
	if n.n == n.cfg.Frames {
		close(n.done)
	}
	return n.n > n.cfg.Frames
}

// Picture implements Output.
func (n *none) Picture(id uint32, f *frame.Frame) {
	n.mu.Lock()
	to := n.to
	if to == nil {
		n.mu.Unlock()
		return // before Run nothing was asked for
	}
	tooMany := n.count()
	n.mu.Unlock()
	if tooMany {
		to.Dropped(id, account.Ended)
		return
	}
	to.Drawn(id, call.StampOf(f))
}
