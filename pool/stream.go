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

	inlineMax = 16 << 10 // bytes of a picture that its viewers' writers need not be woken for
)

// stream is what one member sends.
type stream struct {
	keyframeWanted atomic.Bool // somebody needs a key picture; asked for when the rate allows

	mu      sync.Mutex
	gone    bool
	viewers []*subscription
	toWake  []*sendQueue // room for Publish
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
	seen         int64 // when its newest picture arrived; 0: never
	area         uint32
	codec        media.Codec
	interCoded   bool // its newest picture was one of a chain
	isLatest     bool // the kept picture is the newest one
	lastKeyframe *packet.Buffer
	pic          frame // of kept
}

// Publish hands a picture (IMAGE_FRAME or VIDEO_FRAME) to the viewers in the
// member's room, with the member's id stamped on it. The packet is lent, and the
// caller may not write to it any more. After the member ended it does nothing.
func (m *Member) Publish(b *packet.Buffer) {
	pic := read(b)
	b.Stamp(m.id)
	m.active.Store(m.pool.now())
	toWake := m.offer(b, pic)
	for _, o := range toWake {
		o.wakeWriter()
	}
	m.stream.keep(toWake)
}

// offer hands a picture to the viewers. It returns those whose writers are still
// to be woken.
func (m *Member) offer(b *packet.Buffer, pic frame) (toWake []*sendQueue) {
	s := &m.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil
	}
	pic.at = m.pool.now()
	s.note(b, &pic)
	toWake, s.toWake = s.toWake[:0], nil
	for _, p := range s.viewers {
		placed, needKeyframe := p.offer(b, pic)
		if needKeyframe {
			s.requestKeyframe()
		}
		if placed && b.Len() <= inlineMax {
			toWake = append(toWake, &p.viewer.out)
		} else if placed {
			p.viewer.out.signal()
		}
	}
	m.sendKeyRequest(pic.at)
	return toWake
}

// keep takes back the room for whom to toWake.
func (s *stream) keep(room []*sendQueue) {
	if cap(room) == 0 {
		return
	}
	clear(room)
	s.mu.Lock()
	s.toWake = room[:0]
	s.mu.Unlock()
}

// Lost says that a picture from the member was lost before it could be
// published. Where pictures depend on each other, its viewers need a key.
func (m *Member) Lost() {
	s := &m.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost++
	if !s.interCoded() || s.gone {
		return
	}
	for _, p := range s.viewers {
		p.requireKeyframe()
	}
	s.requestKeyframe()
	m.sendKeyRequest(m.pool.now())
}

// note counts a picture and keeps it where it stands alone.
func (s *stream) note(b *packet.Buffer, pic *frame) {
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
	l.seen, l.interCoded, l.area = pic.at, pic.flags.InterCoded(), pic.area
	l.isLatest = pic.keyframe()
	if pic.keyframe() {
		if l.lastKeyframe != nil {
			l.lastKeyframe.Release()
		}
		l.lastKeyframe, l.pic = b.Retain(), *pic
	}
}

// interCoded reports whether any layer's pictures depend on each other now.
func (s *stream) interCoded() bool {
	for i := range s.layer {
		if s.layer[i].interCoded {
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

// requestKeyframe notes that a key picture is needed. It takes no lock.
func (s *stream) requestKeyframe() { s.keyframeWanted.Store(true) }

// sendKeyRequest asks the sender for a key picture if one is wanted and the last time
// is long enough ago. Under s.mu.
func (m *Member) sendKeyRequest(now int64) {
	s := &m.stream
	if !s.keyframeWanted.Load() || s.gone || s.asked != 0 && now-s.asked < int64(keyEvery) {
		return
	}
	s.keyframeWanted.Store(false)
	s.asked = now
	if b, err := m.pool.buffers.JSON(packet.KeyRequest, 0, packet.Key{ID: m.id}); err == nil {
		m.out.state(&m.out.key, b)
	}
}

// show gives a viewer that has just begun to look the kept picture, or sees to a
// key picture where that is worth nothing. Under s.mu.
func (s *stream) show(p *subscription, now int64) {
	l := &s.layer[s.best(p.target, now)]
	shown := l.lastKeyframe != nil && l.pic.n > p.last && s.isFresh(l, now)
	if shown {
		pic := l.pic
		pic.at = now
		p.uncount(pic)
		if placed, _ := p.offer(l.lastKeyframe, pic); placed {
			p.viewer.out.signal()
		}
	}
	if l.interCoded && !(shown && l.isLatest) {
		p.requireKeyframe()
		s.requestKeyframe()
	}
}

// worth reports whether a kept picture still shows what is.
func (s *stream) isFresh(l *layer, now int64) bool {
	age := now - l.pic.at
	if !l.isLatest {
		return age <= int64(keptFresh)
	}
	return l.pic.at >= s.idle || age <= int64(keptIdle)
}

// forget releases the kept pictures. Under s.mu.
func (s *stream) forget() {
	for i := range s.layer {
		if s.layer[i].lastKeyframe != nil {
			s.layer[i].lastKeyframe.Release()
		}
		s.layer[i].lastKeyframe, s.layer[i].isLatest = nil, false
	}
}

// remove takes a viewer's subscription out. Under s.mu.
func (s *stream) remove(p *subscription) {
	for i, q := range s.viewers {
		if q == p {
			last := len(s.viewers) - 1
			s.viewers[i], s.viewers[last] = s.viewers[last], nil
			s.viewers = s.viewers[:last]
			return
		}
	}
}
