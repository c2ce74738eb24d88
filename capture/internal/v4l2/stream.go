//go:build linux && cgo

package v4l2

// #include <linux/videodev2.h>
import "C"

import (
	"errors"
	"fmt"
	"io"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"acip/frame"
)

const (
	buffers  = 4               // pictures that the driver may hold
	patience = 1 * time.Second // for a picture, before a Read says that none came
)

// What Read says of a camera that is still there.
var (
	ErrTimeout = errors.New("no picture came")
	ErrDamaged = errors.New("damaged picture")
)

// Mode is what to ask of a camera. It must be one that the camera lists.
type Mode struct {
	Code string // of the format, as the kernel writes it: "YUYV", "MJPG"
	Size frame.Size
	FPS  float32 // pictures a second; 0: as it is
}

// Format is what a camera's pictures are in memory.
type Format struct {
	Size   frame.Size // that the driver took
	Stride int        // of a row of luma or of packed pixels in bytes; 0: no padding
	BT709  bool       // the matrix of colours; else BT.601
	Full   bool       // the range of numbers; else limited
}

// Stream is a camera that streams. One goroutine reads; Interrupt may be called from another until Close.
type Stream struct {
	fd      int
	wake    int // an eventfd: Interrupt
	format  Format
	buffers [][]byte
	lent    uint32 // the buffer that the last Read lent
}

// Open starts the camera at path in mode m.
func Open(path string, m Mode) (*Stream, error) {
	s := &Stream{fd: -1, wake: -1}
	if err := s.open(path, m); err != nil {
		_ = s.Close() // the first error counts
		return nil, err
	}
	return s, nil
}

func (s *Stream) open(path string, m Mode) (err error) {
	if s.fd, err = unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err != nil {
		return err
	}
	if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return err
	}
	if err := s.setFormat(m); err != nil {
		return err
	}
	if err := s.setRate(m.FPS); err != nil {
		return err
	}
	if err := s.mapBuffers(); err != nil {
		return err
	}
	return s.start()
}

// Format returns what the pictures are like.
func (s *Stream) Format() Format { return s.format }

// ioctl asks the driver, again where a signal came between.
func (s *Stream) ioctl(request uintptr, arg unsafe.Pointer) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(s.fd), request, uintptr(arg))
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return errno
		}
	}
}

func (s *Stream) setFormat(m Mode) error {
	code := C.__u32(fourcc(m.Code))
	f := C.struct_v4l2_format{_type: C.V4L2_BUF_TYPE_VIDEO_CAPTURE}
	pix := (*C.struct_v4l2_pix_format)(unsafe.Pointer(&f.fmt[0]))
	pix.width, pix.height, pix.pixelformat, pix.field = C.__u32(m.Size.W), C.__u32(m.Size.H), code, C.V4L2_FIELD_ANY
	if err := s.ioctl(C.VIDIOC_S_FMT, unsafe.Pointer(&f)); err != nil {
		return err
	}
	if pix.pixelformat != code {
		return fmt.Errorf("it lists %s and takes another format", m.Code)
	}
	s.format = Format{Size: frame.Size{W: int(pix.width), H: int(pix.height)}, Stride: int(pix.bytesperline)}
	// What ycbcr_enc stands for is a union without a name.
	s.format.BT709, s.format.Full = colours(uint32(pix.colorspace), uint32(*(*C.__u32)(unsafe.Pointer(&pix.anon0[0]))), uint32(pix.quantization))
	return nil
}

// fourcc returns a format's code as a number.
func fourcc(code string) uint32 {
	return uint32(code[0]) | uint32(code[1])<<8 | uint32(code[2])<<16 | uint32(code[3])<<24
}

// colours returns what the numbers mean; where the driver says nothing by the rules of the kernel's videodev2.h: BT.601
// in limited range, except for the colour spaces of BT.709 and JPEG.
func colours(space, matrix, quantization uint32) (bt709, full bool) {
	full = quantization == C.V4L2_QUANTIZATION_FULL_RANGE ||
		quantization == C.V4L2_QUANTIZATION_DEFAULT && space == C.V4L2_COLORSPACE_JPEG
	switch matrix {
	case C.V4L2_YCBCR_ENC_709, C.V4L2_YCBCR_ENC_XV709:
		bt709 = true
	case C.V4L2_YCBCR_ENC_DEFAULT:
		bt709 = space == C.V4L2_COLORSPACE_REC709 || space == C.V4L2_COLORSPACE_DCI_P3
	}
	return bt709, full
}

// setRate asks for a rate; a camera that has but one may refuse.
func (s *Stream) setRate(fps float32) error {
	if fps <= 0 {
		return nil
	}
	p := C.struct_v4l2_streamparm{_type: C.V4L2_BUF_TYPE_VIDEO_CAPTURE}
	capture := (*C.struct_v4l2_captureparm)(unsafe.Pointer(&p.parm[0]))
	capture.timeperframe = C.struct_v4l2_fract{numerator: 1000, denominator: C.__u32(fps*1000 + .5)}
	if err := s.ioctl(C.VIDIOC_S_PARM, unsafe.Pointer(&p)); err != nil && !errors.Is(err, unix.ENOTTY) && !errors.Is(err, unix.EINVAL) {
		return err
	}
	return nil
}

func (s *Stream) mapBuffers() error {
	r := C.struct_v4l2_requestbuffers{count: buffers, _type: C.V4L2_BUF_TYPE_VIDEO_CAPTURE, memory: C.V4L2_MEMORY_MMAP}
	if err := s.ioctl(C.VIDIOC_REQBUFS, unsafe.Pointer(&r)); err != nil {
		return err
	}
	for i := range uint32(r.count) {
		b := newBuffer(i)
		if err := s.ioctl(C.VIDIOC_QUERYBUF, unsafe.Pointer(&b)); err != nil {
			return err
		}
		at := *(*C.__u32)(unsafe.Pointer(&b.m[0]))
		mem, err := unix.Mmap(s.fd, int64(at), int(b.length), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			return fmt.Errorf("map: %w", err)
		}
		s.buffers = append(s.buffers, mem)
	}
	return nil
}

func newBuffer(i uint32) C.struct_v4l2_buffer {
	return C.struct_v4l2_buffer{index: C.__u32(i), _type: C.V4L2_BUF_TYPE_VIDEO_CAPTURE, memory: C.V4L2_MEMORY_MMAP}
}

func (s *Stream) start() error {
	for i := range s.buffers {
		if err := s.queue(uint32(i)); err != nil {
			return err
		}
	}
	on := C.int(C.V4L2_BUF_TYPE_VIDEO_CAPTURE)
	return s.ioctl(C.VIDIOC_STREAMON, unsafe.Pointer(&on))
}

// queue gives the driver a buffer to fill.
func (s *Stream) queue(i uint32) error {
	b := newBuffer(i)
	return s.ioctl(C.VIDIOC_QBUF, unsafe.Pointer(&b))
}

// Read waits for the next picture and lends its bytes until Release. It says ErrTimeout where none comes in a second,
// io.EOF after Interrupt, ErrDamaged where the driver says so, and ENODEV when the camera is gone.
func (s *Stream) Read() ([]byte, error) {
	if err := s.wait(); err != nil {
		return nil, err
	}
	b, err := s.newest()
	if err != nil {
		return nil, err
	}
	s.lent = uint32(b.index)
	if b.flags&C.V4L2_BUF_FLAG_ERROR != 0 {
		s.Release()
		return nil, ErrDamaged
	}
	pix := s.buffers[s.lent]
	return pix[:min(int(b.bytesused), len(pix))], nil
}

// Release gives the last picture back.
func (s *Stream) Release() { _ = s.queue(s.lent) } // a camera that is gone says so to the next Read

// wait ends when there is a picture, or something to say about it.
func (s *Stream) wait() error {
	polled := [2]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}, {Fd: int32(s.wake), Events: unix.POLLIN}}
	n, err := unix.Poll(polled[:], int(patience/time.Millisecond))
	for errors.Is(err, unix.EINTR) {
		n, err = unix.Poll(polled[:], int(patience/time.Millisecond))
	}
	switch {
	case err != nil:
		return err
	case polled[1].Revents != 0:
		return io.EOF
	case n == 0:
		return ErrTimeout
	}
	return nil
}

// newest takes what the driver has filled and gives all but the last back.
func (s *Stream) newest() (last C.struct_v4l2_buffer, err error) {
	for have := false; ; have = true {
		b := newBuffer(0)
		err := s.ioctl(C.VIDIOC_DQBUF, unsafe.Pointer(&b))
		switch {
		case err == nil && int(b.index) >= len(s.buffers):
			return b, fmt.Errorf("there is no buffer %d", b.index)
		case err != nil && have:
			return last, nil // another error will come again
		case errors.Is(err, unix.EAGAIN):
			return b, unix.EIO // poll said that there was one: an error is all it can have meant
		case err != nil:
			return b, err
		case have:
			if err := s.queue(uint32(last.index)); err != nil {
				return b, err
			}
		}
		last = b
	}
}

// Interrupt ends a Read in progress, and all later ones.
func (s *Stream) Interrupt() {
	one := [8]byte{1, 1, 1, 1, 1, 1, 1, 1} // not zero in either order of bytes
	_, _ = unix.Write(s.wake, one[:])      // it fails where it was done before, which is as good
}

// Close ends the streaming and frees everything. No Read may be in progress.
func (s *Stream) Close() error {
	if s.fd < 0 {
		return nil
	}
	off := C.int(C.V4L2_BUF_TYPE_VIDEO_CAPTURE)
	_ = s.ioctl(C.VIDIOC_STREAMOFF, unsafe.Pointer(&off)) // closing does it too
	for _, b := range s.buffers {
		_ = unix.Munmap(b) // never fails for what was mapped
	}
	err := unix.Close(s.fd)
	if s.wake >= 0 {
		_ = unix.Close(s.wake)
	}
	s.fd, s.wake, s.buffers = -1, -1, nil
	return err
}
