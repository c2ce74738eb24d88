package call

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"acip/codec"
	"acip/frame"
	"acip/internal/account"
	"acip/media"
	"acip/packet"
)

// receiver is the decoding end of the downward pipeline. Its pictures come from the connection's reader alone; the
// roster is read by others too.
type receiver struct {
	out    Output
	counts *account.Account
	blind  bool // pictures are counted and not decoded
	offset func() time.Duration
	askKey func(id uint32)

	held int  // bytes of decoded pictures
	told bool // that there are more than maxPeers

	unlisted map[uint32]bool // known from before, and not yet named by this connection's roster; the reader's own
	more     int             // members of the roster that are still to come; likewise

	mu    sync.Mutex
	met   []string // names of those who came, in order, the first maxMet
	peers map[uint32]*remote
	ages  map[uint32]time.Duration // of the newest received
}

// remote is one other member.
type remote struct {
	peer   Peer
	seq    uint64 // of raw pictures, which carry no number
	layers map[uint16]*stream
	pic    frame.Frame
	asked  time.Time
}

// stream is one layer's decoder and what it has seen.
type stream struct {
	id  media.Codec
	dec codec.Decoder
	media.Dependency
}

// What a server can have a client keep. An honest room is far smaller; one that makes up members, or pictures for them,
// costs a few hundred megabytes at most.
const (
	maxPeers = 2048      // members in the list: each costs about 2 KB with its tile
	maxMet   = 256       // names that are told at the end
	maxHeld  = 256 << 20 // bytes of decoded pictures, one a peer; the screen has two more of those it shows
)

// askEvery bounds how often a key picture is asked for, a sender.
const askEvery = 500 * time.Millisecond

func newReceiver(out Output, c *account.Account, blind bool) *receiver {
	return &receiver{
		out: out, counts: c, blind: blind, peers: map[uint32]*remote{}, ages: map[uint32]time.Duration{},
		offset: func() time.Duration { return 0 }, askKey: func(uint32) {},
	}
}

// roster takes a welcome's list of the others: who is not in it is gone.
// More of them than these follow, each by itself.
func (r *receiver) roster(members []packet.Member, more int) {
	r.unlisted, r.more = map[uint32]bool{}, more
	for _, p := range r.list() {
		switch listed := slices.ContainsFunc(members, func(m packet.Member) bool { return m.ID == p.ID }); {
		case listed:
		case more > 0:
			r.unlisted[p.ID] = true
		default:
			r.leave(notListed(p))
		}
	}
	for _, m := range members {
		r.join(m)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.peers { // what was half-known is not to be continued over another connection
		for _, s := range p.layers {
			s.Reset()
		}
	}
}

// listed takes a member of the roster that came after the welcome; who has not come by the last of them is gone.
func (r *receiver) listed(m packet.Member) {
	r.join(m)
	if r.more == 0 {
		return
	}
	delete(r.unlisted, m.ID)
	if r.more--; r.more > 0 {
		return
	}
	for _, p := range r.list() {
		if r.unlisted[p.ID] {
			r.leave(notListed(p))
		}
	}
}

// join takes a member that came, or about whom something changed.
func (r *receiver) join(m packet.Member) {
	p := Peer{ID: m.ID, Name: packet.CleanName(m.Name), Watch: m.Role == packet.RoleWatch, Paused: m.Paused}
	r.mu.Lock()
	old := r.peers[m.ID]
	full := old == nil && len(r.peers) >= maxPeers
	switch {
	case old != nil:
		old.peer = p
	case !full:
		r.peers[m.ID] = &remote{peer: p, layers: map[uint16]*stream{}}
	}
	if len(r.met) < maxMet && !slices.Contains(r.met, p.Name) {
		r.met = append(r.met, p.Name)
	}
	r.mu.Unlock()
	if full {
		r.crowded()
		return
	}
	r.counts.Name(p.ID, p.Name)
	r.out.Peer(p)
}

// crowded says once that not all members are shown.
func (r *receiver) crowded() {
	if !r.told {
		r.told = true
		r.out.Note(Note{Kind: NoteInfo, Text: fmt.Sprintf("more than %d people are in the room: the others are not shown", maxPeers)})
	}
}

func (r *receiver) leave(l packet.Leave) {
	r.mu.Lock()
	p := r.peers[l.ID]
	delete(r.peers, l.ID)
	delete(r.ages, l.ID)
	r.mu.Unlock()
	if p == nil {
		return
	}
	r.held -= cap(p.pic.Pix)
	p.close()
	r.out.Gone(l.ID, departure(l))
	r.counts.Forget(l.ID)
}

// pause notes that a peer's picture stops or begins.
func (r *receiver) pause(id uint32, paused bool) {
	r.mu.Lock()
	p := r.peers[id]
	var peer Peer
	if p != nil {
		p.peer.Paused = paused
		peer = p.peer
	}
	r.mu.Unlock()
	if p != nil {
		r.out.Peer(peer)
	}
}

// list is who is there, by id.
func (r *receiver) list() []Peer {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Peer
	for _, p := range r.peers {
		all = append(all, p.peer)
	}
	sortPeers(all)
	return all
}

func sortPeers(list []Peer) {
	slices.SortFunc(list, func(a, b Peer) int { return cmp.Compare(a.ID, b.ID) })
}

// names are those who came.
func (r *receiver) names() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.met)
}

// who is the peer of an id; its ID is 0 when nobody has it.
func (r *receiver) who(id uint32) Peer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.peers[id]; p != nil {
		return p.peer
	}
	return Peer{}
}

// arrivals returns what has come of each sender of whom a picture was decoded.
func (r *receiver) arrivals() []arrival {
	r.mu.Lock()
	all := make([]arrival, 0, len(r.ages))
	for id, age := range r.ages {
		all = append(all, arrival{id: id, age: age})
	}
	r.mu.Unlock()
	for i := range all {
		all[i].received, all[i].missing, all[i].bytes = r.counts.Arrived(all[i].id)
	}
	return all
}

// picture takes a received picture. It is called from the connection's reader only, as are roster and leave.
func (r *receiver) picture(b *packet.Buffer) {
	id := b.Client()
	r.mu.Lock()
	p := r.peers[id]
	r.mu.Unlock()
	r.counts.Receive(id, b.Len())
	if p == nil {
		r.counts.DropDown(id, account.Unwanted) // left, and the server said so before
		return
	}
	had := cap(p.pic.Pix)
	reason := r.decode(p, b)
	if r.held += cap(p.pic.Pix) - had; reason != "" {
		r.counts.DropDown(id, reason)
		return
	}
	age := time.Since(p.pic.Time)
	r.mu.Lock()
	r.ages[id] = age
	r.mu.Unlock()
	r.out.Picture(id, &p.pic)
}

// taken is when a picture was taken, on this machine's monotonic clock, given the moment on the server's. It is not later than
// now: clocks know of each other within half a round trip.
func (r *receiver) taken(at time.Time) time.Time {
	now := time.Now()
	return now.Add(-max(0, now.Add(r.offset()).Sub(at)))
}

// decode fills p.pic, or says why not.
func (r *receiver) decode(p *remote, b *packet.Buffer) account.Reason {
	if b.Type() == packet.ImageFrame {
		return r.decodeImage(p, b.Payload())
	}
	head, data, err := packet.ParseVideo(b.Payload(), 0)
	if err != nil || head.Flags.Has(media.Encrypted) {
		return account.DecodeFailed
	}
	s := p.stream(head)
	if s == nil {
		return account.DecodeFailed
	}
	r.counts.Missing(p.peer.ID, uint64(s.Missing(head.Seq)))
	ok, need := s.Receive(head.Seq, head.Flags)
	if need {
		r.need(p)
	}
	if !ok {
		return account.NoKey
	}
	if !r.room(p, int(head.Width), int(head.Height)) {
		s.Drop(head.Flags)
		return account.DecodeFailed
	}
	p.pic.Seq = uint64(head.Seq)
	p.pic.Time = r.taken(time.UnixMicro(int64(head.Time)))
	if r.blind {
		p.pic.Resize(0, 0)
		return ""
	}
	if err := s.dec.Decode(&p.pic, data, frame.Size{W: int(head.Width), H: int(head.Height)}); err != nil {
		if s.Drop(head.Flags) {
			r.need(p)
		}
		return account.DecodeFailed
	}
	return ""
}

func (r *receiver) decodeImage(p *remote, payload []byte) account.Reason {
	head, pix, err := packet.ParseImage(payload)
	if err != nil {
		return account.DecodeFailed
	}
	p.seq++
	p.pic.Seq = p.seq
	p.pic.Time = r.taken(packet.ImageTime(head.Time, time.Now().Add(r.offset())))
	if r.blind {
		p.pic.Resize(0, 0)
		return ""
	}
	if !r.room(p, int(head.Width), int(head.Height)) {
		return account.DecodeFailed
	}
	p.pic.Resize(int(head.Width), int(head.Height))
	copy(p.pic.Pix, pix)
	return ""
}

// room reports whether a peer's picture may grow to a size. Pictures that are not decoded take none.
func (r *receiver) room(p *remote, w, h int) bool {
	return r.blind || r.held+3*w*h-cap(p.pic.Pix) <= maxHeld
}

// need asks for a key picture, not more often than the server would pass it on.
func (r *receiver) need(p *remote) {
	if now := time.Now(); now.Sub(p.asked) >= askEvery {
		p.asked = now
		r.askKey(p.peer.ID)
	}
}

// stream is the decoder of a picture's layer, made anew when the coding changes; nil where this build has none.
func (p *remote) stream(h packet.VideoHead) *stream {
	id := h.Codec
	s := p.layers[h.Layer]
	if s != nil && s.id == id {
		return s
	}
	dec, err := codec.NewDecoder(id)
	if err != nil {
		return nil
	}
	if s != nil {
		_ = s.dec.Close() // frees memory
	} else if len(p.layers) >= media.MaxLayers {
		return nil // no honest sender has that many
	}
	s = &stream{id: id, dec: dec}
	p.layers[h.Layer] = s
	return s
}

func (p *remote) close() {
	for _, s := range p.layers {
		_ = s.dec.Close() // frees memory
	}
	clear(p.layers)
}

// close frees all decoders; no picture may come afterwards.
func (r *receiver) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.peers {
		p.close()
	}
}

// report is what REPORT tells the server.
func (r *receiver) report() packet.Report {
	var rep packet.Report
	for _, p := range r.list() {
		if s, ok := r.counts.Stream(p.ID); ok {
			rep.Streams = append(rep.Streams, packet.StreamReport{
				ID: p.ID, Received: s.Received, Drawn: s.Drawn, Dropped: s.Dropped, AgeMS: s.Age.Milliseconds(),
			})
		}
	}
	return rep
}
