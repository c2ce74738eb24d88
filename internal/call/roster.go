package call

import (
	"cmp"
	"fmt"
	"slices"

	"acip/packet"
)

// What a server can make a client remember. Real rooms are far smaller; a server that invents members, or pictures of
// them, costs a few hundred megabytes at most.
const (
	maxPeers   = 2048      // members in the roster: each costs about 2 KB with its tile
	maxMet     = 256       // names that are listed at the end
	maxDecoded = 256 << 20 // bytes of decoded pictures, one per peer; the screen has two more of those it shows
)

// setRoster takes the roster of a welcome: members that it lacks have left. more members follow one by one.
func (d *downlink) setRoster(members []packet.Member, more int) {
	d.unlisted, d.more = map[uint32]bool{}, more
	for _, p := range d.list() {
		switch listed := slices.ContainsFunc(members, func(m packet.Member) bool { return m.ID == p.ID }); {
		case listed:
		case more > 0:
			d.unlisted[p.ID] = true
		default:
			d.leave(notListed(p))
		}
	}
	for _, m := range members {
		d.join(m)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.peers { // inter-coded frames do not continue over another connection
		for _, l := range p.layers {
			l.Reset()
		}
	}
}

// onJoin takes a CLIENT_JOIN: a new member, or one of those that follow a welcome. After the last of these, members that
// were not listed have left.
func (d *downlink) onJoin(m packet.Member) {
	d.join(m)
	if d.more == 0 {
		return
	}
	delete(d.unlisted, m.ID)
	if d.more--; d.more > 0 {
		return
	}
	for _, p := range d.list() {
		if d.unlisted[p.ID] {
			d.leave(notListed(p))
		}
	}
}

// join adds or changes a member.
func (d *downlink) join(m packet.Member) {
	p := Peer{ID: m.ID, Name: packet.CleanName(m.Name), Watch: m.Role == packet.RoleWatch, Paused: m.Paused}
	d.mu.Lock()
	old := d.peers[m.ID]
	full := old == nil && len(d.peers) >= maxPeers
	switch {
	case old != nil:
		old.peer = p
	case !full:
		d.peers[m.ID] = &remote{peer: p, layers: map[uint16]*remoteLayer{}}
	}
	if len(d.met) < maxMet && !slices.Contains(d.met, p.Name) {
		d.met = append(d.met, p.Name)
	}
	d.mu.Unlock()
	if full {
		d.announceFull()
		return
	}
	d.account.Name(p.ID, p.Name)
	d.out.Peer(p)
}

// announceFull says once that not all members are shown.
func (d *downlink) announceFull() {
	if !d.fullAnnounced {
		d.fullAnnounced = true
		d.out.Note(Note{Kind: NoteInfo, Text: fmt.Sprintf("more than %d people are in the room: the others are not shown", maxPeers)})
	}
}

// leave removes a member.
func (d *downlink) leave(l packet.Leave) {
	d.mu.Lock()
	p := d.peers[l.ID]
	delete(d.peers, l.ID)
	delete(d.ages, l.ID)
	d.mu.Unlock()
	if p == nil {
		return
	}
	d.decoded -= cap(p.pic.Pix)
	p.close()
	d.out.Gone(l.ID, departure(l))
	d.account.Forget(l.ID)
}

// setPaused notes that a peer stopped sending, or started again.
func (d *downlink) setPaused(id uint32, paused bool) {
	d.mu.Lock()
	p := d.peers[id]
	var peer Peer
	if p != nil {
		p.peer.Paused = paused
		peer = p.peer
	}
	d.mu.Unlock()
	if p != nil {
		d.out.Peer(peer)
	}
}

// list returns the members in the order of their ids.
func (d *downlink) list() []Peer {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Peer
	for _, p := range d.peers {
		all = append(all, p.peer)
	}
	slices.SortFunc(all, func(a, b Peer) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// names returns the names of all members so far, in the order in which they came, the first maxMet of them.
func (d *downlink) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.met)
}

// member returns the member with an id; the zero Peer if there is none.
func (d *downlink) member(id uint32) Peer {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.peers[id]; p != nil {
		return p.peer
	}
	return Peer{}
}

// arrivals returns what has arrived of each sender of which a picture was decoded.
func (d *downlink) arrivals() []arrival {
	d.mu.Lock()
	all := make([]arrival, 0, len(d.ages))
	for id, age := range d.ages {
		all = append(all, arrival{id: id, age: age})
	}
	d.mu.Unlock()
	for i := range all {
		all[i].received, all[i].missing, all[i].bytes = d.account.Arrived(all[i].id)
	}
	return all
}

// report returns what REPORT tells the server.
func (d *downlink) report() packet.Report {
	var rep packet.Report
	for _, p := range d.list() {
		if s, ok := d.account.Stream(p.ID); ok {
			rep.Streams = append(rep.Streams, packet.StreamReport{
				ID: p.ID, Received: s.Received, Drawn: s.Drawn, Dropped: s.Dropped, AgeMS: s.Age.Milliseconds(),
			})
		}
	}
	return rep
}
