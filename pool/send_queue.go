package pool

import (
	"math"
	"slices"
	"sync"

	"acip/media"
	"acip/packet"
)

// kinds is how many kinds of track there are.
const kinds = int(media.Audio) + 1

// sendQueue holds what waits for one member: control packets, the newest DEMAND and KEY_REQUEST to it, chat, and the
// frames of each subscription.
type sendQueue struct {
	wake     chan struct{} // capacity one; never closed
	now      func() int64
	end      func(error)
	maxCount int // control packets
	maxBytes int // of control packets

	mu          sync.Mutex
	writeInline func() bool // writes small packets at once, or reports false; nil: not available
	closed      bool
	stalled     bool // the control queue was full; the member is being ended
	control     []*packet.Buffer
	bytes       int            // of control
	demand      *packet.Buffer // DEMAND to this member as a sender; a newer one replaces it
	keyRequest  *packet.Buffer // KEY_REQUEST to it, likewise
	chat        chat
	turns       [kinds][]*subscription // those with frames waiting
	used        usage                  // of the link, by all subscriptions
	slow        oversize
	gone        totals // sent by subscriptions that ended
	dropped     drops  // pictures of all subscriptions
}

// totals counts what was sent.
type totals struct{ frames, bytes uint64 }

// Next returns the next packet to write, its reference passing to the caller: control first, then the oldest frame of
// audio, then a picture of the sender that had the fewest bytes of the link lately. Next returns nil if nothing is
// queued; Wake is signalled when that may change. One caller at a time, normally the holder of the connection's write
// lock.
func (m *Member) Next() *packet.Buffer {
	o := &m.out
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	o.slow.ended(now)
	if b := o.nextControl(); b != nil {
		return b
	}
	if b := o.nextFrame(media.Audio, now); b != nil {
		return b
	}
	return o.nextFrame(media.Video, now)
}

// Wake returns a channel that receives after something was queued for Next. The caller of Next may send to it too.
func (m *Member) Wake() chan struct{} { return m.out.wake }

// SetInlineWriter has Publish call f, with no lock held, after it has queued a small frame, so that f writes what waits
// in the publisher's goroutine. If f returns false, or for anything else, Wake is signalled.
func (m *Member) SetInlineWriter(f func() bool) {
	m.out.mu.Lock()
	defer m.out.mu.Unlock()
	m.out.writeInline = f
}

// nextControl removes the next packet that is neither audio nor video.
func (o *sendQueue) nextControl() (b *packet.Buffer) {
	switch {
	case len(o.control) > 0:
		b = o.control[0]
		o.control[0] = nil
		o.control = o.control[1:]
		o.bytes -= b.Len()
	case o.demand != nil:
		b, o.demand = o.demand, nil
	case o.keyRequest != nil:
		b, o.keyRequest = o.keyRequest, nil
	default:
		b = o.chat.take()
	}
	return b
}

// holdUp is how many times the bytes of a picture count before it is sent: the others wait for as long as it takes.
const holdUp = 8

// nextFrame removes the next frame of a kind: one of the subscription that ranks first.
func (o *sendQueue) nextFrame(kind media.Kind, now int64) *packet.Buffer {
	for len(o.turns[kind]) > 0 {
		first, least := 0, math.Inf(1)
		for i, p := range o.turns[kind] {
			if rank := p.rank(now); rank < least {
				first, least = i, rank
			}
		}
		p := o.turns[kind][first]
		var b *packet.Buffer
		if p.queue.len() > 0 {
			b = p.take(now)
		}
		if p.queue.len() == 0 {
			o.removeTurn(kind, first)
		}
		if b != nil {
			p.used.add(now, b.Len())
			o.used.add(now, b.Len())
			return b
		}
	}
	return nil
}

// removeTurn removes a subscription from the turns.
func (o *sendQueue) removeTurn(kind media.Kind, i int) {
	o.turns[kind][i].inTurns = false
	o.turns[kind] = slices.Delete(o.turns[kind], i, i+1)
}

// addTurn adds a subscription to the turns, unless it is there. The caller wakes the writer.
func (o *sendQueue) addTurn(p *subscription) {
	if !p.inTurns {
		p.inTurns = true
		o.turns[p.track.kind] = append(o.turns[p.track.kind], p)
	}
}

// wakeWriter has what was queued written. Call it with no lock held.
func (o *sendQueue) wakeWriter() {
	o.mu.Lock()
	write := o.writeInline
	o.mu.Unlock()
	if write == nil || !write() {
		o.signal()
	}
}

// signal wakes the writer's goroutine.
func (o *sendQueue) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// drop counts n frames that are not sent. The member's sum is of pictures, as operators know it.
func (o *sendQueue) drop(p *subscription, why Reason, n int) {
	p.dropped[why] += uint64(n)
	if p.track.kind == media.Video {
		o.dropped[why] += uint64(n)
	}
}

// clear drops all frames of a subscription that wait, and reports whether others refer to one of them.
func (o *sendQueue) clear(p *subscription, why Reason) (needed bool) {
	n, needed := p.queue.clear()
	o.drop(p, why, n)
	return needed
}

// put queues a control packet and takes over the caller's reference. A full queue ends the member.
func (o *sendQueue) put(b *packet.Buffer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.control) >= o.maxCount || o.bytes+b.Len() > o.maxBytes && len(o.control) > 0 {
		b.Release()
		if !o.closed && !o.stalled {
			o.stalled = true
			o.end(packet.CloseError{Code: packet.CodeStalled, Reason: "control messages were not taken"})
		}
		return
	}
	o.append(b)
}

// putState queues a STREAM_START or STREAM_STOP and takes over the caller's reference. It replaces one of the same
// member that still waits, unless a member joined or left since, which may have been that member.
func (o *sendQueue) putState(b *packet.Buffer) {
	if !o.replaceState(b) {
		o.put(b)
	}
}

// replaceState reports whether there was one to replace.
func (o *sendQueue) replaceState(b *packet.Buffer) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, old := range slices.Backward(o.control) {
		switch old.Type() {
		case packet.ClientJoin, packet.ClientLeave, packet.WelcomeType:
			return false
		case packet.StreamStart, packet.StreamStop:
			if old.Client() == b.Client() {
				old.Release()
				o.control[i] = b
				return true
			}
		}
	}
	return false
}

// putUnbounded queues a control packet of a kind whose number is bounded elsewhere, and takes over the caller's
// reference.
func (o *sendQueue) putUnbounded(b *packet.Buffer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.append(b)
}

// append queues a control packet, unless the member is ending. Under mu.
func (o *sendQueue) append(b *packet.Buffer) {
	if o.closed || o.stalled {
		b.Release()
		return
	}
	o.control = append(o.control, b)
	o.bytes += b.Len()
	o.signal()
}

// putChat queues a line of chat, lent, if this member's budget has room for it.
func (o *sendQueue) putChat(b *packet.Buffer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed && !o.stalled && o.chat.put(b, o.now()) {
		o.signal()
	}
}

// replace puts a packet in a place of which only the newest counts, and takes over the caller's reference.
func (o *sendQueue) replace(place **packet.Buffer, b *packet.Buffer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		b.Release()
		return
	}
	if *place != nil {
		(*place).Release()
	}
	*place = b
	o.signal()
}

// close releases all that waits, that of subscriptions too, and admits nothing afterwards.
func (o *sendQueue) close(subscriptions map[track]*subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	for b := o.nextControl(); b != nil; b = o.nextControl() {
		b.Release()
	}
	for _, p := range subscriptions {
		o.clear(p, Left)
		p.inTurns = false
	}
	o.turns = [kinds][]*subscription{}
}

// forget clears a subscription whose track ended, and keeps its counts in the sums.
func (o *sendQueue) forget(p *subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clear(p, Left) // it stays in the turns, empty, until Next finds it there
	if p.track.kind == media.Video {
		o.gone.frames += p.count
		o.gone.bytes += p.bytes
	}
}
