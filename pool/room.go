package pool

import (
	"cmp"
	"slices"

	"acip/packet"
)

// room holds the members of one call. All of it is guarded by Pool.mu.
type room struct {
	name      string
	members   map[uint32]*Member
	announcer announcer
}

// roster returns the members by id, which is the order in which they first joined.
func (r *room) roster() []*Member {
	all := make([]*Member, 0, len(r.members))
	for _, m := range r.members {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *Member) int { return cmp.Compare(a.id, b.id) })
	return all
}

// named reports whether a member has the name.
func (r *room) named(name string) bool {
	for _, m := range r.members {
		if m.name == name {
			return true
		}
	}
	return false
}

// broadcast queues a reference to a control packet for all members but one.
func (r *room) broadcast(b *packet.Buffer, but *Member) {
	for _, m := range r.members {
		if m != but {
			m.out.put(b.Retain())
		}
	}
}

// announce broadcasts a control packet from the server.
func (r *room) announce(t packet.Type, body any, but *Member) {
	b, err := but.pool.buffers.JSON(t, 0, body)
	if err != nil {
		return // not reachable: JSON can hold every such body
	}
	r.broadcast(b, but)
	b.Release()
}

// rosterBytes bounds the roster in a WELCOME. The other members follow, so that no number of them makes a WELCOME too
// large to be sent.
const rosterBytes = packet.MaxControl / 2

// enter adds a member. It is told who is there; the others are told of it as soon as the announcer allows.
func (r *room) enter(m *Member, welcome packet.Welcome) error {
	var known []*Member
	for _, o := range r.roster() {
		if o.introduced {
			known = append(known, o)
		}
	}
	rest := fill(&welcome, known)
	b, err := m.pool.buffers.JSON(packet.WelcomeType, 0, welcome)
	if err != nil {
		return err
	}
	m.out.put(b)
	for _, o := range rest {
		if b, err := m.pool.buffers.JSON(packet.ClientJoin, 0, o.listed()); err == nil {
			m.out.putUnbounded(b)
		}
	}
	r.members[m.id] = m
	for _, o := range known {
		m.subscribe(o)
	}
	m.joined = m.pool.now()
	m.active.Store(m.joined)
	m.demand()
	if !r.announcer.allow(m, m.joined) {
		r.announcer.waiting = append(r.announcer.waiting, m)
		return nil
	}
	r.introduce(m)
	return nil
}

// fill puts as many members into a WELCOME as fit, and returns the others.
func fill(w *packet.Welcome, all []*Member) (rest []*Member) {
	w.Members = make([]packet.Member, 0, len(all))
	size := 0
	for i, o := range all {
		// Braces, quotes and names of fields, and every byte of the name escaped.
		if size += 128 + 6*len(o.name); size > rosterBytes {
			w.More = len(all) - i
			return all[i:]
		}
		w.Members = append(w.Members, o.listed())
	}
	return nil
}

// introduce tells the others of a member, and subscribes them to it. Under Pool.mu.
func (r *room) introduce(m *Member) {
	m.introduced, m.stated = true, false
	r.announce(packet.ClientJoin, m.listed(), m)
	for _, o := range r.roster() {
		if o != m {
			o.subscribe(m)
		}
	}
}

// tick introduces the members that the announcer allows by now. Under Pool.mu.
func (r *room) tick(now int64) {
	for len(r.announcer.waiting) > 0 && r.announcer.allow(r.announcer.waiting[0], now) {
		m := r.announcer.waiting[0]
		r.announcer.waiting = r.announcer.waiting[1:]
		r.introduce(m)
	}
}

// leave removes a member and all subscriptions to it and of it. The others are told, if they knew of it.
func (r *room) leave(m *Member, code packet.Code, reason string) {
	m.left = true
	delete(r.members, m.id)
	s := &m.stream
	s.mu.Lock()
	s.gone = true
	s.forget()
	s.mu.Unlock()
	for _, o := range r.members {
		o.unsubscribe(m)
		m.unsubscribe(o)
	}
	m.out.close(m.subscriptions)
	r.announcer.left(m)
	if m.introduced {
		r.announce(packet.ClientLeave, packet.Leave{ID: m.id, Name: m.name, Reason: packet.CleanText(reason), Code: code}, m)
	}
}
