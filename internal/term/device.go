package term

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// Device is a terminal other than this process's own, such as an ssh channel. Its other end is expected to be in raw
// mode: every key arrives as it is typed. Close must end a Read and a Write under way, and may be called from any
// goroutine: a terminal that takes nothing for drainWrites while Terminal.Close waits for it is closed.
type Device interface {
	io.ReadWriteCloser
	// Window returns the size; zero columns or rows mean 80x24.
	Window() Window
	// Resized is signalled after the size changed. It has a capacity of one and is never closed; nil means never.
	Resized() <-chan struct{}
}

// Window is a terminal's size in cells, and in pixels where that is known.
type Window struct{ Cols, Rows, Width, Height int }

// device is what a Terminal needs of its terminal.
type device interface {
	// read waits for input at most as long as timeout, or for ever if it is 0: os.ErrDeadlineExceeded when none came.
	read(b []byte, timeout time.Duration) (int, error)
	write(b []byte) (int, error)
	size() Window
	// makeRaw and restore set the modes and take them back.
	makeRaw() error
	restore() error
	// foreground reports whether the terminal is this process's to use; awaitForeground waits until it is.
	foreground() bool
	awaitForeground(ctx context.Context, notes io.Writer, program string) error
	// bound gives writes a deadline from now, those under way included; 0 takes it away.
	bound(limit time.Duration)
	// interrupt ends a read under way and all that follow; stopped reports that it was called.
	interrupt()
	stopped() bool
	close() error
}

// open opens the terminal that is meant. local is nil for a Device.
func (o *Options) open() (dev device, local *localDevice, err error) {
	if o.Device != nil {
		return newRemote(o.Device), nil, nil
	}
	local, err = openDevice(o.Output)
	return local, local, err
}

// remote is a Device as a Terminal uses it. One goroutine reads; close ends and awaits it.
type remote struct {
	dev    Device
	chunks chan []byte // from the reader, closed at the end
	free   chan []byte // back to it
	err    error       // why chunks was closed
	rest   []byte      // of the last chunk
	last   []byte      // the chunk that rest is part of
	ended  chan struct{}
	end    sync.Once
	reader sync.WaitGroup
	shut   func() error // closes dev, once

	turn    sync.Mutex // held during a write
	mu      sync.Mutex
	limit   time.Time // of writes; zero: none
	writing bool
	late    *time.Timer // closes dev at limit; nil unless a write is under way
}

func newRemote(dev Device) *remote {
	r := &remote{dev: dev, chunks: make(chan []byte), free: make(chan []byte, 1), ended: make(chan struct{})}
	r.free <- make([]byte, 4096)
	r.shut = sync.OnceValue(dev.Close)
	r.reader.Go(r.pump)
	return r
}

// pump reads until the device ends or nobody reads any more.
func (r *remote) pump() {
	defer close(r.chunks)
	for {
		var b []byte
		select {
		case b = <-r.free:
		case <-r.ended:
			return
		}
		n, err := r.dev.Read(b[:cap(b)])
		if n > 0 {
			select {
			case r.chunks <- b[:n]:
			case <-r.ended:
				return
			}
		} else {
			r.free <- b
		}
		if err != nil {
			r.err = err
			return
		}
	}
}

func (r *remote) read(b []byte, timeout time.Duration) (int, error) {
	var late <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		late = timer.C
	}
	if len(r.rest) == 0 {
		select {
		case chunk, ok := <-r.chunks:
			if !ok {
				return 0, errors.Join(io.EOF, r.err)
			}
			r.rest, r.last = chunk, chunk
		case <-late:
			return 0, os.ErrDeadlineExceeded
		case <-r.ended:
			return 0, os.ErrDeadlineExceeded
		}
	}
	n := copy(b, r.rest)
	if r.rest = r.rest[n:]; len(r.rest) == 0 {
		r.free <- r.last
	}
	return n, nil
}

func (r *remote) write(b []byte) (int, error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	r.setWriting(true)
	defer r.setWriting(false)
	return r.dev.Write(b)
}

func (r *remote) setWriting(is bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writing = is
	r.arm()
}

// arm has the device closed at the limit if a write is under way; r.mu is held.
func (r *remote) arm() {
	if r.late != nil {
		r.late.Stop()
		r.late = nil
	}
	if r.writing && !r.limit.IsZero() {
		r.late = time.AfterFunc(time.Until(r.limit), func() { _ = r.shut() }) // close returns its error
	}
}

func (r *remote) size() Window {
	w := r.dev.Window()
	if w.Cols <= 0 || w.Rows <= 0 {
		return Window{Cols: 80, Rows: 24}
	}
	return w
}

func (r *remote) makeRaw() error { return nil }

func (r *remote) restore() error { return nil }

func (r *remote) foreground() bool { return true }

func (r *remote) awaitForeground(context.Context, io.Writer, string) error { return nil }

func (r *remote) bound(limit time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limit = time.Time{}
	if limit > 0 {
		r.limit = time.Now().Add(limit)
	}
	r.arm()
}

func (r *remote) interrupt() { r.end.Do(func() { close(r.ended) }) }

func (r *remote) stopped() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

func (r *remote) close() error {
	r.interrupt()
	err := r.shut()
	r.reader.Wait()
	return err
}
