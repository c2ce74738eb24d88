package load

import (
	"io"
	"net"
	"syscall"
	"unsafe"
)

// skipper throws bytes of a TCP connection away without copying them (MSG_TRUNC, tcp(7)), so that a receiver costs little.
type skipper struct {
	raw  syscall.RawConn
	want int
	err  error
	step func(fd uintptr) bool
	dump []byte
}

func newSkipper(c *net.TCPConn) (*skipper, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &skipper{raw: raw, dump: make([]byte, 1)}
	s.step = s.take
	return s, nil
}

// skip throws n bytes away.
func (s *skipper) skip(n int) error {
	s.want, s.err = n, nil
	if err := s.raw.Read(s.step); err != nil {
		return err
	}
	return s.err
}

// take throws away what is there; it reports false while there is more to wait for.
func (s *skipper) take(fd uintptr) bool {
	for s.want > 0 {
		// The kernel writes nothing through the pointer.
		n, _, errno := syscall.Syscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&s.dump[0])), uintptr(s.want), syscall.MSG_TRUNC, 0, 0)
		switch {
		case errno == syscall.EAGAIN:
			return false
		case errno == syscall.EINTR:
		case errno != 0:
			s.err = errno
			return true
		case n == 0:
			s.err = io.ErrUnexpectedEOF
			return true
		default:
			s.want -= int(n)
		}
	}
	return true
}
