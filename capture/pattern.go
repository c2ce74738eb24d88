package capture

import (
	"context"
	"time"

	"acip/capture/internal/fail"
	"acip/capture/internal/testcard"
	"acip/frame"
)

// pattern is the moving test picture. It draws at the size that is asked for, which costs less than scaling and looks
// better.
type pattern struct {
	lifecycle lifecycle
	pace      *pacer
	size      frame.Size
	fps       float64
	base      uint64 // number of the first picture: the clock's, so that numbers go on rising when the pattern is opened again
	paint     testcard.Painter
}

const defaultFPS = 30

func newPattern(o Options) *pattern {
	p := &pattern{size: o.Size, fps: o.FPS}
	if p.size.Empty() || fail.Oversized(p.size) {
		p.size = frame.Size{W: 640, H: 480}
	}
	if p.fps <= 0 {
		p.fps = defaultFPS
	}
	p.base = uint64(float64(time.Now().UnixNano()) / 1e9 * p.fps)
	rate := p.fps
	if o.Fast {
		rate = 0
	}
	p.pace = newPacer(&p.lifecycle, rate, !o.Fast)
	return p
}

// Info describes the pattern.
func (p *pattern) Info() Info {
	return Info{Name: "test pattern", Size: p.size, FPS: p.fps, Live: true}
}

// Close ends a Read.
func (p *pattern) Close() error {
	p.lifecycle.end()
	return nil
}

// Read draws the next picture; PatternNumber finds the low 32 bits of dst.Seq in it.
func (p *pattern) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	k, err := p.pace.wait(ctx)
	if err != nil {
		return err
	}
	dst.Time = time.Now()
	dst.Seq = p.base + k
	p.paint.Draw(dst, frame.Within(p.size, box), dst.Seq, p.fps)
	return nil
}

// PatternNumber reads the number of a picture of the test pattern out of its pixels: the low 32 bits of the Seq that
// the source gave it. It works on pictures that went through JPEG, VP8 and any scaling down to 32x24, and on pictures
// with dark bars around them. ok is false if there is no such number, or if the picture is put together from two.
func PatternNumber(f *frame.Frame) (n uint32, ok bool) { return testcard.Number(f) }
