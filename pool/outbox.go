package pool

import (
	"sync"

	"acip/packet"
)

// outbox is what waits for one member: control packets, the newest DEMAND and
// KEY_REQUEST to it, and the pictures of each sender.
type outbox struct {
	wake chan struct{} // room for one; never closed
	call func() bool   // writes at once what is small, or reports false; nil: nobody does; guarded by mu
	now  func() int64
	end  func(error)
	most int // control packets
	size int // bytes of them

	mu      sync.Mutex
	closed  bool
	stalled bool // the control queue was full; the member is being ended
	control []*packet.Buffer
	bytes   int
	ask     *packet.Buffer // DEMAND to this member as a sender: the newest counts
	key     *packet.Buffer // KEY_REQUEST to it
	head    *pair          // senders with something waiting, in turn
	tail    *pair
	gone    totals // of pairs that ended
	dropped drops  // of all pairs
}

// totals is what was sent.
type totals struct{ frames, bytes uint64 }

// Next is the next packet to be written, its reference passing to the caller:
// control first, then the senders in turn, each with its oldest waiting picture.
// It is nil when nothing waits; Wake tells when that may have changed. For one
// goroutine.
func (m *Member) Next() *packet.Buffer {
	o := &m.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if b := o.nextControl(); b != nil {
		return b
	}
	for o.head != nil {
		if b := o.nextPicture(); b != nil {
			return b
		}
	}
	return nil
}

// Wake receives after something was put where Next finds it. Whoever takes from
// the member may knock there too.
func (m *Member) Wake() chan struct{} { return m.out.wake }

// Call has Publish call f, with no lock held, when it has put a small picture
// where Next finds it, so that f writes what waits. Where f reports false, and for
// all else, Wake receives.
func (m *Member) Call(f func() bool) {
	m.out.mu.Lock()
	defer m.out.mu.Unlock()
	m.out.call = f
}

// nextControl takes what is not a picture.
func (o *outbox) nextControl() (b *packet.Buffer) {
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
	}
	return b
}

// nextPicture takes one of the sender whose turn it is, and puts the sender last.
func (o *outbox) nextPicture() *packet.Buffer {
	p := o.head
	if o.head = p.next; o.head == nil {
		o.tail = nil
	}
	p.next, p.queued = nil, false
	if p.run.len() == 0 {
		return nil
	}
	b := p.take(o.now())
	if p.run.len() > 0 {
		o.enqueue(p)
	}
	return b
}

// enqueue gives the pair its turn, unless it waits for it already. Who wakes the
// writer is the caller's part.
func (o *outbox) enqueue(p *pair) {
	if !p.queued {
		p.queued = true
		if o.tail == nil {
			o.head = p
		} else {
			o.tail.next = p
		}
		o.tail = p
	}
}

// rouse sees to it that what was put is written. With no lock held.
func (o *outbox) rouse() {
	o.mu.Lock()
	call := o.call
	o.mu.Unlock()
	if call == nil || !call() {
		o.signal()
	}
}

// signal wakes the writer.
func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// drop counts pictures that are not sent.
func (o *outbox) drop(p *pair, why Reason, n int) {
	p.dropped[why] += uint64(n)
	o.dropped[why] += uint64(n)
}

// clear drops all that waits of a pair.
func (o *outbox) clear(p *pair, why Reason) (needed bool) {
	o.dropped[why] += uint64(p.run.len())
	return p.run.clear(why, &p.dropped)
}

// put queues a control packet, taking over the caller's reference. A full queue
// ends the member.
func (o *outbox) put(b *packet.Buffer) {
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

// state replaces what waits in a place of which only the newest counts, taking
// over the caller's reference.
func (o *outbox) state(place **packet.Buffer, b *packet.Buffer) {
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

// close releases all that waits, of the pairs too, and lets nothing in again.
func (o *outbox) close(pairs map[uint32]*pair) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	for b := o.nextControl(); b != nil; b = o.nextControl() {
		b.Release()
	}
	for _, p := range pairs {
		o.clear(p, Left)
		p.queued, p.next = false, nil
	}
	o.head, o.tail = nil, nil
}

// forget takes a pair out whose sender went, keeping its counts in the sums.
func (o *outbox) forget(p *pair) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clear(p, Left) // stays in the turns, empty, until it is met there
	o.gone.frames += p.count
	o.gone.bytes += p.bytes
}
