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
	runLength = 16                     // what a reader may find in its socket after a pause of the whole machine
	runBytes  = 64 << 10               // behind the first picture
	runAge    = 200 * time.Millisecond // nothing is added behind one that waited longer
)

// run is the pictures of one sender that wait for one viewer, oldest first.
type run struct{ items []waiting }

// waiting is one reference to a picture.
type waiting struct {
	buf *packet.Buffer
	pic picture
}

// len is how many wait.
func (r *run) len() int { return len(r.items) }

// first is the bytes of the oldest, 0 where none waits.
func (r *run) first() float64 {
	if len(r.items) == 0 {
		return 0
	}
	return float64(r.items[0].pic.size)
}

// room reports whether a picture that depends on the run's last can be added.
func (r *run) room(pic picture) bool {
	if len(r.items) == 0 {
		return true
	}
	bytes := pic.size
	for _, w := range r.items[1:] {
		bytes += w.pic.size
	}
	return len(r.items) < runLength && bytes <= runBytes && pic.at-r.items[0].pic.at <= int64(runAge)
}

// push adds a reference to a picture at the end.
func (r *run) push(b *packet.Buffer, pic picture) {
	r.items = append(r.items, waiting{b.Retain(), pic})
}

// pop takes the oldest.
func (r *run) pop() waiting { return r.remove(0) }

// remove takes the i-th.
func (r *run) remove(i int) waiting {
	w := r.items[i]
	r.items = slices.Delete(r.items, i, i+1)
	return w
}

// spare is the index of the newest picture that can go without harm to the
// others in the run, or -1.
func (r *run) spare() int {
	for i, w := range slices.Backward(r.items) {
		if w.pic.discardable() {
			return i
		}
	}
	return -1
}

// clear releases all, counts them with the reason, and reports whether one of
// them was needed by others.
func (r *run) clear(why Reason, d *drops) (needed bool) {
	for _, w := range r.items {
		needed = needed || !w.pic.discardable()
		w.buf.Release()
	}
	d[why] += uint64(len(r.items))
	clear(r.items)
	r.items = r.items[:0]
	return needed
}
