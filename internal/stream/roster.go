package stream

import (
	"cmp"
	"slices"
	"sync"

	"acip/internal/call"
	"acip/mailbox"
)

// roster lists the members of the call, for outputs without a screen. Its methods implement the parts of Output that
// such an output ignores.
type roster struct {
	mu    sync.Mutex
	peers map[uint32]call.Peer
	self  call.Peer
	wake  mailbox.Signal // a member or the connection has changed
}

func newRoster() roster { return roster{peers: map[uint32]call.Peer{}, wake: mailbox.NewSignal()} }

// Peer implements Output.
func (r *roster) Peer(p call.Peer) {
	r.mu.Lock()
	r.peers[p.ID] = p
	r.mu.Unlock()
	r.wake.Notify()
}

// Gone implements Output.
func (r *roster) Gone(id uint32, _ call.Departure) {
	r.mu.Lock()
	delete(r.peers, id)
	r.mu.Unlock()
	r.wake.Notify()
}

// Link implements Output.
func (r *roster) Link(l call.Link) {
	r.mu.Lock()
	r.self = l.Self
	r.mu.Unlock()
	r.wake.Notify()
}

// Note implements Output; the call logs them.
func (r *roster) Note(call.Note) {}

// Status implements Output.
func (r *roster) Status(call.Status) {}

// senders returns the members that may send pictures, ordered by id: all of them, or the one with a name.
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
