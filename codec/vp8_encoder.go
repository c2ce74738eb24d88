//go:build vpx && cgo

package codec

import (
	"fmt"
	"math"

	"acip/codec/internal/ycc"
	"acip/frame"
	"acip/media"
)

// vp8Encoder encodes VP8 (RFC 6386), one frame out for each frame in. Most frames are discardable unless Options.Solid.
type vp8Encoder struct {
	options         Options
	tuning          vpxTuning // in force if vpx is not nil
	vpx             *vpxEncoder
	matrix          ycc.Matrix
	planes          planes
	noise           noiseMeter
	rate            rateControl
	pace            paceMeter
	deltas          filterDeltas
	golden          goldenClock
	refine          refinement
	coarser         int         // quantizer steps above quantizerFor's
	turn            int         // frames since the last keyframe
	altRefAt        int         // turn of the last that was made the alternate reference
	altRefScene     sceneMemory // what it showed
	prevDiscardable bool        // the last one was discardable
	closed          bool
	contexts        *tally // tests only
}

func newVP8Encoder(o Options) (Encoder, error) {
	if o.FPS <= 0 {
		o.FPS = 30
	}
	return &vp8Encoder{options: o, matrix: ycc.BT601()}, nil
}

func (e *vp8Encoder) Encode(dst []byte, f *frame.Frame, key bool) ([]byte, media.Flags, error) {
	if e.closed {
		return dst, 0, ErrClosed
	}
	if err := checkFrame(f); err != nil {
		return dst, 0, err
	}
	if err := e.open(f.Width, f.Height); err != nil {
		return dst, 0, fmt.Errorf("codec: vp8: open encoder: %w", err)
	}
	e.planes.fromRGB(&e.matrix, f.Pix, f.Width, f.Height)
	e.noise.add(&e.planes)
	e.pace.add(f.Time)
	return e.encode(dst, key)
}

// encode codes the planes and records which frames later ones refer to.
func (e *vp8Encoder) encode(dst []byte, key bool) ([]byte, media.Flags, error) {
	r := e.role(key)
	if err := e.tune(r); err != nil {
		return dst, 0, fmt.Errorf("codec: vp8: set rate: %w", err)
	}
	if r == altRef {
		e.altRefAt = e.turn
		e.altRefScene.keep(&e.planes)
	}
	out, isKey, err := e.vpx.encode(dst, &e.planes, e.ticks(), r.flags())
	if err != nil {
		e.free() // the next frame opens a new context, which begins with a keyframe
		return dst, 0, fmt.Errorf("codec: vp8: encode: %w", err)
	}
	e.rate.spent(len(out)-len(dst), e.kbps(), e.fps())
	golden, leaves := e.deltas.read(out[len(dst):])
	e.golden.coded(e.tuning, isKey, golden, r == discardable)
	return out, e.count(isKey, r == discardable && !leaves), nil
}

// role chooses the role of the next frame.
func (e *vp8Encoder) role(asked bool) role {
	switch {
	case asked:
		return key
	case !e.options.Solid && e.turn%e.pattern() != 0:
		return discardable
	case e.noise.sigma <= grainySigma:
		return normal
	case e.turn-e.altRefAt >= altRefEvery && e.altRefScene.stale(&e.planes):
		return altRef
	}
	return last
}

// count advances the pattern and returns what the frame turned out to be.
func (e *vp8Encoder) count(key, discardable bool) media.Flags {
	flags := media.Flags(0).With(media.Key, key).With(media.Discardable, discardable).With(media.PrevDiscardable, e.prevDiscardable)
	if key {
		e.turn, e.altRefAt = 0, 0
		e.altRefScene.keep(&e.planes)
	}
	e.turn++
	e.prevDiscardable = discardable
	return flags
}

// pattern returns the distance between frames that others refer to.
func (e *vp8Encoder) pattern() int {
	return pattern(e.fps(), e.vpx.w*e.vpx.h, &e.noise, e.turn)
}

// tune sets libvpx's quantizer for the next frame if it differs from the last one's.
func (e *vp8Encoder) tune(r role) error {
	t := e.tuning
	finest := quantizerFor(e.noise.sigma, e.vpx.w*e.vpx.h)
	refined := e.refine.next(finest, e.noise.still() && e.coarser == 0, r != discardable)
	t.q = e.rate.quantizer(refined+e.coarser, e.kbps())
	t.static = tuningFor(e.vpx.w, e.vpx.h).static
	if e.refine.coding() && r != discardable {
		t.static = 1
	}
	switch r {
	case discardable:
		if refined == finest {
			t.q = min(t.q+discardableStep, maxQ)
		}
	case altRef, key:
		if e.noise.sigma > grainySigma && e.coarser == 0 {
			t.q = max(t.q-altRefStep, min(t.q, baseQ))
		}
	}
	t.resilient = r == discardable && e.golden.due()
	if t == e.tuning {
		return nil
	}
	e.tuning = t
	return e.vpx.setRate(t)
}

// fps returns the expected rate, or the measured one if that is lower.
func (e *vp8Encoder) fps() float64 { return e.pace.most(e.options.FPS) }

// kbps returns the ceiling in force.
func (e *vp8Encoder) kbps() int {
	if e.options.KBPS > 0 {
		return e.options.KBPS
	}
	return ceiling(e.vpx.w, e.vpx.h, e.fps())
}

// ticks returns the duration of a frame by the encoder's clock.
func (e *vp8Encoder) ticks() int { return max(int(vpxTicks/e.fps()), 1) }

// open makes sure that there is a context for the size. A new context begins with a keyframe by itself.
func (e *vp8Encoder) open(w, h int) error {
	if e.vpx != nil && e.vpx.w == w && e.vpx.h == h {
		return nil
	}
	e.free()
	e.noise.reset()
	t := tuningFor(w, h)
	t.q = quantizerFor(0, w*h)
	v, err := openVPXEncoder(w, h, t, e.contexts)
	if err != nil {
		return err
	}
	e.vpx, e.tuning, e.turn, e.golden, e.refine = v, t, 0, goldenClock{}, refinement{}
	return nil
}

func (e *vp8Encoder) SetRate(kbps int, fps float64) {
	e.options.KBPS = kbps
	if fps > 0 {
		e.options.FPS = fps
	}
}

func (e *vp8Encoder) SetShare(share float64) {
	e.coarser = int(math.Round(-halfStep * math.Log2(min(max(share, 0.05), 1))))
}

func (e *vp8Encoder) Close() error {
	e.closed = true
	e.free()
	return nil
}

func (e *vp8Encoder) free() {
	if e.vpx != nil {
		e.vpx.close()
		e.vpx = nil
	}
}

// ceiling returns the rate in kbit/s that a size never exceeds for long: 60 at 160x90 and 30 frames a second.
func ceiling(w, h int, fps float64) int {
	k := 60 * math.Pow(float64(w*h)/(160*90), 0.65) * math.Sqrt(fps/30)
	return max(int(k), 6)
}

func (n *noiseMeter) reset() { *n = noiseMeter{last: n.last} }
