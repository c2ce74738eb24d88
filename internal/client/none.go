package client

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"acip/frame"
	"acip/internal/call"
)

// roster is who is there, for outputs that have no screen. Its methods satisfy the parts of Output that such an output
// has no use for.
type roster struct {
	mu    sync.Mutex
	peers map[uint32]call.Peer
	self  call.Peer
	wake  chan struct{} // capacity one, never closed
}

func newRoster() roster { return roster{peers: map[uint32]call.Peer{}, wake: make(chan struct{}, 1)} }

func (r *roster) poke() { signal(r.wake) }

// Peer implements Output.
func (r *roster) Peer(p call.Peer) {
	r.mu.Lock()
	r.peers[p.ID] = p
	r.mu.Unlock()
	r.poke()
}

// Gone implements Output.
func (r *roster) Gone(id uint32, _ string) {
	r.mu.Lock()
	delete(r.peers, id)
	r.mu.Unlock()
	r.poke()
}

// Link implements Output.
func (r *roster) Link(l call.Link) {
	r.mu.Lock()
	r.self = l.Self
	r.mu.Unlock()
	r.poke()
}

// Note implements Output; the call logs them.
func (r *roster) Note(call.Note) {}

// Status implements Output.
func (r *roster) Status(call.Status) {}

// senders is who may send pictures, all of them or the one of a name, in the order of their ids.
func (r *roster) senders(name string) (list []call.Peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.peers {
		if !p.Watch && (name == "" || p.Name == name) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b call.Peer) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// none takes pictures and draws nothing: they are counted as drawn when they are there whole. With mute, it wants none.
type none struct {
	roster
	cfg   Config
	mute  bool
	n     int           // pictures so far
	done  chan struct{} // closed after cfg.Frames pictures
	local bool          // there is no server: one's own pictures count
	to    call.Controls
}

func newNone(cfg Config, mute bool) *none {
	return &none{roster: newRoster(), cfg: cfg, mute: mute, done: make(chan struct{})}
}

// Blind says that pictures need not be decoded.
func (n *none) Blind() {}

// Run implements Output.
func (n *none) Run(ctx context.Context, c call.Controls) error {
	n.mu.Lock()
	n.to = c
	n.mu.Unlock()
	for {
		c.Want(n.self(), n.wants())
		select {
		case <-n.wake:
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

// self is the size at which one's own picture counts: none, but where there is no server.
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
		to.Dropped(id, call.Ended)
		return
	}
	to.Drawn(id, f)
}
