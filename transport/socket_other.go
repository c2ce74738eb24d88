//go:build !linux

package transport

import (
	"io"
	"net"
)

// rawConn returns conn.
func rawConn(conn net.Conn) io.ReadWriter { return conn }
