package pool

import (
	"time"

	"acip/packet"
)

// How often a viewer that falls behind again and again makes its sender produce a
// key picture, which costs everybody in the room.
const (
	repairFirst = 500 * time.Millisecond
	repairMost  = 4 * time.Second
	repairCalm  = 8 * time.Second // without falling behind: begin anew
	staleAfter  = 300 * time.Millisecond
)

// want is what a viewer wants of one sender.
type request struct {
	wanted        bool
	width, height int // a box; 0x0: the sender's own size
	fps           int // 0: the sender's own rate
}

// subscription is one sender as one viewer gets it.
type subscription struct {
	viewer *Member
	sender uint32  // the sender's id
	stream *stream // where to ask for a key without the sender's lock

	// Written under Pool.mu and the viewer's sendQueue.mu, read under either.
	request request
	target  uint16 // the layer that suits the want
	since   int64  // when it was first seen that nothing comes of an alternative; 0: it was not. Under Pool.mu
	told    bool   // the viewer was told so. Under Pool.mu

	// Guarded by the viewer's sendQueue.mu.
	queue          queue
	layer          uint16 // the layer that is passed on now
	synced         bool   // the viewer has what the next picture of the layer depends on
	last           uint64 // number of the newest picture placed
	limit          limiter
	broken         int64 // when it last fell behind
	backoff        int64
	nextKeyRequest int64 // no key is asked before

	inTurns bool  // in the sendQueue's turns
	used    usage // of the viewer's link

	outcome  [layers]outcome // of the newest picture that stands alone
	offered  uint64          // pictures that came by
	count    uint64          // pictures sent
	bytes    uint64
	dropped  drops
	waits    waits
	reported packet.StreamReport
}

// outcome is what became of a picture.
type outcome struct {
	n   uint64
	why Reason
}

// uncount makes a kept picture that went by in vain uncounted, since it is about to
// be offered again.
func (p *subscription) uncount(pic frame) {
	o := &p.viewer.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := p.outcome[pic.layer]; f.n == pic.n && f.why != sent {
		p.offered--
		p.dropped[f.why]--
		o.dropped[f.why]--
		p.outcome[pic.layer] = outcome{}
	}
}

// offer decides about a picture and places a reference to it, or counts why not.
// It reports whether it was placed, so that the viewer's writer is to be woken,
// and whether a key picture is needed.
func (p *subscription) offer(b *packet.Buffer, pic frame) (placed, needKeyframe bool) {
	o := &p.viewer.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false, false
	}
	p.offered++
	why := p.judge(pic)
	if why == sent {
		why = p.place(b, pic)
	}
	if pic.keyframe() && pic.layer < layers {
		p.outcome[pic.layer] = outcome{pic.n, why}
	}
	if why != sent {
		o.drop(p, why, 1)
	} else {
		p.last = pic.n
		o.addTurn(p)
	}
	return why == sent, p.shouldRequestKeyframe(why, pic)
}

// judge says why the picture is not for this viewer, or sent.
func (p *subscription) judge(pic frame) Reason {
	switch {
	case !p.request.wanted:
		p.forget(pic)
		return Unwanted
	case !p.follow(pic):
		return Layer
	case !p.viewer.decodes(pic):
		p.forget(pic)
		return Codec
	case p.request.refuses(pic) || p.request.exceeded(pic) && pic.at < p.viewer.out.slow.until:
		p.forget(pic)
		return Size
	case !pic.keyframe() && !p.synced:
		return NeedsKeyframe
	case !pic.discardable() && !p.limit.passReference(pic.at, p.request.fps, p.stream.rate, pic.keyframe()):
		p.forget(pic)
		return Rate
	case !p.limit.pass(pic.at, p.request.fps, !pic.discardable()):
		return Rate
	}
	return sent
}

// forget notes that the viewer misses a picture that others may need.
func (p *subscription) forget(pic frame) {
	if !pic.discardable() {
		p.synced = false
	}
}

// follow reports whether the picture's layer is the one passed on. Layers change
// at a picture that stands alone, and until it comes the old one goes on.
func (p *subscription) follow(pic frame) bool {
	if pic.layer == p.layer {
		return true
	}
	if pic.layer >= layers || pic.layer != p.stream.best(p.target, pic.at) || !pic.keyframe() {
		return false
	}
	p.layer = pic.layer
	p.synced = false
	return true
}

// place puts the picture where it waits, and says why it could not.
func (p *subscription) place(b *packet.Buffer, pic frame) Reason {
	if pic.keyframe() {
		needed := p.viewer.out.clear(p, Replaced)
		p.synced = pic.flags.InterCoded() || p.synced && !needed
		p.queue.push(b, pic)
		return sent
	}
	if !p.queue.hasRoom(pic) {
		if pic.discardable() {
			return QueueFull
		}
		i := p.queue.newestDiscardable()
		if i < 0 {
			p.onOverflow(pic.at)
			return QueueFull
		}
		p.queue.remove(i).buf.Release()
		p.viewer.out.drop(p, Replaced, 1)
		if !p.queue.hasRoom(pic) {
			p.onOverflow(pic.at)
			return QueueFull
		}
	}
	p.queue.push(b, pic)
	return sent
}

// onOverflow notes that a needed picture was dropped because the viewer is slow,
// and puts off asking for a key a little longer each time, unless it is others who
// fill the viewer's link.
func (p *subscription) onOverflow(now int64) {
	p.synced = false
	switch {
	case 2*p.used.by(now) < p.viewer.out.used.by(now):
		p.backoff = 0
	case p.broken == 0 || now-p.broken > int64(repairCalm):
		p.backoff = 0
	case p.backoff == 0:
		p.backoff = int64(repairFirst)
	default:
		p.backoff = min(2*p.backoff, int64(repairMost))
	}
	p.broken, p.nextKeyRequest = now, now+p.backoff
}

// shouldRequestKeyframe reports whether a key picture must be asked for after a picture met
// this outcome. It is asked for again until it comes.
func (p *subscription) shouldRequestKeyframe(why Reason, pic frame) bool {
	switch why {
	case NeedsKeyframe, QueueFull:
		if p.synced || pic.at < p.nextKeyRequest {
			return false
		}
	case Layer:
		if pic.layer >= layers || pic.layer != p.stream.best(p.target, pic.at) || pic.at < p.nextKeyRequest {
			return false
		}
	default:
		return false
	}
	p.nextKeyRequest = pic.at + int64(repairFirst)
	return true
}

// take is the next picture to write, a reference passing to the caller; nil when
// what waited was too old to be worth anything.
func (p *subscription) take(now int64) *packet.Buffer {
	if first := p.queue.items[0].pic; now < p.viewer.out.slow.until && p.request.exceeded(first) {
		if p.viewer.out.clear(p, Size) {
			p.synced = false
			p.stream.requestKeyframe()
		}
		return nil
	}
	if !p.synced && p.queue.len() > 1 && now-p.queue.items[0].pic.at > int64(staleAfter) {
		p.viewer.out.clear(p, Stale)
		p.stream.requestKeyframe()
		return nil
	}
	w := p.queue.pop()
	p.viewer.active.Store(now)
	p.viewer.out.slow.began(now, p.request.exceeded(w.pic))
	p.count++
	p.bytes += uint64(w.pic.size)
	p.waits.note(now - w.pic.at)
	return w.buf
}

// requireKeyframe makes the next picture that depends on others be withheld until a key
// comes, which may be asked for at once.
func (p *subscription) requireKeyframe() {
	o := &p.viewer.out
	o.mu.Lock()
	p.synced, p.nextKeyRequest = false, 0
	o.mu.Unlock()
}
