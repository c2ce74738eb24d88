package pool

import (
	"slices"
	"time"

	"acip/media"
	"acip/packet"
)

// policy says which frames of a track wait for a viewer that is slower than the sender.
type policy uint8

const (
	// newest keeps the newest keyframe, or a short run of inter-coded frames: with room for one frame only, a pause of
	// one frame's time at the socket would cost a keyframe for the whole room. A run that is full drops discardable
	// frames first, then everything up to the next keyframe. For video.
	newest policy = iota
	// fifo keeps frames in order and drops the oldest: a frame of audio is of no use late, and each can be lost alone.
	fifo
)

// policyOf returns the policy for tracks of a kind.
func policyOf(k media.Kind) policy {
	if k == media.Audio {
		return fifo
	}
	return newest
}

// Bounds of a queue with the policy newest, which keep a run from becoming a buffer.
const (
	queueLength = 16                     // frames: what a reader may find in its socket after a pause of the whole machine
	queueBytes  = 64 << 10               // behind the first frame
	queueAge    = 200 * time.Millisecond // nothing is added behind a frame that has waited longer
)

// Bounds of a queue with the policy fifo.
const (
	audioAge    = 120 * time.Millisecond // six frames of 20 ms; a jitter buffer conceals no more
	audioLength = 48                     // frames: as many of Opus' shortest, 2.5 ms, as fit into audioAge
	audioBytes  = 16 << 10               // twice what Opus' highest rate, 510 kbit/s, has in audioAge
	audioRate   = 64 << 10               // bytes a second from one sender: Opus' highest rate
)

// queue holds the frames of one track that wait for one viewer, oldest first.
type queue struct {
	policy policy
	items  []waiting
}

// waiting is a reference to a frame.
type waiting struct {
	buf   *packet.Buffer
	frame frame
}

// len returns how many frames wait.
func (q *queue) len() int { return len(q.items) }

// headBytes returns the size of the oldest frame, 0 if none waits.
func (q *queue) headBytes() float64 {
	if len(q.items) == 0 {
		return 0
	}
	return float64(q.items[0].frame.size)
}

// bytes returns the size of the frames behind the first n.
func (q *queue) bytes(n int) (sum uint32) {
	for _, w := range q.items[n:] {
		sum += w.frame.size
	}
	return sum
}

// hasRoom reports whether a frame can be added behind those that wait. For fifo, first remove what has expired.
func (q *queue) hasRoom(f frame) bool {
	switch {
	case len(q.items) == 0:
		return true
	case q.policy == fifo:
		return len(q.items) < audioLength && q.bytes(0)+f.size <= audioBytes
	}
	return len(q.items) < queueLength && q.bytes(1)+f.size <= queueBytes && f.at-q.items[0].frame.at <= int64(queueAge)
}

// expired reports whether the oldest frame is too old to be sent. Only fifo has such a bound: with newest, age is for
// the subscription to judge.
func (q *queue) expired(now int64) bool {
	return q.policy == fifo && len(q.items) > 0 && now-q.items[0].frame.at > int64(audioAge)
}

// push appends a reference to a frame.
func (q *queue) push(b *packet.Buffer, f frame) {
	q.items = append(q.items, waiting{b.Retain(), f})
}

// pop removes the oldest frame.
func (q *queue) pop() waiting { return q.remove(0) }

// remove removes the i-th frame.
func (q *queue) remove(i int) waiting {
	w := q.items[i]
	q.items = slices.Delete(q.items, i, i+1)
	return w
}

// newestDiscardable returns the index of the newest frame that no other refers to, or -1.
func (q *queue) newestDiscardable() int {
	for i, w := range slices.Backward(q.items) {
		if w.frame.discardable() {
			return i
		}
	}
	return -1
}

// clear releases all frames. It returns how many there were, and whether others refer to one of them.
func (q *queue) clear() (n int, needed bool) {
	for _, w := range q.items {
		needed = needed || !w.frame.discardable()
		w.buf.Release()
	}
	n = len(q.items)
	clear(q.items)
	q.items = q.items[:0]
	return n, needed
}
