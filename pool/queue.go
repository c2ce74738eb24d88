package pool

import (
	"slices"
	"time"

	"acip/packet"
)

// A place holds one picture, or a short run of pictures that follow one another
// where they depend on each other: with one place alone, a hiccup of one frame's
// time at the socket would cost a key picture for the whole room. The bounds keep
// a run from becoming a queue.
const (
	queueLength = 16                     // what a reader may find in its socket after a pause of the whole machine
	queueBytes  = 64 << 10               // behind the first picture
	queueAge    = 200 * time.Millisecond // nothing is added behind one that waited longer
)

// run is the pictures of one sender that wait for one viewer, oldest first.
type queue struct{ items []waiting }

// waiting is one reference to a picture.
type waiting struct {
	buf *packet.Buffer
	pic frame
}

// len is how many wait.
func (q *queue) len() int { return len(q.items) }

// first is the bytes of the oldest, 0 where none waits.
func (q *queue) first() float64 {
	if len(q.items) == 0 {
		return 0
	}
	return float64(q.items[0].pic.size)
}

// room reports whether a picture that depends on the run's last can be added.
func (q *queue) hasRoom(pic frame) bool {
	if len(q.items) == 0 {
		return true
	}
	bytes := pic.size
	for _, w := range q.items[1:] {
		bytes += w.pic.size
	}
	return len(q.items) < queueLength && bytes <= queueBytes && pic.at-q.items[0].pic.at <= int64(queueAge)
}

// push adds a reference to a picture at the end.
func (q *queue) push(b *packet.Buffer, pic frame) {
	q.items = append(q.items, waiting{b.Retain(), pic})
}

// pop takes the oldest.
func (q *queue) pop() waiting { return q.remove(0) }

// remove takes the i-th.
func (q *queue) remove(i int) waiting {
	w := q.items[i]
	q.items = slices.Delete(q.items, i, i+1)
	return w
}

// spare is the index of the newest picture that can go without harm to the
// others in the run, or -1.
func (q *queue) newestDiscardable() int {
	for i, w := range slices.Backward(q.items) {
		if w.pic.discardable() {
			return i
		}
	}
	return -1
}

// clear releases all, counts them with the reason, and reports whether one of
// them was needed by others.
func (q *queue) clear(why Reason, d *drops) (needed bool) {
	for _, w := range q.items {
		needed = needed || !w.pic.discardable()
		w.buf.Release()
	}
	d[why] += uint64(len(q.items))
	clear(q.items)
	q.items = q.items[:0]
	return needed
}
