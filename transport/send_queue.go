package transport

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"acip/media"
	"acip/packet"
)

// Errors of sending. A sender gets ErrNotConnected from a handle that is nil, was never connected, or is closed.
var (
	ErrNotConnected = errors.New("transport: not connected")
	ErrQueueFull    = errors.New("transport: control queue full")
	ErrNeedsKey     = errors.New("transport: refers to a picture that was dropped")
	ErrLayer        = errors.New("transport: no such simulcast layer")
)

// Bounds of a SendQueue.
const (
	maxControlQueued = 64                     // packets; a client sends a few in a second
	maxAudioQueued   = 64                     // packets; 120 ms of the shortest Opus frames (2.5 ms) are 48
	maxAudioWait     = 120 * time.Millisecond // above it people in a conversation talk over each other (ITU-T G.114)
)

// SendQueue is a client's PacketSource. It has three classes of packets, which are sent in this order:
//
//   - Control packets wait first-in-first-out in a bounded queue. None is dropped; Send fails if the queue is full.
//   - Audio packets wait first-in-first-out, at most 120 ms. Later than that the oldest are dropped and counted.
//   - Of each simulcast layer of video only the newest picture waits.
//
// A nil SendQueue is not connected. It is safe for concurrent use; make one with NewSendQueue.
type SendQueue struct {
	wake    chan struct{} // never closed
	taken   chan struct{} // never closed
	flushed chan struct{} // never closed

	mu       sync.Mutex
	control  []*packet.Buffer
	audio    []queuedAudio
	pictures [media.MaxLayers]*packet.Buffer
	needKey  bool // a keyframe is needed and KeyWanted has not said so yet
	empty    bool // the writer asked for more and found nothing
	closed   bool

	dependencies [media.MaxLayers]media.Dependency
	droppedAudio uint64
}

// queuedAudio is an audio packet and when it was queued.
type queuedAudio struct {
	b  *packet.Buffer
	at time.Time
}

// NewSendQueue returns an empty queue.
func NewSendQueue() *SendQueue {
	return &SendQueue{wake: make(chan struct{}, 1), taken: make(chan struct{}, 1), flushed: make(chan struct{}, 1), empty: true}
}

// Send queues b, which must be finished, with a reference of its own. It never blocks. A picture replaces one of its
// layer that still waits. If the replaced picture was a reference, Send refuses what depends on it with ErrNeedsKey up
// to the next keyframe, which KeyWanted asks for. ErrQueueFull means that the peer takes nothing: close the connection
// with packet.CodeStalled.
func (q *SendQueue) Send(b *packet.Buffer) error {
	if q == nil {
		return ErrNotConnected
	}
	err := q.put(b)
	if err == nil {
		signal(q.wake)
	}
	return err
}

// put queues b by its class.
func (q *SendQueue) put(b *packet.Buffer) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrNotConnected
	}
	switch b.Type().Class() {
	case packet.Video:
		if err := q.putPicture(b); err != nil {
			return err
		}
	case packet.Audio:
		q.audio = append(q.audio, queuedAudio{b.Retain(), time.Now()})
		q.dropLateAudio()
	default:
		if len(q.control) >= maxControlQueued {
			return ErrQueueFull
		}
		q.control = append(q.control, b.Retain())
	}
	q.empty = false
	return nil
}

// putPicture makes b the picture that waits in its layer.
func (q *SendQueue) putPicture(b *packet.Buffer) error {
	flags, layer := packet.Frame(b)
	if layer >= media.MaxLayers {
		return ErrLayer
	}
	d, old := &q.dependencies[layer], q.pictures[layer]
	if old != nil {
		if waiting, _ := packet.Frame(old); !waiting.Has(media.Discardable) && !flags.Has(media.Key) {
			d.Unsync() // the reference that waits is sent, and b dropped
			q.needKey = true
		}
	}
	if !d.Follow(flags) {
		return ErrNeedsKey
	}
	q.pictures[layer] = b.Retain()
	if old != nil {
		old.Release()
	}
	return nil
}

// dropLateAudio drops and counts the oldest audio packets that are beyond the bounds.
func (q *SendQueue) dropLateAudio() {
	n := max(0, len(q.audio)-maxAudioQueued)
	for oldest := time.Now().Add(-maxAudioWait); n < len(q.audio) && q.audio[n].at.Before(oldest); {
		n++
	}
	for _, a := range q.audio[:n] {
		a.b.Release()
	}
	q.droppedAudio += uint64(n)
	q.audio = slices.Delete(q.audio, 0, n)
}

// DroppedAudio returns how many audio packets were accepted by Send and dropped since, because they waited too long.
func (q *SendQueue) DroppedAudio() uint64 {
	if q == nil {
		return 0
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.droppedAudio
}

// KeyWanted reports, once for each broken reference, that the next picture should be a keyframe.
func (q *SendQueue) KeyWanted() bool {
	if q == nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	wanted := q.needKey
	q.needKey = false
	return wanted
}

// NoMediaQueued reports whether neither audio nor a picture waits. A picture that is encoded only then never replaces
// another. It returns false when not connected.
func (q *SendQueue) NoMediaQueued() bool {
	if q == nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, b := range q.pictures {
		if b != nil {
			return false
		}
	}
	return len(q.audio) == 0 && !q.closed
}

// Empty reports whether nothing waits and nothing is being written: what is encoded then goes out at once. It returns
// false when not connected.
func (q *SendQueue) Empty() bool {
	empty, err := q.state()
	return empty && err == nil
}

// MediaTaken is signalled after audio or a picture was taken to be sent, and after Close; ask NoMediaQueued then. It is
// nil, which is never signalled, for a nil SendQueue.
func (q *SendQueue) MediaTaken() <-chan struct{} {
	if q == nil {
		return nil
	}
	return q.taken
}

// Next implements PacketSource.
func (q *SendQueue) Next() *packet.Buffer {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.control) > 0 {
		b := q.control[0]
		q.control = slices.Delete(q.control, 0, 1)
		return b
	}
	b := q.nextMedia()
	if b == nil {
		q.empty = true
		signal(q.flushed)
		return nil
	}
	signal(q.taken)
	return b
}

// nextMedia takes the oldest audio packet that is not late, else the picture of the lowest layer.
func (q *SendQueue) nextMedia() *packet.Buffer {
	q.dropLateAudio()
	if len(q.audio) > 0 {
		b := q.audio[0].b
		q.audio = slices.Delete(q.audio, 0, 1)
		return b
	}
	for i, b := range q.pictures {
		if b != nil {
			q.pictures[i] = nil
			return b
		}
	}
	return nil
}

// Flush waits until everything sent so far is on the socket: only then does the writer ask for more. It returns
// ErrNotConnected if the queue is closed first, or the error of ctx. One caller at a time.
func (q *SendQueue) Flush(ctx context.Context) error {
	for {
		done, err := q.state()
		if done || err != nil {
			return err
		}
		select {
		case <-q.flushed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// state reports whether nothing waits and nothing is being written.
func (q *SendQueue) state() (empty bool, err error) {
	if q == nil {
		return false, ErrNotConnected
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false, ErrNotConnected
	}
	return q.empty, nil
}

// Wake implements PacketSource.
func (q *SendQueue) Wake() chan struct{} { return q.wake }

// Close gives back what waits. Send returns ErrNotConnected from then on. It may be called more than once.
func (q *SendQueue) Close() {
	if q == nil {
		return
	}
	q.mu.Lock()
	left := append(q.control, q.pictures[:]...)
	for _, a := range q.audio {
		left = append(left, a.b)
	}
	q.control, q.audio, q.pictures, q.closed = nil, nil, [media.MaxLayers]*packet.Buffer{}, true
	q.mu.Unlock()
	for _, b := range left {
		if b != nil {
			b.Release()
		}
	}
	signal(q.taken)
	signal(q.flushed)
}

// signal makes a channel of capacity one ready to receive from once.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
