package transport

import (
	"net"
	"sync"
	"time"
)

// deadlines owns the socket's deadlines. The reader and the writer each set theirs for their time limits. The end of
// the connection overrides both.
type deadlines struct {
	conn net.Conn

	mu       sync.Mutex
	readOver bool      // reading is to end now
	writeEnd time.Time // when writing must be over; zero while it need not be
}

// longAgo as a deadline ends what blocks.
var longAgo = time.Unix(1, 0)

// setRead sets the reader's deadline.
func (d *deadlines) setRead(due time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.readOver {
		_ = d.conn.SetReadDeadline(due)
	}
}

// setWrite sets the writer's deadline.
func (d *deadlines) setWrite(due time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.writeEnd.IsZero() {
		_ = d.conn.SetWriteDeadline(due)
	}
}

// endRead ends reading: a Read that blocks returns.
func (d *deadlines) endRead() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readOver = true
	_ = d.conn.SetReadDeadline(longAgo)
}

// end ends reading, and writing after grace.
func (d *deadlines) end(grace time.Duration) {
	d.endRead()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writeEnd = time.Now().Add(grace)
	_ = d.conn.SetWriteDeadline(d.writeEnd)
}

// extendWrite leaves writing at least closeStep from now.
func (d *deadlines) extendWrite() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if due := time.Now().Add(closeStep); d.writeEnd.Before(due) {
		d.writeEnd = due
		_ = d.conn.SetWriteDeadline(due)
	}
}

// readEnded reports whether reading is to end.
func (d *deadlines) readEnded() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.readOver
}

// writeBy returns when writing must be over; zero while it need not be.
func (d *deadlines) writeBy() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writeEnd
}
