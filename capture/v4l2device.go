//go:build linux && cgo

package capture

import (
	"errors"
	"fmt"
	"image"
	"syscall"

	"github.com/pion/mediadevices/pkg/driver"
	mdframe "github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"acip/capture/internal/v4l2"
	"acip/capture/internal/yuv"
)

// ownDeviceType is the kind of device that v4l2Device is registered as, to tell it from mediadevices' own.
const ownDeviceType driver.DeviceType = "v4l2"

// v4l2Device is a camera that mediadevices has found and says what it offers, and that we read from.
type v4l2Device struct {
	found  driver.Driver
	path   string
	modes  []prop.Media // while open
	stream *v4l2Reader
}

// replaceDriver puts our driver into the place of mediadevices' own.
func replaceDriver(d driver.Driver, path string) {
	m, info := driver.GetManager(), d.Info()
	info.DeviceType = ownDeviceType
	m.Delete(d.ID())
	_ = m.Register(&v4l2Device{found: d, path: path}, info) // never fails
}

// Open asks the camera what it offers. The library's descriptors are inherited by programs that are started while they
// are open, which would keep the camera for as long as they run: so none is started meanwhile, and none is left open.
func (d *v4l2Device) Open() error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := d.found.Open(); err != nil {
		return err
	}
	d.modes = d.found.Properties()
	return d.found.Close()
}

// Properties returns the modes of the open camera.
func (d *v4l2Device) Properties() []prop.Media { return d.modes }

// VideoRecord starts the camera in one of its modes. The Reader's pictures are known to this package alone.
func (d *v4l2Device) VideoRecord(m prop.Media) (video.Reader, error) {
	code, ok := fourcc(m.FrameFormat)
	if !ok {
		return nil, fmt.Errorf("no way to read %s", m.FrameFormat)
	}
	s, err := v4l2.Open(d.path, v4l2.Mode{Code: code, Size: sizeOf(m), FPS: m.FrameRate})
	if err != nil {
		return nil, err
	}
	f := s.Format()
	d.stream = &v4l2Reader{Stream: s, format: rawFormat{m.FrameFormat, f.Size, f.Stride, yuv.Encoding{Full: f.Full}}, release: s.Release}
	if f.BT709 {
		d.stream.format.colour.Matrix = yuv.BT709
	}
	return d.stream, nil
}

// fourcc returns the kernel's code of a format that mappedFrame can show.
func fourcc(f mdframe.Format) (code string, ok bool) {
	switch f {
	case mdframe.FormatYUYV, mdframe.FormatUYVY, mdframe.FormatNV12, mdframe.FormatNV21:
		return string(f), true
	case mdframe.FormatI420:
		return "YU12", true
	case mdframe.FormatMJPEG:
		return "MJPG", true
	}
	return "", false
}

// Close ends the streaming. No Read may be in progress.
func (d *v4l2Device) Close() error {
	d.modes = nil
	if d.stream == nil {
		return nil
	}
	err := d.stream.close()
	d.stream = nil
	return err
}

// v4l2Reader is a camera's stream as mediadevices knows streams.
type v4l2Reader struct {
	*v4l2.Stream
	format  rawFormat
	picture mappedFrame
	release func()
}

// Read waits for the next picture, which is good until it is released.
func (r *v4l2Reader) Read() (image.Image, func(), error) {
	pix, err := r.Stream.Read()
	switch {
	case errors.Is(err, v4l2.ErrTimeout):
		return nil, nil, errNoPicture
	case errors.Is(err, v4l2.ErrDamaged):
		return nil, nil, errDamaged
	case err != nil:
		return nil, nil, err
	}
	if err := r.picture.set(&r.format, pix); err != nil {
		return nil, r.release, err
	}
	return &r.picture, r.release, nil
}

// close frees everything.
func (r *v4l2Reader) close() error {
	r.picture.decoder.Close()
	return r.Stream.Close()
}
