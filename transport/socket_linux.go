package transport

import (
	"io"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawSocket is a TCP connection whose bytes are moved by system calls that the
// scheduler is not told of. They never wait, they copy; told of them, it would take
// a long one for one that hangs and start a further thread in its place, and each
// of them would keep awake the thread that watches for such. A relay of pictures
// spends a tenth of its time with both. What has to wait for a goroutine to stop,
// as the collector has, waits for one copy: some 60 µs for a picture of 230 KB, and
// no more than for code that computes.
type rawSocket struct {
	in, out transfer
	control func(func(fd uintptr)) error
	ask     func(fd uintptr)
	takes   bool
	some    func(fd uintptr)
}

// transfer is one direction.
type transfer struct {
	p    []byte // what is to be moved
	n    int    // how much of it is
	err  error
	step func(fd uintptr) bool                  // moves what the socket allows; false: not done
	when func(step func(fd uintptr) bool) error // runs it as often as the socket gets ready, until it is done
}

// rawConn returns conn, or a faster way to read and write it.
func rawConn(conn net.Conn) io.ReadWriter {
	tcp, ok := conn.(*net.TCPConn) // what only holds one may do more than read and write
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	s := &rawSocket{}
	s.in.step, s.in.when = s.in.pull, raw.Read
	s.out.step, s.out.when = s.out.push, raw.Write
	s.control = raw.Control
	s.ask = func(fd uintptr) { s.takes = writable(fd) }
	s.some = func(fd uintptr) { s.out.push(fd) }
	return s
}

// Writable reports whether a write now would not wait. Like WriteSome it is for
// who may write.
func (s *rawSocket) Writable() bool {
	s.takes = false
	return s.control(s.ask) == nil && s.takes
}

// WriteSome writes what the socket takes.
func (s *rawSocket) WriteSome(p []byte) int {
	s.out.p, s.out.n = p, 0
	_ = s.control(s.some)
	s.out.p = nil
	return s.out.n
}

// Read is net.Conn's.
func (s *rawSocket) Read(p []byte) (int, error) { return s.in.move(p) }

// Write is net.Conn's.
func (s *rawSocket) Write(p []byte) (int, error) { return s.out.move(p) }

// move moves p, or of what is read a part.
func (t *transfer) move(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	t.p, t.n, t.err = p, 0, nil
	err := t.when(t.step)
	t.p = nil
	if err == nil {
		err = t.err
	}
	return t.n, err
}

// pull reads what is there; it reports false when there is nothing.
func (t *transfer) pull(fd uintptr) bool {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&t.p[0])), uintptr(len(t.p)), unix.MSG_DONTWAIT, 0, 0)
		switch {
		case errno == unix.EAGAIN:
			return false
		case errno == unix.EINTR:
			continue
		case errno != 0:
			t.err = &net.OpError{Op: "read", Net: "tcp", Err: errno}
		case n == 0:
			t.err = io.EOF
		default:
			t.n = int(n)
		}
		return true
	}
}

// push writes what the socket takes; it reports false when more has to wait.
func (t *transfer) push(fd uintptr) bool {
	for t.n < len(t.p) {
		rest := t.p[t.n:]
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&rest[0])), uintptr(len(rest)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			t.n += int(n)
		case unix.EAGAIN:
			return false
		case unix.EINTR:
		default:
			t.err = &net.OpError{Op: "write", Net: "tcp", Err: errno}
			return true
		}
	}
	return true
}
