package pool

import (
	"math"
	"slices"
	"sync"

	"acip/packet"
)

// sendQueue is what waits for one member: control packets, the newest DEMAND and
// KEY_REQUEST to it, and the pictures of each sender.
type sendQueue struct {
	wake        chan struct{} // room for one; never closed
	writeInline func() bool   // writes at once what is small, or reports false; nil: nobody does; guarded by mu
	now         func() int64
	end         func(error)
	most        int // control packets
	size        int // bytes of them

	mu      sync.Mutex
	closed  bool
	stalled bool // the control queue was full; the member is being ended
	control []*packet.Buffer
	bytes   int
	ask     *packet.Buffer  // DEMAND to this member as a sender: the newest counts
	key     *packet.Buffer  // KEY_REQUEST to it
	turns   []*subscription // senders with something waiting
	used    usage           // of the link, by all of them
	slow    oversize
	chat    chat
	gone    totals // of subscriptions that ended
	dropped drops  // of all subscriptions
}

// totals is what was sent.
type totals struct{ frames, bytes uint64 }

// Next is the next packet to be written, its reference passing to the caller:
// control first, then the oldest waiting picture of the sender that had least of
// the link lately.
// It is nil when nothing waits; Wake tells when that may have changed. For one
// goroutine.
func (m *Member) Next() *packet.Buffer {
	o := &m.out
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slow.ended(o.now())
	if b := o.nextControl(); b != nil {
		return b
	}
	return o.nextPicture()
}

// Wake receives after something was put where Next finds it. Whoever takes from
// the member may knock there too.
func (m *Member) Wake() chan struct{} { return m.out.wake }

// Call has Publish call f, with no lock held, when it has put a small picture
// where Next finds it, so that f writes what waits. Where f reports false, and for
// all else, Wake receives.
func (m *Member) SetInlineWriter(f func() bool) {
	m.out.mu.Lock()
	defer m.out.mu.Unlock()
	m.out.writeInline = f
}

// nextControl takes what is not a picture.
func (o *sendQueue) nextControl() (b *packet.Buffer) {
	switch {
	case len(o.control) > 0:
		b = o.control[0]
		o.control[0] = nil
		o.control = o.control[1:]
		o.bytes -= b.Len()
	case o.ask != nil:
		b, o.ask = o.ask, nil
	case o.key != nil:
		b, o.key = o.key, nil
	default:
		b = o.chat.take()
	}
	return b
}

// patience is how many times a picture's bytes count before it is sent: the others
// wait for as long as it takes.
const patience = 8

// nextPicture takes one of the sender that had least of the link lately, in bytes
// and not in pictures, and whose next picture holds the others up least. So who
// sends little waits for one picture of who sends much, and where all want more
// than there is each gets about as many bytes as another.
func (o *sendQueue) nextPicture() *packet.Buffer {
	now := o.now()
	for len(o.turns) > 0 {
		best, least := 0, math.Inf(1)
		for i, p := range o.turns {
			if used := p.used.by(now) + patience*p.queue.first(); used < least {
				best, least = i, used
			}
		}
		p := o.turns[best]
		if p.queue.len() == 0 {
			o.removeTurn(best)
			continue
		}
		b := p.take(now)
		if p.queue.len() == 0 {
			o.removeTurn(best)
		}
		if b != nil {
			p.used.add(now, b.Len())
			o.used.add(now, b.Len())
			return b
		}
	}
	return nil
}

// dequeue takes a subscription out of the turns.
func (o *sendQueue) removeTurn(i int) {
	o.turns[i].inTurns = false
	o.turns = slices.Delete(o.turns, i, i+1)
}

// enqueue puts the subscription behind those that wait, unless it waits already. Who wakes
// the writer is the caller's part.
func (o *sendQueue) addTurn(p *subscription) {
	if !p.inTurns {
		p.inTurns = true
		o.turns = append(o.turns, p)
	}
}

// toWake sees to it that what was put is written. With no lock held.
func (o *sendQueue) wakeWriter() {
	o.mu.Lock()
	call := o.writeInline
	o.mu.Unlock()
	if call == nil || !call() {
		o.signal()
	}
}

// signal wakes the writer.
func (o *sendQueue) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// drop counts pictures that are not sent.
func (o *sendQueue) drop(p *subscription, why Reason, n int) {
	p.dropped[why] += uint64(n)
	o.dropped[why] += uint64(n)
}

// clear drops all that waits of a subscription.
func (o *sendQueue) clear(p *subscription, why Reason) (needed bool) {
	o.dropped[why] += uint64(p.queue.len())
	return p.queue.clear(why, &p.dropped)
}

// put queues a control packet, taking over the caller's reference. A full queue
// ends the member.
func (o *sendQueue) put(b *packet.Buffer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.stalled {
		b.Release()
		return
	}
	if len(o.control) >= o.most || o.bytes+b.Len() > o.size && len(o.control) > 0 {
		b.Release()
		o.stalled = true
		o.end(packet.CloseError{Code: packet.CodeStalled, Reason: "control messages were not taken"})
		return
	}
	o.control = append(o.control, b)
	o.bytes += b.Len()
	o.signal()
}

// putState queues a STREAM_START or STREAM_STOP, taking over the caller's reference. It takes the place of one of the same
// member that still waits, unless somebody came or left since, which may have been that member.
func (o *outbox) putState(b *packet.Buffer) {
	if !o.replaceState(b) {
		o.put(b)
	}
}

// replaceState reports whether there was one to replace.
func (o *outbox) replaceState(b *packet.Buffer) bool {
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

// force queues a control packet of which there cannot be too many, taking over
// the caller's reference.
func (o *sendQueue) force(b *packet.Buffer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.stalled {
		b.Release()
		return
	}
	o.control = append(o.control, b)
	o.bytes += b.Len()
	o.signal()
}

// say queues a line of chat, lent, if this member's budget has room for it.
func (o *sendQueue) say(b *packet.Buffer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed && !o.stalled && o.chat.put(b, o.now()) {
		o.signal()
	}
}

// state replaces what waits in a place of which only the newest counts, taking
// over the caller's reference.
func (o *sendQueue) state(place **packet.Buffer, b *packet.Buffer) {
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

// close releases all that waits, of the subscriptions too, and lets nothing in again.
func (o *sendQueue) close(subscriptions map[uint32]*subscription) {
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
	o.turns = nil
}

// forget takes a subscription out whose sender went, keeping its counts in the sums.
func (o *sendQueue) forget(p *subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clear(p, Left) // stays in the turns, empty, until it is met there
	o.gone.frames += p.count
	o.gone.bytes += p.bytes
}
