package capture

import (
	"context"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/prop"

	"acip/frame"
)

// When a camera is started again in another size: soon where more is demanded than it gives, and late where it gives
// far more, and only if decoding that takes much of a processor.
const (
	growAfter       = 2 * time.Second
	shrinkAfter     = 15 * time.Second
	expensiveDecode = .1 // of a processor
)

// resizingCamera is a camera whose size follows the demand where no size was asked for.
type resizingCamera struct {
	open func(ctx context.Context, o Options) (*cameraReader, error)
	o    Options

	lifecycle lifecycle
	mu        sync.Mutex
	rec       *cameraReader
	seq       uint64     // added to the numbers of the pictures since the last start
	last      uint64     // number of the last picture
	wanted    frame.Size // the size that the demand would choose
	since     time.Time  // when it became that
}

// openResizing opens the camera by way of open.
func openResizing(ctx context.Context, o Options, open func(ctx context.Context, o Options) (*cameraReader, error)) (*resizingCamera, error) {
	rec, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	return &resizingCamera{open: open, o: o, rec: rec}, nil
}

func (f *resizingCamera) current() *cameraReader {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rec
}

// Info describes the camera as it is open now.
func (f *resizingCamera) Info() Info { return f.current().Info() }

// Read yields the next picture, after starting the camera in another size if the demand has long been for that.
func (f *resizingCamera) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
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

// due reports whether the camera should be started again for box.
func (f *resizingCamera) due(box frame.Size) bool {
	rec := f.current()
	if !f.o.Size.Empty() || box.Empty() || len(rec.modes) == 0 {
		return false
	}
	o := f.o
	o.Box = box
	m, _ := choose(rec.modes, o)
	wanted, now := sizeOf(m), rec.info.Size
	if wanted != f.wanted {
		f.wanted, f.since = wanted, time.Now()
	}
	waited := time.Since(f.since)
	switch {
	case wanted.W*wanted.H > now.W*now.H:
		return waited >= growAfter
	case wanted.W*wanted.H*2 <= now.W*now.H:
		return waited >= shrinkAfter && work(rec.mode) > expensiveDecode
	}
	return false
}

// work returns the share of a processor that decoding takes.
func work(m prop.Media) float64 {
	return float64(m.Width*m.Height) * cost(m.FrameFormat) * float64(m.FrameRate) / 1e9
}

// restart closes the camera and opens it for box.
func (f *resizingCamera) restart(ctx context.Context, box frame.Size) error {
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
	f.seq, f.wanted = f.last+1, frame.Size{}
	if f.lifecycle.over() {
		_ = rec.Close() // Close came meanwhile
		return ErrClosed
	}
	return nil
}

// Close ends a Read and closes the camera.
func (f *resizingCamera) Close() error {
	f.lifecycle.end()
	return f.current().Close()
}
