package capture

import (
	"context"
	"errors"
	"sync"
	"time"

	"acip/frame"
)

// Resilient is a source that comes back: when the one that Open makes is lost or stalls, Read returns that error once,
// and the Reads after it wait until Open succeeds again. Other errors, ErrClosed and io.EOF are passed on each time.
// Info is the open source's, or the last one's.
type Resilient struct {
	Open func(ctx context.Context) (Source, error) // makes the source; called by Read
	Wait time.Duration                             // between attempts; 0: 500 ms

	life life
	mu   sync.Mutex
	src  Source // nil while it is lost
	info Info
}

// NewResilient opens the source for the first time; its error is passed on.
func NewResilient(ctx context.Context, open func(ctx context.Context) (Source, error)) (*Resilient, error) {
	src, err := open(ctx)
	if err != nil {
		return nil, err
	}
	return &Resilient{Open: open, src: src, info: src.Info()}, nil
}

// Info describes the source.
func (r *Resilient) Info() Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.src != nil {
		r.info = r.src.Info()
	}
	return r.info
}

// Read yields the next picture, waiting for the source's return if it is lost.
func (r *Resilient) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	src, err := r.get(ctx)
	if err != nil {
		return err
	}
	err = src.Read(ctx, dst, box)
	if kind := KindOf(err); err != nil && (kind == Lost || kind == Stalled) {
		r.drop(src)
	}
	return err
}

// drop closes what is lost.
func (r *Resilient) drop(src Source) {
	r.mu.Lock()
	if r.src == src {
		r.src = nil
	}
	r.mu.Unlock()
	_ = src.Close() // it is gone
}

// get is the open source; it tries until there is one.
func (r *Resilient) get(ctx context.Context) (Source, error) {
	for {
		if r.life.over() {
			return nil, ErrClosed
		}
		r.mu.Lock()
		src := r.src
		r.mu.Unlock()
		if src != nil {
			return src, nil
		}
		if src, err := r.Open(ctx); err == nil {
			return r.keep(src)
		}
		if err := r.pause(ctx); err != nil {
			return nil, err
		}
	}
}

// keep holds a new source, unless Close came first.
func (r *Resilient) keep(src Source) (Source, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.life.over() {
		return nil, errors.Join(ErrClosed, src.Close())
	}
	r.src, r.info = src, src.Info()
	return src, nil
}

func (r *Resilient) pause(ctx context.Context) error {
	wait := r.Wait
	if wait == 0 {
		wait = 500 * time.Millisecond
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-r.life.ended():
		return ErrClosed
	}
}

// Close ends a Read and closes the source.
func (r *Resilient) Close() error {
	if !r.life.end() {
		return nil
	}
	r.mu.Lock()
	src := r.src
	r.src = nil
	r.mu.Unlock()
	if src == nil {
		return nil
	}
	return src.Close()
}
