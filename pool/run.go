package pool

import (
	"time"

	"acip/packet"
)

// A place holds one picture, or a short run of pictures that follow one another
// where they depend on each other: with one place alone, a hiccup of one frame's
// time at the socket would cost a key picture for the whole room. The bounds keep
// a run from becoming a queue.
const (
	runLength = 4
	runBytes  = 64 << 10               // behind the first picture
	runAge    = 150 * time.Millisecond // nothing is added behind one that waited longer
)

// run is the pictures of one sender that wait for one viewer, oldest first.
type run struct {
	n     int
	items [runLength]waiting
}

// waiting is one reference to a picture.
type waiting struct {
	buf *packet.Buffer
	pic picture
}

// room reports whether a picture that depends on the run's last can be added.
func (r *run) room(pic picture) bool {
	if r.n == 0 {
		return true
	}
	bytes := pic.size
	for i := 1; i < r.n; i++ {
		bytes += r.items[i].pic.size
	}
	return r.n < runLength && bytes <= runBytes && pic.at-r.items[0].pic.at <= int64(runAge)
}

// push adds a reference to a picture at the end.
func (r *run) push(b *packet.Buffer, pic picture) {
	r.items[r.n] = waiting{b.Retain(), pic}
	r.n++
}

// pop takes the oldest.
func (r *run) pop() waiting { return r.remove(0) }

// remove takes the i-th.
func (r *run) remove(i int) waiting {
	w := r.items[i]
	copy(r.items[i:], r.items[i+1:r.n])
	r.n--
	r.items[r.n] = waiting{}
	return w
}

// spare is the index of the newest picture that can go without harm to the
// others in the run, or -1.
func (r *run) spare() int {
	for i := r.n - 1; i >= 0; i-- {
		if r.items[i].pic.droppable {
			return i
		}
	}
	return -1
}

// clear releases all, counts them with the reason, and reports whether one of
// them was needed by others.
func (r *run) clear(why Reason, d *drops) (needed bool) {
	for i := range r.n {
		needed = needed || !r.items[i].pic.droppable
		r.items[i].buf.Release()
		r.items[i] = waiting{}
	}
	d[why] += uint64(r.n)
	r.n = 0
	return needed
}
