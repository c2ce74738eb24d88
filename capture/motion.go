package capture

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"io"
	"time"

	"acip/capture/internal/fail"
	"acip/capture/internal/format"
	"acip/capture/internal/imagefile"
	"acip/capture/internal/rgb"
	"acip/frame"
)

// motionFPS is the rate of bare JPEGs that follow each other, which do not say: ffmpeg's.
const motionFPS = 25

// motion is a stream of JPEGs, each a picture. A stream of one is a still.
type motion struct {
	lifecycle lifecycle
	in        *input
	pace      *pacer
	info      Info
	o         Options
	split     imagefile.Splitter
	whole     frame.Frame // the picture that was read last
	shown     frame.Frame
	scale     frame.Scaler
	ready     bool // whole was not taken yet
	alone     bool // nothing of what follows is a picture of its own
	given     uint64
	first     uint64 // pictures that came before it was known to be a still
	bad       int    // damaged ones in a row
}

func newMotion(in *input, name string, o Options) *motion {
	m := &motion{in: in, o: o}
	in.lifecycle = &m.lifecycle
	fps := o.FPS
	if fps <= 0 {
		fps = motionFPS
	}
	m.info = Info{Name: name, FPS: fps}
	if o.Fast {
		fps = 0
	}
	m.pace = newPacer(&m.lifecycle, fps, false)
	return m
}

// learnWhetherStill reads the first picture, if that is there soon, and makes a still of it if none follows.
func (m *motion) learnWhetherStill(ctx context.Context, patient bool) error {
	err := during(ctx, m.in, patient, func() error {
		if err := m.ahead(ctx); err != nil || m.alone {
			return err
		}
		_, err := m.in.Peek(1)
		return err
	})
	switch {
	case m.ready && (m.alone || errors.Is(err, io.EOF)):
		m.stay()
		return nil
	case err == nil || errors.Is(err, errUndecided):
		return nil
	}
	return err
}

// ahead reads the next picture, unless one has been read that nobody took yet.
func (m *motion) ahead(ctx context.Context) error {
	if m.ready {
		return nil
	}
	if m.alone {
		return io.EOF
	}
	data, err := m.split.Next(m.in)
	if err != nil {
		return err
	}
	if err := m.decode(ctx, data); err != nil {
		if m.bad++; m.whole.Size().Empty() || m.bad > badInARow {
			return err
		}
		return &Error{Op: "read", Kind: Skipped, Msg: err.Error(), Err: err}
	}
	m.bad = 0
	m.ready, m.alone = true, m.alone || imagefile.HasCompanions(data)
	m.info.Size = m.whole.Size()
	m.shown.Resize(0, 0)
	return nil
}

// decode draws a picture into whole: the first by every means, those of a film without starting programs.
func (m *motion) decode(ctx context.Context, data []byte) error {
	if m.whole.Size().Empty() {
		return (&imagefile.File{Data: data, Kind: format.JPEG, Name: m.info.Name, Foreign: ffmpegStill}).Decode(ctx, &m.whole)
	}
	if size := imagefile.JPEGSize(data); size.Empty() || fail.Oversized(size) {
		return imagefile.TooLarge(m.info.Name, size)
	}
	if imagefile.DecodeTurbo(&m.whole, data) == nil {
		return nil
	}
	p, err := jpeg.Decode(bytes.NewReader(imagefile.WithEnd(data)))
	if err == nil {
		rgb.FromImage(&m.whole, p)
	}
	return err
}

// again goes back to the first picture, where that can be.
func (m *motion) again() bool {
	seeker, ok := m.in.under.(io.Seeker)
	if !ok || !m.o.Loop || m.given < 2 {
		return false
	}
	if _, err := seeker.Seek(0, io.SeekStart); err != nil {
		return false
	}
	m.in.Reset(m.in.under)
	m.split = imagefile.Splitter{}
	return true
}

// stay makes a still of it.
func (m *motion) stay() {
	m.info.Still, m.info.Live = true, true
	fps := m.o.FPS
	if fps <= 0 {
		fps = defaultFPS
	}
	m.info.FPS = fps
	if m.o.Fast {
		fps = 0
	}
	m.first = m.given
	m.pace = newPacer(&m.lifecycle, fps, true)
}

// Info describes the stream.
func (m *motion) Info() Info { return m.info }

// Read yields the next picture when it is due; the one of a still again and again.
func (m *motion) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if m.info.Still && m.o.Fast && !m.o.Loop && m.given > 0 {
		return io.EOF
	}
	n, err := m.pace.wait(ctx)
	if err != nil {
		return err
	}
	if !m.info.Still {
		err = m.in.during(ctx, func() error { return m.ahead(ctx) })
		if errors.Is(err, io.EOF) && m.again() {
			err = m.ahead(ctx)
		}
		if errors.Is(err, io.EOF) && m.given == 1 && !m.o.Fast {
			m.stay()
			return m.Read(ctx, dst, box)
		}
		if err != nil {
			return err
		}
		n = m.given
	}
	m.ready = false
	scaleInto(&m.scale, &m.shown, &m.whole, box)
	dst.CopyFrom(&m.shown)
	dst.Time, dst.Seq = time.Now(), n+m.first
	if !m.info.Still {
		dst.Seq = m.given
	}
	m.given++
	return nil
}

// Close ends a Read and closes what is read from.
func (m *motion) Close() error {
	if !m.lifecycle.end() {
		return nil
	}
	return m.in.Close()
}
