package capture

import (
	"context"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/prop"

	"acip/frame"
)

// When a camera is started anew in another size: soon where more is demanded than it gives, and late where it gives far
// more, and only if decoding that takes much of a processor.
const (
	growAfter   = 2 * time.Second
	shrinkAfter = 15 * time.Second
	dear        = .1 // of a processor
)

// fitted is a camera whose size follows the demand where no size was asked for.
type fitted struct {
	open func(ctx context.Context, o Options) (*recorder, error)
	o    Options

	life  life
	mu    sync.Mutex
	rec   *recorder
	seq   uint64     // added to the numbers of the pictures since the last start
	last  uint64     // number of the last picture
	aim   frame.Size // the size that the demand would choose
	since time.Time  // when it became that
}

// fit opens the camera by way of open.
func fit(ctx context.Context, o Options, open func(ctx context.Context, o Options) (*recorder, error)) (*fitted, error) {
	rec, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	return &fitted{open: open, o: o, rec: rec}, nil
}

func (f *fitted) current() *recorder {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rec
}

// Info describes the camera as it is open now.
func (f *fitted) Info() Info { return f.current().Info() }

// Read yields the next picture, after starting the camera in another size if the demand has long been for that.
func (f *fitted) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if f.due(box) {
		if err := f.restart(ctx, box); err != nil {
			return err
		}
	}
	if err := f.current().Read(ctx, dst, box); err != nil {
		return err
	}
	dst.Seq += f.seq
	f.last = dst.Seq
	return nil
}

// due reports whether the camera should be started anew for box.
func (f *fitted) due(box frame.Size) bool {
	rec := f.current()
	if !f.o.Size.Empty() || box.Empty() || len(rec.modes) == 0 {
		return false
	}
	o := f.o
	o.Box = box
	m, _ := choose(rec.modes, o)
	aim, now := sizeOf(m), rec.info.Size
	if aim != f.aim {
		f.aim, f.since = aim, time.Now()
	}
	waited := time.Since(f.since)
	switch {
	case aim.W*aim.H > now.W*now.H:
		return waited >= growAfter
	case aim.W*aim.H*2 <= now.W*now.H:
		return waited >= shrinkAfter && work(rec.mode) > dear
	}
	return false
}

// work is the share of a processor that decoding takes.
func work(m prop.Media) float64 {
	return float64(m.Width*m.Height) * cost(m.FrameFormat) * float64(m.FrameRate) / 1e9
}

// restart closes the camera and opens it for box.
func (f *fitted) restart(ctx context.Context, box frame.Size) error {
	_ = f.current().Close() // what it was reading is of no use any more
	o := f.o
	o.Box = box
	rec, err := f.open(ctx, o)
	if err != nil {
		return err
	}
	f.mu.Lock()
	f.rec = rec
	f.mu.Unlock()
	f.seq, f.aim = f.last+1, frame.Size{}
	if f.life.over() {
		_ = rec.Close() // Close came meanwhile
		return ErrClosed
	}
	return nil
}

// Close ends a Read and closes the camera.
func (f *fitted) Close() error {
	f.life.end()
	return f.current().Close()
}
