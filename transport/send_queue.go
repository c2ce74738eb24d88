package transport

import (
	"context"
	"errors"
	"sync"

	"acip/media"
	"acip/packet"
)

// Errors of sending. ErrNotConnected is all that a sender sees of a handle that
// is nil, was never connected, or is closed.
var (
	ErrNotConnected = errors.New("transport: not connected")
	ErrQueueFull    = errors.New("transport: control queue full")
	ErrNeedsKey     = errors.New("transport: refers to a picture that was dropped")
	ErrLayer        = errors.New("transport: no such simulcast layer")
)

// controlQueue is how many control packets may wait.
const controlQueue = 64

// SendQueue is a client's PacketSource: control packets wait in a bounded queue, and of
// each layer's pictures only the newest waits. A nil SendQueue is not connected.
// It is safe for concurrent use; make one with NewSendQueue.
type SendQueue struct {
	wake    chan struct{} // never closed
	drained chan struct{} // never closed
	flushed chan struct{} // never closed

	mu       sync.Mutex
	control  []*packet.Buffer
	pictures [media.MaxLayers]*packet.Buffer
	keyless  bool // a keyframe is needed and nobody was told
	quiet    bool // the writer found nothing more to send
	closed   bool

	dependencies [media.MaxLayers]media.Dependency
}

// NewSendQueue makes an empty one.
func NewSendQueue() *SendQueue {
	return &SendQueue{wake: make(chan struct{}, 1), drained: make(chan struct{}, 1), flushed: make(chan struct{}, 1), quiet: true}
}

// Send queues b, sealed, with a reference of its own. It never blocks. A picture
// takes the place of one of its layer that still waits; where that breaks a chain
// of pictures that depend on each other, the chain is refused with ErrNeedsKey up
// to the next key picture, which KeyWanted asks for. ErrQueueFull means that the
// other end takes nothing: close the connection with packet.CodeStalled.
func (o *SendQueue) Send(b *packet.Buffer) error {
	if o == nil {
		return ErrNotConnected
	}
	old, err := o.put(b)
	if old != nil {
		old.Release()
	}
	if err == nil {
		signal(o.wake)
	}
	return err
}

// put stores b under the lock and returns what it replaced.
func (o *SendQueue) put(b *packet.Buffer) (old *packet.Buffer, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return nil, ErrNotConnected
	case b.Type().Class() == packet.Video:
		return o.putPicture(b)
	case len(o.control) >= controlQueue:
		return nil, ErrQueueFull
	}
	o.control = append(o.control, b.Retain())
	o.quiet = false
	return nil, nil
}

func (o *SendQueue) putPicture(b *packet.Buffer) (old *packet.Buffer, err error) {
	flags, layer := packet.Frame(b)
	if layer >= media.MaxLayers {
		return nil, ErrLayer
	}
	d := &o.dependencies[layer]
	if old = o.pictures[layer]; old != nil {
		if waiting, _ := packet.Frame(old); !waiting.Has(media.Discardable) && !flags.Has(media.Key) {
			d.Unsync() // the reference that waits is sent, and b dropped
			o.keyless = true
		}
	}
	if !d.Follow(flags) {
		return nil, ErrNeedsKey
	}
	o.pictures[layer] = b.Retain()
	o.quiet = false
	return old, nil
}

// KeyWanted reports, once per break, that the next picture should be a key.
func (o *SendQueue) KeyWanted() bool {
	if o == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	wanted := o.keyless
	o.keyless = false
	return wanted
}

// Idle reports whether no picture waits. An encoder that encodes only then never
// has a picture replaced.
func (o *SendQueue) NoMediaQueued() bool {
	if o == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.pictures {
		if b != nil {
			return false
		}
	}
	return !o.closed
}

// Quiet reports whether nothing waits and nothing is being written: what is encoded then goes out at once.
func (o *SendQueue) Empty() bool {
	quiet, err := o.state()
	return quiet && err == nil
}

// Drained yields after a picture was taken to be sent, or after Close; look at
// Idle then. It is nil, which never yields, for a nil SendQueue.
func (o *SendQueue) MediaTaken() <-chan struct{} {
	if o == nil {
		return nil
	}
	return o.drained
}

// Next implements PacketSource.
func (o *SendQueue) Next() *packet.Buffer {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.control) > 0 {
		b := o.control[0]
		n := copy(o.control, o.control[1:])
		o.control[n] = nil
		o.control = o.control[:n]
		return b
	}
	for i, b := range o.pictures {
		if b != nil {
			o.pictures[i] = nil
			signal(o.drained)
			return b
		}
	}
	o.quiet = true
	signal(o.flushed)
	return nil
}

// Flush waits until all that was sent so far is on the socket: the writer only
// comes back for more when it is. It returns ErrNotConnected when the queue is
// closed first, or the error of ctx. One caller at a time.
func (o *SendQueue) Flush(ctx context.Context) error {
	for {
		done, err := o.state()
		if done || err != nil {
			return err
		}
		select {
		case <-o.flushed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// state reports whether nothing waits and nothing is being written.
func (o *SendQueue) state() (quiet bool, err error) {
	if o == nil {
		return false, ErrNotConnected
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false, ErrNotConnected
	}
	return o.quiet, nil
}

// Wake implements PacketSource.
func (o *SendQueue) Wake() chan struct{} { return o.wake }

// Close gives back what waits; Send reports
// ErrNotConnected from now on. It may be called more than once.
func (o *SendQueue) Close() {
	if o == nil {
		return
	}
	o.mu.Lock()
	left := append(o.control, o.pictures[:]...)
	o.control, o.pictures, o.closed = nil, [media.MaxLayers]*packet.Buffer{}, true
	o.mu.Unlock()
	for _, b := range left {
		if b != nil {
			b.Release()
		}
	}
	signal(o.drained)
	signal(o.flushed)
}

// signal makes a channel of capacity one yield once.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
