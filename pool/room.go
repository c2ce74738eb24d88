package pool

import (
	"cmp"
	"slices"

	"acip/packet"
)

// room is the members that see each other. All of it is guarded by Pool.mu.
type room struct {
	name    string
	members map[uint32]*Member
}

// roster is the members by id, which is the order in which they first came.
func (r *room) roster() []*Member {
	all := make([]*Member, 0, len(r.members))
	for _, m := range r.members {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *Member) int { return cmp.Compare(a.id, b.id) })
	return all
}

// named reports whether somebody has the name.
func (r *room) named(name string) bool {
	for _, m := range r.members {
		if m.name == name {
			return true
		}
	}
	return false
}

// broadcast queues a reference to a control packet for all but one.
func (r *room) broadcast(b *packet.Buffer, but *Member) {
	for _, m := range r.members {
		if m != but {
			m.out.put(b.Retain())
		}
	}
}

// announce broadcasts a control packet of the server's.
func (r *room) announce(t packet.Type, body any, but *Member) {
	b, err := but.pool.buffers.JSON(t, 0, body)
	if err != nil {
		return // a body of ours that JSON cannot hold: there is none
	}
	r.broadcast(b, but)
	b.Release()
}

// enter takes a member in: it is told who is there, they are told who came, and
// everybody's demands follow.
func (r *room) enter(m *Member, welcome packet.Welcome) error {
	others := r.roster()
	welcome.Members = make([]packet.Member, 0, len(others))
	for _, o := range others {
		welcome.Members = append(welcome.Members, o.listed())
	}
	b, err := m.pool.buffers.JSON(packet.WelcomeType, 0, welcome)
	if err != nil {
		return err
	}
	m.out.put(b)
	r.members[m.id] = m
	r.announce(packet.ClientJoin, m.listed(), m)
	for _, o := range others {
		o.sees(m)
		m.sees(o)
	}
	m.demand()
	return nil
}

// leave takes a member out: nobody sees it any more, nothing waits for it, and
// the others are told.
func (r *room) leave(m *Member, reason string) {
	m.left = true
	delete(r.members, m.id)
	s := &m.stream
	s.mu.Lock()
	s.gone = true
	s.forget()
	s.mu.Unlock()
	for _, o := range r.members {
		o.loses(m)
		m.loses(o)
	}
	m.out.close(m.views)
	r.announce(packet.ClientLeave, packet.Leave{ID: m.id, Name: m.name, Reason: packet.CleanText(reason)}, m)
}
