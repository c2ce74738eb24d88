package capture

import (
	"context"
	"errors"
	"image"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	mdframe "github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"acip/capture/internal/fail"
	"acip/capture/internal/rgb"
	"acip/capture/internal/yuv"
	"acip/frame"
)

// How long a device may take.
const (
	firstPicture = 3 * time.Second // to its first picture, and between any two
	readPatience = 4 * time.Second // where the device's own read has no end
	badInARow    = 60              // damaged pictures that are skipped before giving up
)

// cameraReader is a mediadevices driver that records. Its goroutine reads all that the device yields, so that what
// waits in the device is never old, and converts a picture only for a Read that waits for one, before the device's
// memory is used again.
type cameraReader struct {
	lifecycle lifecycle
	info      Info
	device    driver.Driver
	reader    video.Reader
	colour    yuv.Encoding
	modes     []prop.Media                     // that the device has
	mode      prop.Media                       // that it is in
	explain   func(op string, err error) error // the device's error as a sentence

	mu     sync.Mutex
	want   *frame.Frame // of the Read that waits; nil if none does
	box    frame.Size
	filled bool          // want has been drawn
	err    error         // the end
	wake   chan struct{} // capacity one, never closed: want is filled, or err is set
	ended  chan struct{} // closed by the goroutine at its end
	closed atomic.Bool   // the device is
	shut   chan struct{} // closed at the end of Close
	late   *time.Timer   // of the Read that waits
	shrink yuv.Shrinker
	rgb    frame.Frame
	scale  frame.Scaler
}

// startReading opens d, starts it in mode m and waits for its first picture.
func startReading(ctx context.Context, d driver.Driver, m prop.Media, r *cameraReader) error {
	rec, ok := d.(driver.VideoRecorder)
	if !ok {
		return &Error{Op: "open", Kind: Unsupported, Msg: r.info.Name + " yields no pictures"}
	}
	reader, err := rec.VideoRecord(m)
	if err != nil {
		return r.explain("open", err)
	}
	r.device, r.reader = d, reader
	r.wake, r.ended, r.shut = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	first := make(chan struct{})
	go r.run(first)
	timer := time.NewTimer(firstPicture)
	defer timer.Stop()
	select {
	case <-first:
		return nil
	case <-r.ended:
		err = r.end()
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = &Error{
			Op: "open", Kind: Stalled, Msg: r.info.Name + " is open and sends no picture",
			Hint: "unplug it and plug it in again, or see whether another program gets one",
		}
	}
	_ = r.Close()
	return err
}

// run reads until the device fails or the source is closed.
func (r *cameraReader) run(first chan struct{}) {
	defer close(r.ended)
	bad, last := 0, time.Now()
	for seq := uint64(0); ; {
		m, release, err := r.reader.Read()
		if err == nil && m != nil {
			err = r.serve(m, seq)
		}
		if release != nil {
			release()
		}
		switch {
		case r.lifecycle.over() && (err != nil || r.closed.Load()):
			r.finish(ErrClosed)
			return
		case r.lifecycle.over(): // some devices wait for their last picture to be taken
		case err == nil && m != nil:
			if seq == 0 {
				close(first)
			}
			bad, last, seq = 0, time.Now(), seq+1
		case isTimeout(err) && time.Since(last) < firstPicture:
		case isTimeout(err):
			r.finish(r.stalled(seq))
			return
		case isBadPicture(err) && bad < badInARow:
			bad++
			if seq > 0 {
				seq++ // it was a picture, and is missing
			}
		default:
			r.finish(r.explain("read", err))
			return
		}
	}
}

func (r *cameraReader) stalled(seq uint64) error {
	msg := r.info.Name + " stopped sending pictures"
	if seq == 0 {
		msg = r.info.Name + " is open and sends no picture"
	}
	return &Error{Op: "read", Kind: Stalled, Msg: msg, Hint: "unplug it and plug it in again"}
}

func (r *cameraReader) finish(err error) {
	r.mu.Lock()
	r.err = err
	r.mu.Unlock()
	r.signal()
}

func (r *cameraReader) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// serve draws m for the Read that waits, if one does.
func (r *cameraReader) serve(m image.Image, seq uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.want == nil || r.filled {
		return nil
	}
	if err := r.draw(r.want, m, r.box); err != nil {
		return err
	}
	r.want.Time, r.want.Seq = time.Now(), seq
	r.filled = true
	r.signal()
	return nil
}

// borrowed is a picture that is decoded when it is drawn, at size to. Its colours are what the driver says, unless
// wishes say full range or BT.709.
type borrowed interface {
	draw(dst *frame.Frame, s *yuv.Shrinker, to frame.Size, wishes yuv.Encoding) error
}

// draw converts and scales in one pass where m is in luma and chroma. A picture that cannot be drawn is a damaged one.
func (r *cameraReader) draw(dst *frame.Frame, m image.Image, box frame.Size) error {
	b := m.Bounds()
	size := frame.Size{W: b.Dx(), H: b.Dy()}
	if size.Empty() || fail.Oversized(size) {
		return errDamaged
	}
	to := frame.Within(size, box)
	switch m := m.(type) {
	case borrowed:
		return m.draw(dst, &r.shrink, to, r.colour)
	case *image.YCbCr:
		p, ok := yuv.FromYCbCr(m, r.colour)
		if !ok {
			return errDamaged
		}
		r.shrink.Draw(dst, &p, to)
		return nil
	case *image.Gray:
		p := yuv.FromGrey(m.Pix, m.Stride, size, r.colour)
		r.shrink.Draw(dst, &p, to)
		return nil
	case *image.RGBA:
		rgb.FromRGBA(&r.rgb, m.Pix, m.Stride, size)
	default:
		rgb.FromImage(&r.rgb, m)
	}
	dst.Resize(to.W, to.H)
	r.scale.Scale(dst, frame.Rect{W: to.W, H: to.H}, &r.rgb, frame.Rect{W: size.W, H: size.H})
	return nil
}

// Info describes the device.
func (r *cameraReader) Info() Info { return r.info }

// Read waits for the device's next picture.
func (r *cameraReader) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	r.want, r.box, r.filled = dst, box, false
	r.mu.Unlock()
	if r.late == nil {
		r.late = time.NewTimer(readPatience)
	}
	r.late.Reset(readPatience)
	defer r.late.Stop()
	for {
		if done, err := r.taken(); done {
			return err
		}
		select {
		case <-r.wake:
		case <-ctx.Done():
			if r.withdraw() {
				return nil // it came at the last moment
			}
			return ctx.Err()
		case <-r.late.C:
			if r.withdraw() {
				return nil
			}
			return r.stalled(1)
		case <-r.lifecycle.ended():
			r.withdraw()
			return ErrClosed
		}
	}
}

// taken reports whether the Read is over, and how.
func (r *cameraReader) taken() (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.filled:
		r.want, r.filled = nil, false
		return true, nil
	case r.err != nil:
		r.want = nil
		r.signal() // for the next Read
		return true, r.err
	}
	return false, nil
}

// withdraw takes the wish back; after it nobody touches the frame.
func (r *cameraReader) withdraw() (filled bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	filled = r.filled
	r.want, r.filled = nil, false
	return filled
}

func (r *cameraReader) end() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Close ends the reading and closes the device. Our own reader's is ended first, at once. Others' reads, some of which
// last until there is a picture, are ended by closing the device under them; one that goes on anyway is left to itself
// after patience.
func (r *cameraReader) Close() error {
	if !r.lifecycle.end() {
		<-r.shut
		return nil
	}
	defer close(r.shut)
	if i, ok := r.reader.(interface{ Interrupt() }); ok {
		i.Interrupt()
		<-r.ended
	}
	err := r.device.Close()
	r.closed.Store(true)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-r.ended:
	case <-late.C:
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return r.explain("close", err)
	}
	return nil
}

// colourOf returns what a format's numbers mean: JPEG has full range, cameras' own formats limited.
func colourOf(f mdframe.Format, o Options) yuv.Encoding {
	e := yuv.Encoding{Matrix: yuv.BT601, Live: true, Full: o.FullRange || f == mdframe.FormatMJPEG}
	if o.BT709 {
		e.Matrix = yuv.BT709
	}
	return e
}
