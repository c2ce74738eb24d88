package pool

import (
	"time"

	"acip/media"
)

// What a viewer is sent is held against what it asked for itself, not against
// what others asked of the same sender. The tolerances are wide, because a sender
// lags behind its demand, one without a small layer sends the main picture to
// all, and a plain sender knows no demand.
const (
	sizeFloor  = 640 * 480 // pixels that pass whatever was asked
	rawFactor  = 4         // times the box that was asked for, in pixels, of a raw picture: what suits no small layer
	codedArea  = 16        // the same of a coded one, which costs a decoder, not the link
	bytesFloor = 32 << 10  // bytes that are never more than was asked for
	bytesSlack = 4 << 10   // heads, and boxes that are rounded up
)

// refuses reports whether a picture is far larger than what was asked for, so
// that it is not sent at all. Whoever asked for the sender's own size, or for
// nothing, gets any.
func (w request) refuses(pic frame) bool {
	if w.width <= 0 || w.height <= 0 {
		return false
	}
	box, area := w.width*w.height, int(pic.area)
	if pic.codec == media.Raw {
		return area > max(sizeFloor, rawFactor*box)
	}
	return area > max(sizeFloor, codedArea*box) || int(pic.size) > max(3*sizeFloor, 3*rawFactor*box)+bytesSlack
}

// exceeded reports whether a picture has more bytes than the largest of the size
// that was asked for, a raw one, so that it is sent where that takes no time.
func (w request) exceeded(pic frame) bool {
	if w.width <= 0 || w.height <= 0 {
		return false
	}
	return int(pic.size) > max(bytesFloor, 3*w.width*w.height*5/4+bytesSlack)
}

// A picture that is being written cannot be cut short, so the others wait behind
// it. Pictures of more bytes than their viewer asked for get a small share of its
// link's time, all together: after one that took long, none is sent for so many
// times as long.
const (
	oversizeLong = 20 * time.Millisecond // less is lost in a network's jitter
	oversizeRest = 39                    // a fortieth of the time
)

// oversize is one viewer's experience with pictures larger than it asked for.
type oversize struct {
	start int64 // when one was taken to be written; 0: none is
	until int64 // none is sent before
}

// began notes that a picture was taken, and whether it is such a one.
func (t *oversize) began(now int64, exceeded bool) {
	t.start = 0
	if exceeded {
		t.start = now
	}
}

// ended notes that the writer came back.
func (t *oversize) ended(now int64) {
	if took := now - t.start; t.start != 0 && took > int64(oversizeLong) {
		t.until = now + oversizeRest*took
	}
	t.start = 0
}
