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
type want struct {
	wanted        bool
	width, height int // a box; 0x0: the sender's own size
	fps           int // 0: the sender's own rate
}

// pair is one sender as one viewer gets it.
type pair struct {
	viewer *Member
	sender uint32  // the sender's id
	stream *stream // where to ask for a key without the sender's lock

	// Written under Pool.mu and the viewer's outbox.mu, read under either.
	want   want
	target uint16 // the layer that suits the want
	since  int64  // when it was first seen that nothing comes of an alternative; 0: it was not. Under Pool.mu
	told   bool   // the viewer was told so. Under Pool.mu

	// Guarded by the viewer's outbox.mu.
	run     run
	layer   uint16 // the layer that is passed on now
	synced  bool   // the viewer has what the next picture of the layer depends on
	last    uint64 // number of the newest picture placed
	limit   limiter
	broken  int64 // when it last fell behind
	backoff int64
	askAt   int64 // no key is asked before

	queued bool  // in the outbox's turns
	used   usage // of the viewer's link

	fate     [layers]fate // of the newest picture that stands alone
	offered  uint64       // pictures that came by
	count    uint64       // pictures sent
	bytes    uint64
	dropped  drops
	waits    waits
	reported packet.StreamReport
}

// fate is what became of a picture.
type fate struct {
	n   uint64
	why Reason
}

// recall makes a kept picture that went by in vain uncounted, since it is about to
// be offered again.
func (p *pair) recall(pic picture) {
	o := &p.viewer.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := p.fate[pic.layer]; f.n == pic.n && f.why != sent {
		p.offered--
		p.dropped[f.why]--
		o.dropped[f.why]--
		p.fate[pic.layer] = fate{}
	}
}

// offer decides about a picture and places a reference to it, or counts why not.
// It reports whether it was placed, so that the viewer's writer is to be woken,
// and whether a key picture is needed.
func (p *pair) offer(b *packet.Buffer, pic picture) (placed, needKey bool) {
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
	if pic.key() && pic.layer < layers {
		p.fate[pic.layer] = fate{pic.n, why}
	}
	if why != sent {
		o.drop(p, why, 1)
	} else {
		p.last = pic.n
		o.enqueue(p)
	}
	return why == sent, p.mustAsk(why, pic)
}

// judge says why the picture is not for this viewer, or sent.
func (p *pair) judge(pic picture) Reason {
	switch {
	case !p.want.wanted:
		p.forget(pic)
		return Unwanted
	case !p.follow(pic):
		return Layer
	case !p.viewer.decodes(pic):
		p.forget(pic)
		return Codec
	case p.want.refuses(pic) || p.want.exceeded(pic) && pic.at < p.viewer.out.slow.until:
		p.forget(pic)
		return Size
	case !pic.key() && !p.synced:
		return Repair
	case !pic.discardable() && !p.limit.bear(pic.at, p.want.fps, p.stream.rate, pic.key()):
		p.forget(pic)
		return Rate
	case !p.limit.pass(pic.at, p.want.fps, !pic.discardable()):
		return Rate
	}
	return sent
}

// forget notes that the viewer misses a picture that others may need.
func (p *pair) forget(pic picture) {
	if !pic.discardable() {
		p.synced = false
	}
}

// follow reports whether the picture's layer is the one passed on. Layers change
// at a picture that stands alone, and until it comes the old one goes on.
func (p *pair) follow(pic picture) bool {
	if pic.layer == p.layer {
		return true
	}
	if pic.layer >= layers || pic.layer != p.stream.best(p.target, pic.at) || !pic.key() {
		return false
	}
	p.layer = pic.layer
	p.synced = false
	return true
}

// place puts the picture where it waits, and says why it could not.
func (p *pair) place(b *packet.Buffer, pic picture) Reason {
	if pic.key() {
		needed := p.viewer.out.clear(p, Replaced)
		p.synced = pic.flags.InterCoded() || p.synced && !needed
		p.run.push(b, pic)
		return sent
	}
	if !p.run.room(pic) {
		if pic.discardable() {
			return Behind
		}
		i := p.run.spare()
		if i < 0 {
			p.fallBehind(pic.at)
			return Behind
		}
		p.run.remove(i).buf.Release()
		p.viewer.out.drop(p, Replaced, 1)
		if !p.run.room(pic) {
			p.fallBehind(pic.at)
			return Behind
		}
	}
	p.run.push(b, pic)
	return sent
}

// fallBehind notes that a needed picture was dropped because the viewer is slow,
// and puts off asking for a key a little longer each time, unless it is others who
// fill the viewer's link.
func (p *pair) fallBehind(now int64) {
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
	p.broken, p.askAt = now, now+p.backoff
}

// mustAsk reports whether a key picture must be asked for after a picture met
// this fate. It is asked for again until it comes.
func (p *pair) mustAsk(why Reason, pic picture) bool {
	switch why {
	case Repair, Behind:
		if p.synced || pic.at < p.askAt {
			return false
		}
	case Layer:
		if pic.layer >= layers || pic.layer != p.stream.best(p.target, pic.at) || pic.at < p.askAt {
			return false
		}
	default:
		return false
	}
	p.askAt = pic.at + int64(repairFirst)
	return true
}

// take is the next picture to write, a reference passing to the caller; nil when
// what waited was too old to be worth anything.
func (p *pair) take(now int64) *packet.Buffer {
	if first := p.run.items[0].pic; now < p.viewer.out.slow.until && p.want.exceeded(first) {
		if p.viewer.out.clear(p, Size) {
			p.synced = false
			p.stream.wantKey()
		}
		return nil
	}
	if !p.synced && p.run.len() > 1 && now-p.run.items[0].pic.at > int64(staleAfter) {
		p.viewer.out.clear(p, Stale)
		p.stream.wantKey()
		return nil
	}
	w := p.run.pop()
	p.viewer.active.Store(now)
	p.viewer.out.slow.began(now, p.want.exceeded(w.pic))
	p.count++
	p.bytes += uint64(w.pic.size)
	p.waits.note(now - w.pic.at)
	return w.buf
}

// unsync makes the next picture that depends on others be withheld until a key
// comes, which may be asked for at once.
func (p *pair) unsync() {
	o := &p.viewer.out
	o.mu.Lock()
	p.synced, p.askAt = false, 0
	o.mu.Unlock()
}
