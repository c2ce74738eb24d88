package pool

import (
	"time"

	"acip/media"
)

// What a viewer is sent is compared with what it requested itself, not with what others requested of the same sender.
// The tolerances are wide, because a sender lags behind its demand, a sender without a small layer sends the main
// picture to all, and a plain sender knows no demand.
const (
	sizeFloor  = 640 * 480 // pixels that pass whatever was requested
	rawFactor  = 4         // times the requested box, in pixels, for a raw picture: more suits the small layer
	codedArea  = 16        // the same for a coded one, which costs the decoder, not the link
	bytesFloor = 32 << 10  // bytes that are never more than was requested
	bytesSlack = 4 << 10   // headers, and boxes that are rounded up
)

// refuses reports whether a picture is far larger than what was requested, so that it is not sent at all. A request of
// the sender's own size, or of nothing, refuses none.
func (w request) refuses(f frame) bool {
	if w.width <= 0 || w.height <= 0 {
		return false
	}
	box, area := w.width*w.height, int(f.area)
	if f.codec == media.Raw {
		return area > max(sizeFloor, rawFactor*box)
	}
	return area > max(sizeFloor, codedArea*box) || int(f.size) > max(3*sizeFloor, 3*rawFactor*box)+bytesSlack
}

// exceeded reports whether a picture has more bytes than a raw one of the requested size, so that it is sent only if
// that takes little time.
func (w request) exceeded(f frame) bool {
	if w.width <= 0 || w.height <= 0 {
		return false
	}
	return int(f.size) > max(bytesFloor, 3*w.width*w.height*5/4+bytesSlack)
}

// A picture that is being written cannot be cut short, so the others wait behind it. All pictures together that have
// more bytes than their viewer requested get a small share of the link's time: after one that took long, none is sent
// for so many times as long.
const (
	oversizeLong = 20 * time.Millisecond // less is lost in a network's jitter
	oversizeRest = 39                    // a fortieth of the time
)

// oversize measures how long one viewer's link takes for pictures larger than requested.
type oversize struct {
	start int64 // when the writer took one; 0: it is not writing one
	until int64 // none is sent before
}

// began notes that the writer took a frame, and whether it is larger than requested.
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
