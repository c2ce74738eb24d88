//go:build !linux

package load

import (
	"io"
	"net"
)

// skipper throws bytes of a TCP connection away.
type skipper struct{ c *net.TCPConn }

func newSkipper(c *net.TCPConn) (*skipper, error) { return &skipper{c}, nil }

func (s *skipper) skip(n int) error {
	_, err := io.CopyN(io.Discard, s.c, int64(n))
	return err
}
