package pool

import (
	"time"

	"acip/media"
	"acip/packet"
)

// How often a viewer that falls behind again and again has its sender encode a keyframe, which costs the whole room.
const (
	repairFirst = 500 * time.Millisecond
	repairMost  = 4 * time.Second
	repairCalm  = 8 * time.Second // without an overflow, after which the delay starts from zero again
	staleAfter  = 300 * time.Millisecond
)

// track identifies what one member sends of one kind.
type track struct {
	sender uint32
	kind   media.Kind
}

// request is what a viewer requests of one track.
type request struct {
	wanted        bool
	width, height int // a box in pixels; 0x0: the sender's own size
	rate          media.Rate
}

// subscription is one viewer's interest in one track, and what waits for that viewer. What is said of layers, sizes and
// keyframes concerns video only.
type subscription struct {
	viewer *Member
	track  track
	stream *stream // the sender's

	// Written under Pool.mu and the viewer's sendQueue.mu, read under either.
	request request
	target  uint16 // the layer that suits the request

	// Guarded by Pool.mu.
	silentSince int64 // when the target, an alternative, was first found not to be sent; 0: it is sent
	notified    bool  // the viewer was told that it cannot decode the sender

	// Guarded by the viewer's sendQueue.mu.
	queue          queue
	layer          uint16           // the layer that is passed on now
	dependency     media.Dependency // of that layer
	last           uint64           // number of the newest frame queued
	limit          limiter
	spoken         bucket // audio's bytes
	overflowed     int64  // when the queue last overflowed
	backoff        int64
	nextKeyRequest int64 // no keyframe is requested earlier

	inTurns bool  // in the send queue's turns
	used    usage // of the viewer's link

	outcome  [layers]outcome // of the newest keyframe
	offered  uint64          // frames that the sender published
	count    uint64          // frames sent
	bytes    uint64
	dropped  drops
	waits    waits
	reported packet.StreamReport
}

// outcome is what became of a frame.
type outcome struct {
	n   uint64
	why Reason
}

// uncount removes a keyframe that was dropped from the counts, because it is about to be offered again.
func (p *subscription) uncount(f frame) {
	o := &p.viewer.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if was := p.outcome[f.layer]; was.n == f.n && was.why != sent {
		p.offered--
		p.dropped[was.why]--
		o.dropped[was.why]--
		p.outcome[f.layer] = outcome{}
	}
}

// offer queues a reference to a frame, or counts why not. It reports whether the frame was queued, so that the viewer's
// writer has to be woken, and whether a keyframe is needed.
func (p *subscription) offer(b *packet.Buffer, f frame) (queued, needKeyframe bool) {
	o := &p.viewer.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false, false
	}
	p.offered++
	var why Reason
	if f.kind == media.Audio {
		why = p.enqueueAudio(b, f)
	} else {
		why = p.enqueueVideo(b, f)
		needKeyframe = p.shouldRequestKeyframe(why, f)
	}
	if why != sent {
		o.drop(p, why, 1)
		return false, needKeyframe
	}
	p.last = f.n
	o.addTurn(p)
	return true, needKeyframe
}

// enqueueAudio queues a frame of audio and drops the oldest above the bounds. It returns sent, or why the frame was not
// queued.
func (p *subscription) enqueueAudio(b *packet.Buffer, f frame) Reason {
	switch {
	case !p.request.wanted:
		return Unwanted
	case f.size > audioBytes:
		return Size
	case !p.spoken.pass(f.at, int(f.size), audioRate, audioBytes):
		return Rate
	}
	p.expire(f.at)
	for !p.queue.hasRoom(f) {
		p.dropOldest(QueueFull)
	}
	p.queue.push(b, f)
	return sent
}

// expire drops frames of audio that are too old.
func (p *subscription) expire(now int64) {
	for p.queue.expired(now) {
		p.dropOldest(Stale)
	}
}

// dropOldest drops the frame that has waited longest.
func (p *subscription) dropOldest(why Reason) {
	p.queue.pop().buf.Release()
	p.viewer.out.drop(p, why, 1)
}

// enqueueVideo queues a picture if this viewer gets it. It returns sent, or why it was not queued.
func (p *subscription) enqueueVideo(b *packet.Buffer, f frame) Reason {
	why := p.decide(f)
	if why == sent {
		why = p.enqueue(b, f)
	}
	if f.keyframe() && f.layer < layers {
		p.outcome[f.layer] = outcome{f.n, why}
	}
	return why
}

// decide returns why a picture is not for this viewer, or sent.
func (p *subscription) decide(f frame) Reason {
	switch {
	case !p.request.wanted:
		p.dependency.Drop(f.flags)
		return Unwanted
	case !p.follow(f):
		return Layer
	case !p.viewer.decodes(f):
		p.dependency.Drop(f.flags)
		return Codec
	case p.request.refuses(f) || p.request.exceeded(f) && f.at < p.viewer.out.slow.until:
		p.dependency.Drop(f.flags)
		return Size
	case !f.keyframe() && !p.dependency.Synced():
		return NeedsKeyframe
	case !f.discardable() && !p.limit.passReference(f.at, p.request.rate, p.stream.rate, f.keyframe()):
		p.dependency.Drop(f.flags)
		return Rate
	case !p.limit.pass(f.at, p.request.rate, !f.discardable()):
		return Rate
	}
	return sent
}

// follow reports whether a picture's layer is the one that is passed on. The layer changes at a keyframe; until then
// the old one goes on.
func (p *subscription) follow(f frame) bool {
	if f.layer == p.layer {
		return true
	}
	if f.layer >= layers || f.layer != p.stream.best(p.target, f.at) || !f.keyframe() {
		return false
	}
	p.layer = f.layer
	p.dependency.Unsync()
	return true
}

// enqueue queues a picture, or returns why it could not.
func (p *subscription) enqueue(b *packet.Buffer, f frame) Reason {
	if f.keyframe() {
		if p.viewer.out.clear(p, Replaced) {
			p.dependency.Unsync()
		}
		p.dependency.Follow(f.flags)
		p.queue.push(b, f)
		return sent
	}
	if !p.queue.hasRoom(f) {
		if f.discardable() {
			return QueueFull
		}
		i := p.queue.newestDiscardable()
		if i < 0 {
			p.onOverflow(f.at)
			return QueueFull
		}
		p.queue.remove(i).buf.Release()
		p.viewer.out.drop(p, Replaced, 1)
		if !p.queue.hasRoom(f) {
			p.onOverflow(f.at)
			return QueueFull
		}
	}
	p.queue.push(b, f)
	return sent
}

// onOverflow notes that a reference frame was dropped because the viewer is slow. It delays the next keyframe request a
// little longer each time, unless other senders fill the viewer's link.
func (p *subscription) onOverflow(now int64) {
	p.dependency.Unsync()
	switch {
	case 2*p.used.by(now) < p.viewer.out.used.by(now):
		p.backoff = 0
	case p.overflowed == 0 || now-p.overflowed > int64(repairCalm):
		p.backoff = 0
	case p.backoff == 0:
		p.backoff = int64(repairFirst)
	default:
		p.backoff = min(2*p.backoff, int64(repairMost))
	}
	p.overflowed, p.nextKeyRequest = now, now+p.backoff
}

// shouldRequestKeyframe reports whether a keyframe must be requested after a picture was dropped for a reason. Requests
// are repeated until the keyframe arrives.
func (p *subscription) shouldRequestKeyframe(why Reason, f frame) bool {
	switch why {
	case NeedsKeyframe, QueueFull:
		if p.dependency.Synced() || f.at < p.nextKeyRequest {
			return false
		}
	case Layer:
		if f.layer >= layers || f.layer != p.stream.best(p.target, f.at) || f.at < p.nextKeyRequest {
			return false
		}
	default:
		return false
	}
	p.nextKeyRequest = f.at + int64(repairFirst)
	return true
}

// rank orders the subscriptions of one kind in the send queue; the lowest goes first. Audio goes by age. Video goes by
// bytes lately sent, not by frames, plus how long its next frame would hold up the others: a sender of small frames
// waits for at most one large frame, and if all want more than the link carries, each gets about as many bytes.
func (p *subscription) rank(now int64) float64 {
	if p.track.kind == media.Audio {
		if p.queue.len() == 0 {
			return 0
		}
		return float64(p.queue.items[0].frame.at)
	}
	return p.used.by(now) + holdUp*p.queue.headBytes()
}

// take returns the next frame to write, whose reference passes to the caller; nil if what waited was too old or too
// large to be sent. The queue is not empty.
func (p *subscription) take(now int64) *packet.Buffer {
	if p.track.kind == media.Audio {
		if p.expire(now); p.queue.len() == 0 {
			return nil
		}
	} else if p.discardQueued(now) {
		return nil
	}
	w := p.queue.pop()
	p.viewer.active.Store(now)
	p.viewer.out.slow.began(now, p.track.kind == media.Video && p.request.exceeded(w.frame))
	p.count++
	p.bytes += uint64(w.frame.size)
	p.waits.note(now - w.frame.at)
	return w.buf
}

// discardQueued drops all that waits, and reports so, if it is too large for the share of time that it gets, or too old
// with nothing to follow it.
func (p *subscription) discardQueued(now int64) bool {
	head := p.queue.items[0].frame
	switch {
	case now < p.viewer.out.slow.until && p.request.exceeded(head):
		if p.viewer.out.clear(p, Size) {
			p.dependency.Unsync()
			p.stream.requestKeyframe()
		}
	case !p.dependency.Synced() && p.queue.len() > 1 && now-head.at > int64(staleAfter):
		p.viewer.out.clear(p, Stale)
		p.stream.requestKeyframe()
	default:
		return false
	}
	return true
}

// requireKeyframe withholds inter-coded frames until the next keyframe, which may be requested at once.
func (p *subscription) requireKeyframe() {
	o := &p.viewer.out
	o.mu.Lock()
	p.dependency.Unsync()
	p.nextKeyRequest = 0
	o.mu.Unlock()
}
