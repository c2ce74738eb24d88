package capture

import (
	"context"
	"image"
	"image/draw"
	"io"
	"time"

	"acip/capture/internal/fail"
	"acip/capture/internal/imagefile"
	"acip/capture/internal/rgb"
	"acip/frame"
)

// animation plays a movingImage. Each picture is decoded when it is due, so that a long one takes no more memory than a
// short one. A picture that is damaged leaves what was there.
type animation struct {
	lifecycle lifecycle
	pace      *pacer
	info      Info
	file      imagefile.Film
	loop      bool
	fast      bool
	next      int
	played    int
	seq       uint64
	delay     time.Duration // how long the picture before stays
	canvas    *image.RGBA
	before    *image.RGBA // the canvas as it was, for disposal "previous"
	undo      func()      // disposes of the picture that is shown
	whole     frame.Frame
	shown     frame.Frame
	scale     frame.Scaler
}

func newAnimation(file imagefile.Film, name string, o Options) (Source, error) {
	if fail.Oversized(file.Size) || file.Size.Empty() {
		return nil, imagefile.TooLarge(name, file.Size)
	}
	a := &animation{file: file, loop: o.Loop, fast: o.Fast, undo: func() {}}
	a.pace = newPacer(&a.lifecycle, 0, false)
	a.info = Info{Name: name, Size: file.Size, FPS: file.FPS()}
	a.clear()
	if len(file.Pictures) > 1 {
		return a, nil
	}
	s := newStill(name, o)
	a.draw(0)
	rgb.FromRGBA(&s.whole, a.canvas.Pix, a.canvas.Stride, file.Size)
	s.start(o)
	return s, nil
}

func (a *animation) clear() {
	if a.canvas == nil {
		a.canvas = image.NewRGBA(image.Rect(0, 0, a.file.Size.W, a.file.Size.H))
	}
	clear(a.canvas.Pix)
	a.undo = func() {}
}

// Info describes the animation; FPS is its mean rate.
func (a *animation) Info() Info { return a.info }

// Close ends a Read.
func (a *animation) Close() error {
	a.lifecycle.end()
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
	if a.next == len(a.file.Pictures) {
		// One that plays for ever ends anyway, unless it is told to loop: so do a call and a command that show it.
		if a.played++; !a.loop && (a.fast || a.played >= a.file.Plays) {
			return io.EOF
		}
		a.next = 0
		a.clear()
	}
	a.draw(a.next)
	a.delay = a.file.Pictures[a.next].Delay
	a.next++
	rgb.FromRGBA(&a.whole, a.canvas.Pix, a.canvas.Stride, a.file.Size)
	a.shown.Resize(0, 0)
	scaleInto(&a.scale, &a.shown, &a.whole, box)
	dst.CopyFrom(&a.shown)
	dst.Time, dst.Seq = time.Now(), a.seq
	a.seq++
	return nil
}

// draw disposes of the picture before and lays picture i over the canvas.
func (a *animation) draw(i int) {
	p := &a.file.Pictures[i]
	a.undo()
	a.undo = func() {}
	m, place, err := p.Decode()
	if err != nil {
		return
	}
	r := place.Intersect(a.canvas.Rect)
	switch p.Disposal {
	case imagefile.DisposePrevious:
		if a.before == nil {
			a.before = image.NewRGBA(a.canvas.Rect)
		}
		copy(a.before.Pix, a.canvas.Pix)
		a.undo = func() { copy(a.canvas.Pix, a.before.Pix) }
	case imagefile.DisposeBackground:
		a.undo = func() { draw.Draw(a.canvas, r, image.Transparent, image.Point{}, draw.Src) } // browsers: whatever colour the file names
	}
	op := draw.Src
	if p.Over {
		op = draw.Over
	}
	draw.Draw(a.canvas, r, m, m.Bounds().Min.Add(r.Min.Sub(place.Min)), op)
}
