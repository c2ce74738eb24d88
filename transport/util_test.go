package transport_test

import (
	"errors"
	"io"
	"log"

	"acip/internal/testkit"
	"acip/packet"
)

// closeCode is the close code in err; 0 when there is none.
func closeCode(err error) packet.Code {
	var e packet.CloseError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// drained reads and forgets what the server sends until the connection ends.
func drained(p *testkit.Peer) <-chan error {
	done := make(chan error, 1)
	go func() {
		for {
			if _, _, err := p.Next(); err != nil {
				done <- err
				return
			}
		}
	}()
	return done
}

// quiet is a logger for servers whose complaints are expected.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
