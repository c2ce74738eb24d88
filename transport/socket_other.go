//go:build !linux

package transport

import (
	"io"
	"net"
)

// direct is conn.
func direct(conn net.Conn) io.ReadWriter { return conn }
