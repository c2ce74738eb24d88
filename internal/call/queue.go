package call

import (
	"time"

	"acip/internal/account"
	"acip/packet"
	"acip/transport"
)

// countingQueue is a SendQueue that counts a picture as sent when the writer comes back for the next packet: one that was
// being written when the connection broke was not sent.
type countingQueue struct {
	*transport.SendQueue
	account *account.Account
	layer   int  // of the picture being written
	writing bool // a picture is being written
	size    int  // its bytes
}

// Next implements transport.PacketSource.
func (q *countingQueue) Next() *packet.Buffer {
	if q.writing {
		q.account.Send(q.layer, q.size, time.Now())
	}
	b := q.SendQueue.Next()
	if q.writing = b != nil && b.Type().Class() == packet.Video; q.writing {
		q.size = b.Len()
		_, layer := packet.Frame(b)
		q.layer = int(layer)
	}
	return b
}
