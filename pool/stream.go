package pool

import (
	"sync"
	"sync/atomic"
	"time"

	"acip/media"
	"acip/packet"
)

const (
	layers    = packet.LayerRaw + 1    // of one sender that are told apart
	keyEvery  = 500 * time.Millisecond // at most two KEY_REQUESTs a second to a sender
	layerLive = 2 * time.Second        // a layer without pictures for longer is not chosen
	keptFresh = time.Second            // a kept key that others followed is shown for so long
	keptIdle  = 5 * time.Second        // a kept picture from before nobody looked, likewise

	callMost = 16 << 10 // bytes of a picture that its viewers' writers need not be woken for
)

// stream is what one member sends.
type stream struct {
	keyWanted atomic.Bool // somebody needs a key picture; asked for when the rate allows

	mu      sync.Mutex
	gone    bool
	viewers []*pair
	roused  []*outbox // room for Publish
	frames  uint64
	bytes   uint64
	lost    uint64 // pictures of it that were dropped on their way in
	asked   int64  // when a key was last asked for
	idle    int64  // when the last viewer looked away
	rate    int    // pictures a second that were last asked of it; 0: none
	altered bool   // the main picture's codec changed, so that the demand may
	layer   [layers]layer
}

// layer is one size of a stream.
type layer struct {
	seen    int64 // when its newest picture arrived; 0: never
	area    uint32
	codec   media.Codec
	chained bool // its newest picture was one of a chain
	pure    bool // the kept picture is the newest one
	kept    *packet.Buffer
	pic     picture // of kept
}

// Publish hands a picture (IMAGE_FRAME or VIDEO_FRAME) to the viewers in the
// member's room, with the member's id stamped on it. The packet is lent, and the
// caller may not write to it any more. After the member ended it does nothing.
func (m *Member) Publish(b *packet.Buffer) {
	pic := read(b)
	b.Stamp(m.id)
	m.active.Store(m.pool.now())
	roused := m.offer(b, pic)
	for _, o := range roused {
		o.rouse()
	}
	m.stream.keep(roused)
}

// offer hands a picture to the viewers. It returns those whose writers are still
// to be woken.
func (m *Member) offer(b *packet.Buffer, pic picture) (rouse []*outbox) {
	s := &m.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil
	}
	pic.at = m.pool.now()
	s.note(b, &pic)
	rouse, s.roused = s.roused[:0], nil
	for _, p := range s.viewers {
		placed, needKey := p.offer(b, pic)
		if needKey {
			s.wantKey()
		}
		if placed && b.Len() <= callMost {
			rouse = append(rouse, &p.viewer.out)
		} else if placed {
			p.viewer.out.signal()
		}
	}
	m.flushKey(pic.at)
	return rouse
}

// keep takes back the room for whom to rouse.
func (s *stream) keep(room []*outbox) {
	if cap(room) == 0 {
		return
	}
	clear(room)
	s.mu.Lock()
	s.roused = room[:0]
	s.mu.Unlock()
}

// Lost says that a picture from the member was lost before it could be
// published. Where pictures depend on each other, its viewers need a key.
func (m *Member) Lost() {
	s := &m.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost++
	if !s.chained() || s.gone {
		return
	}
	for _, p := range s.viewers {
		p.unsync()
	}
	s.wantKey()
	m.flushKey(m.pool.now())
}

// note counts a picture and keeps it where it stands alone.
func (s *stream) note(b *packet.Buffer, pic *picture) {
	s.frames++
	s.bytes += uint64(pic.size)
	pic.n = s.frames
	if pic.layer >= layers {
		return
	}
	l := &s.layer[pic.layer]
	if pic.layer == packet.LayerMain && l.seen != 0 && l.codec != pic.codec {
		s.altered = true
	}
	l.codec = pic.codec
	l.seen, l.chained, l.area = pic.at, pic.flags.InterCoded(), pic.area
	l.pure = pic.key()
	if pic.key() {
		if l.kept != nil {
			l.kept.Release()
		}
		l.kept, l.pic = b.Retain(), *pic
	}
}

// chained reports whether any layer's pictures depend on each other now.
func (s *stream) chained() bool {
	for i := range s.layer {
		if s.layer[i].chained {
			return true
		}
	}
	return false
}

// best is the layer to pass on to a viewer that one suits: that one while it
// is sent, else the main one. Under s.mu.
func (s *stream) best(target uint16, now int64) uint16 {
	if target != 0 && s.live(target, now) {
		return target
	}
	return 0
}

// live reports whether a layer is being sent. Under s.mu.
func (s *stream) live(layer uint16, now int64) bool {
	return s.layer[layer].seen != 0 && now-s.layer[layer].seen < int64(layerLive)
}

// wantKey notes that a key picture is needed. It takes no lock.
func (s *stream) wantKey() { s.keyWanted.Store(true) }

// flushKey asks the sender for a key picture if one is wanted and the last time
// is long enough ago. Under s.mu.
func (m *Member) flushKey(now int64) {
	s := &m.stream
	if !s.keyWanted.Load() || s.gone || s.asked != 0 && now-s.asked < int64(keyEvery) {
		return
	}
	s.keyWanted.Store(false)
	s.asked = now
	if b, err := m.pool.buffers.JSON(packet.KeyRequest, 0, packet.Key{ID: m.id}); err == nil {
		m.out.state(&m.out.key, b)
	}
}

// show gives a viewer that has just begun to look the kept picture, or sees to a
// key picture where that is worth nothing. Under s.mu.
func (s *stream) show(p *pair, now int64) {
	l := &s.layer[s.best(p.target, now)]
	shown := l.kept != nil && l.pic.n > p.last && s.worth(l, now)
	if shown {
		pic := l.pic
		pic.at = now
		p.recall(pic)
		if placed, _ := p.offer(l.kept, pic); placed {
			p.viewer.out.signal()
		}
	}
	if l.chained && !(shown && l.pure) {
		p.unsync()
		s.wantKey()
	}
}

// worth reports whether a kept picture still shows what is.
func (s *stream) worth(l *layer, now int64) bool {
	age := now - l.pic.at
	if !l.pure {
		return age <= int64(keptFresh)
	}
	return l.pic.at >= s.idle || age <= int64(keptIdle)
}

// forget releases the kept pictures. Under s.mu.
func (s *stream) forget() {
	for i := range s.layer {
		if s.layer[i].kept != nil {
			s.layer[i].kept.Release()
		}
		s.layer[i].kept, s.layer[i].pure = nil, false
	}
}

// remove takes a viewer's pair out. Under s.mu.
func (s *stream) remove(p *pair) {
	for i, q := range s.viewers {
		if q == p {
			last := len(s.viewers) - 1
			s.viewers[i], s.viewers[last] = s.viewers[last], nil
			s.viewers = s.viewers[:last]
			return
		}
	}
}
