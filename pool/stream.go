package pool

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"acip/media"
	"acip/packet"
)

const (
	layers    = packet.LayerRaw + 1    // simulcast layers of one sender
	keyEvery  = 500 * time.Millisecond // at most two KEY_REQUESTs a second to a sender
	layerLive = 2 * time.Second        // a layer without pictures for longer is not chosen
	keptFresh = time.Second            // how long a keyframe is shown that others followed
	keptIdle  = 5 * time.Second        // how long a keyframe is shown that is older than the last viewer's leaving

	inlineMax = 16 << 10 // bytes of a frame for which the viewers' writers need not be woken
)

// stream is what one member sends: its tracks.
type stream struct {
	keyframeWanted atomic.Bool // a viewer needs a keyframe; requested when the rate allows

	mu        sync.Mutex
	gone      bool
	viewers   []*subscription // of the video track
	listeners []*subscription // of the audio track
	toWake    []*sendQueue    // a slice that Publish uses again
	frames    uint64          // pictures
	bytes     uint64          // of pictures
	audio     uint64          // frames of audio
	lost      uint64          // pictures that were dropped on their way in
	requested int64           // when a keyframe was last requested
	idle      int64           // when the last viewer unsubscribed
	rate      media.Rate      // last asked of the sender
	altered   bool            // the main picture's codec changed, so that the demand may
	layer     [layers]layer
}

// layer is one simulcast layer of a video track.
type layer struct {
	seen         int64 // when its newest picture arrived; 0: never
	area         uint32
	codec        media.Codec
	interCoded   bool // its newest picture refers to others, or others will refer to it
	isLatest     bool // lastKeyframe is the newest picture
	lastKeyframe *packet.Buffer
	frame        frame // of lastKeyframe
}

// Publish offers a frame (IMAGE_FRAME, VIDEO_FRAME or AUDIO_FRAME) to the subscribers of its track, with the member's
// id stamped on it. The packet is lent, and the caller may not write to it afterwards. After the member ended, Publish
// does nothing. Frames of audio reach nobody before SetStreaming announced the track.
func (m *Member) Publish(b *packet.Buffer) {
	f := readFrame(b)
	b.Stamp(m.id)
	m.active.Store(m.pool.now())
	toWake := m.fanOut(b, f)
	for _, o := range toWake {
		o.wakeWriter()
	}
	m.stream.reuse(toWake)
}

// fanOut offers a frame to the subscribers of its track. It returns the send queues whose writers are still to be
// woken.
func (m *Member) fanOut(b *packet.Buffer, f frame) (toWake []*sendQueue) {
	s := &m.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil
	}
	f.at = m.pool.now()
	list := s.viewers
	if f.kind == media.Audio {
		list = s.listeners
		s.audio++
		f.n = s.audio
	} else {
		s.note(b, &f)
	}
	toWake, s.toWake = s.toWake[:0], nil
	for _, p := range list {
		queued, needKeyframe := p.offer(b, f)
		if needKeyframe {
			s.requestKeyframe()
		}
		if queued && b.Len() <= inlineMax {
			toWake = append(toWake, &p.viewer.out)
		} else if queued {
			p.viewer.out.signal()
		}
	}
	m.sendKeyRequest(f.at)
	return toWake
}

// reuse keeps the slice that fanOut returned for the next frame.
func (s *stream) reuse(list []*sendQueue) {
	if cap(list) == 0 {
		return
	}
	clear(list)
	s.mu.Lock()
	s.toWake = list[:0]
	s.mu.Unlock()
}

// Lost notes that a picture from the member was lost before it could be published. If others refer to it, the viewers
// need a keyframe.
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

// note counts a picture, and caches it if it is a keyframe.
func (s *stream) note(b *packet.Buffer, f *frame) {
	s.frames++
	s.bytes += uint64(f.size)
	f.n = s.frames
	if f.layer >= layers {
		return
	}
	l := &s.layer[f.layer]
	if f.layer == packet.LayerMain && l.seen != 0 && l.codec != f.codec {
		s.altered = true
	}
	l.codec = f.codec
	l.seen, l.interCoded, l.area = f.at, f.flags.InterCoded(), f.area
	l.isLatest = f.keyframe()
	if f.keyframe() {
		if l.lastKeyframe != nil {
			l.lastKeyframe.Release()
		}
		l.lastKeyframe, l.frame = b.Retain(), *f
	}
}

// interCoded reports whether any layer is inter-coded now.
func (s *stream) interCoded() bool {
	for i := range s.layer {
		if s.layer[i].interCoded {
			return true
		}
	}
	return false
}

// best returns the layer to pass on to a viewer that target suits: target while it is sent, else the main layer. Under
// s.mu.
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

// requestKeyframe notes that a keyframe is needed. It takes no lock.
func (s *stream) requestKeyframe() { s.keyframeWanted.Store(true) }

// sendKeyRequest requests a keyframe from the sender if one is needed and the last request is long enough ago. Under
// s.mu.
func (m *Member) sendKeyRequest(now int64) {
	s := &m.stream
	if !s.keyframeWanted.Load() || s.gone || s.requested != 0 && now-s.requested < int64(keyEvery) {
		return
	}
	s.keyframeWanted.Store(false)
	s.requested = now
	if b, err := m.pool.buffers.JSON(packet.KeyRequest, 0, packet.Key{ID: m.id}); err == nil {
		m.out.replace(&m.out.keyRequest, b)
	}
}

// show sends a new viewer the cached keyframe, or requests a fresh one if the cached one is too old. Under s.mu.
func (s *stream) show(p *subscription, now int64) {
	l := &s.layer[s.best(p.target, now)]
	shown := l.lastKeyframe != nil && l.frame.n > p.last && s.isFresh(l, now)
	if shown {
		f := l.frame
		f.at = now
		p.uncount(f)
		if queued, _ := p.offer(l.lastKeyframe, f); queued {
			p.viewer.out.signal()
		}
	}
	if l.interCoded && !(shown && l.isLatest) {
		p.requireKeyframe()
		s.requestKeyframe()
	}
}

// isFresh reports whether a layer's cached keyframe is recent enough to be shown.
func (s *stream) isFresh(l *layer, now int64) bool {
	age := now - l.frame.at
	if !l.isLatest {
		return age <= int64(keptFresh)
	}
	return l.frame.at >= s.idle || age <= int64(keptIdle)
}

// forget releases the cached keyframes. Under s.mu.
func (s *stream) forget() {
	for i := range s.layer {
		if s.layer[i].lastKeyframe != nil {
			s.layer[i].lastKeyframe.Release()
		}
		s.layer[i].lastKeyframe, s.layer[i].isLatest = nil, false
	}
}

// subscribers returns the list of a track's subscriptions. Under s.mu.
func (s *stream) subscribers(k media.Kind) *[]*subscription {
	if k == media.Audio {
		return &s.listeners
	}
	return &s.viewers
}

// remove removes a subscription. Their order means nothing. Under s.mu.
func (s *stream) remove(p *subscription) {
	list := s.subscribers(p.track.kind)
	if i := slices.Index(*list, p); i >= 0 {
		last := len(*list) - 1
		(*list)[i], (*list)[last] = (*list)[last], nil
		*list = (*list)[:last]
	}
}
