package capture

import (
	"context"
	"image"
	"image/draw"
	"io"
	"time"

	"acip/capture/internal/fail"
	"acip/frame"
)

// movingImage is an image file of several pictures, each laid over what was there before: GIF, animated PNG and WebP.
type movingImage struct {
	size     frame.Size
	pictures []movingPicture
	plays    int // how often it is to be played; 0: for ever
}

// movingPicture is one of them.
type movingPicture struct {
	decode   func() (image.Image, image.Rectangle, error) // the picture, and where it goes
	over     bool                                         // transparent pixels leave what is below; else they replace it
	disposal disposal
	delay    time.Duration
}

// disposal is what becomes of a picture when the next one comes.
type disposal uint8

const (
	disposeNothing    disposal = iota // it stays
	disposeBackground                 // its place becomes transparent
	disposePrevious                   // its place becomes what it was before
)

// shortest is what browsers make of delays under 20 ms, which date from when no machine could keep them.
const shortest = 100 * time.Millisecond

func asBrowsers(delay time.Duration) time.Duration {
	if delay < 20*time.Millisecond {
		return shortest
	}
	return delay
}

// animation plays a movingImage. Each picture is decoded when it is due, so that a long one takes no more memory than a short
// one. A picture that is damaged leaves what was there.
type animation struct {
	life   life
	pace   *pacer
	info   Info
	file   movingImage
	loop   bool
	fast   bool
	next   int
	played int
	seq    uint64
	delay  time.Duration // how long the picture before stays
	canvas *image.RGBA
	before *image.RGBA // the canvas as it was, for disposal "previous"
	undo   func()      // disposes of the picture that is shown
	whole  frame.Frame
	shown  frame.Frame
	scale  frame.Scaler
}

func newAnimation(file movingImage, name string, o Options) (Source, error) {
	if fail.Oversized(file.size) || file.size.Empty() {
		return nil, imageTooLarge(name, file.size)
	}
	a := &animation{file: file, loop: o.Loop, fast: o.Fast, undo: func() {}}
	a.pace = newPacer(&a.life, 0, false)
	a.info = Info{Name: name, Size: file.size, FPS: file.fps()}
	a.clear()
	if len(file.pictures) > 1 {
		return a, nil
	}
	s := newStill(name, o)
	a.draw(0)
	fromRGBA(&s.whole, a.canvas.Pix, a.canvas.Stride, file.size)
	s.start(o)
	return s, nil
}

func (a *animation) clear() {
	if a.canvas == nil {
		a.canvas = image.NewRGBA(image.Rect(0, 0, a.file.size.W, a.file.size.H))
	}
	clear(a.canvas.Pix)
	a.undo = func() {}
}

// Info describes the animation; FPS is its mean rate.
func (a *animation) Info() Info { return a.info }

// Close ends a Read.
func (a *animation) Close() error {
	a.life.end()
	return nil
}

// Read yields the next picture when the one before has stayed as long as it says.
func (a *animation) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	delay := a.delay
	if a.fast {
		delay = 0
	}
	if err := a.pace.hold(ctx, delay); err != nil {
		return err
	}
	if a.next == len(a.file.pictures) {
		// One that plays for ever ends all the same, unless it is told to loop: so do a call and a command that show it.
		if a.played++; !a.loop && (a.fast || a.played >= a.file.plays) {
			return io.EOF
		}
		a.next = 0
		a.clear()
	}
	a.draw(a.next)
	a.delay = a.file.pictures[a.next].delay
	a.next++
	fromRGBA(&a.whole, a.canvas.Pix, a.canvas.Stride, a.file.size)
	a.shown.Resize(0, 0)
	scaleInto(&a.scale, &a.shown, &a.whole, box)
	dst.CopyFrom(&a.shown)
	dst.Time, dst.Seq = time.Now(), a.seq
	a.seq++
	return nil
}

// draw disposes of the picture before and lays picture i over the canvas.
func (a *animation) draw(i int) {
	p := &a.file.pictures[i]
	a.undo()
	a.undo = func() {}
	m, place, err := p.decode()
	if err != nil {
		return
	}
	r := place.Intersect(a.canvas.Rect)
	switch p.disposal {
	case disposePrevious:
		if a.before == nil {
			a.before = image.NewRGBA(a.canvas.Rect)
		}
		copy(a.before.Pix, a.canvas.Pix)
		a.undo = func() { copy(a.canvas.Pix, a.before.Pix) }
	case disposeBackground:
		a.undo = func() { draw.Draw(a.canvas, r, image.Transparent, image.Point{}, draw.Src) } // browsers: whatever colour the file names
	}
	op := draw.Src
	if p.over {
		op = draw.Over
	}
	draw.Draw(a.canvas, r, m, m.Bounds().Min.Add(r.Min.Sub(place.Min)), op)
}

// fps is the mean rate.
func (f *movingImage) fps() float64 {
	var total time.Duration
	for _, p := range f.pictures {
		total += p.delay
	}
	return float64(len(f.pictures)) / total.Seconds()
}
