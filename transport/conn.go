package transport

import (
	"context"
	"errors"
	"net/http"
	"time"

	"acip/packet"
)

// Conn is one connection. Run or Close must be called once it is there.
type Conn struct{}

// Dial connects to an acip server; errors are *DialError.
func Dial(ctx context.Context, address string, o Options) (*Conn, error) {
	return nil, errors.New("transport: not built yet")
}

// Accept upgrades a request to a connection, or answers it with an HTTP error.
func Accept(w http.ResponseWriter, r *http.Request, o Options) (*Conn, error) {
	return nil, errors.New("transport: not built yet")
}

// Receive reads one packet before Run; the reference passes to the caller.
func (c *Conn) Receive(ctx context.Context) (*packet.Buffer, error) {
	return nil, errors.New("transport: not built yet")
}

// Run reads into h and writes from out until the connection ends.
func (c *Conn) Run(ctx context.Context, h Handler, out Outbox) error {
	return errors.New("transport: not built yet")
}

// Close ends the connection with a code and a reason.
func (c *Conn) Close(code packet.Code, reason string) error { return nil }

// Stats counts what passed so far.
func (c *Conn) Stats() Stats { return Stats{} }

// RTT is the round trip of the last answered ping; 0 before the first.
func (c *Conn) RTT() time.Duration { return 0 }

// ClockOffset is what must be added to this machine's clock to get the peer's.
func (c *Conn) ClockOffset() time.Duration { return 0 }
