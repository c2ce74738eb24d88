package transport

import (
	"slices"
	"sync"

	"acip/packet"
)

// How much the connection itself may have to send at once: more answers than the pings that the default limit allows in
// one burst. Beyond that the peer pings and does not read.
const (
	maxOwnPackets = 256
	maxPongs      = 256
)

// controlQueue is what the connection itself has to send: answers to pings, pings, and ERROR_MESSAGEs about dropped
// packets. It is safe for concurrent use.
type controlQueue struct {
	mu      sync.Mutex
	packets []*packet.Buffer
	pongs   []pong
}

// pong is the answer to a WebSocket ping.
type pong struct {
	payload [maxControl]byte
	length  uint8
}

// add queues b, whose reference passes, or releases it if the queue is full.
func (q *controlQueue) add(b *packet.Buffer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.packets) == maxOwnPackets {
		b.Release()
		return
	}
	q.packets = append(q.packets, b)
}

// waits reports whether anything is queued.
func (q *controlQueue) waits() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.packets) > 0 || len(q.pongs) > 0
}

// next takes the oldest packet, nil if there is none.
func (q *controlQueue) next() *packet.Buffer {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.packets) == 0 {
		return nil
	}
	b := q.packets[0]
	q.packets = slices.Delete(q.packets, 0, 1)
	return b
}

// addPong queues the answer to a WebSocket ping. If the queue is full it replaces the oldest, since the latest ping
// must be answered (RFC 6455, 5.5.3).
func (q *controlQueue) addPong(payload []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pongs) == maxPongs {
		q.pongs = slices.Delete(q.pongs, 0, 1)
	}
	var p pong
	p.length = uint8(copy(p.payload[:], payload))
	q.pongs = append(q.pongs, p)
}

// nextPong copies the payload of the oldest answer to p and returns its length; false if there is none.
func (q *controlQueue) nextPong(p *[maxControl]byte) (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pongs) == 0 {
		return 0, false
	}
	first := q.pongs[0]
	q.pongs = slices.Delete(q.pongs, 0, 1)
	return copy(p[:], first.payload[:first.length]), true
}

// clear releases all packets.
func (q *controlQueue) clear() {
	for b := q.next(); b != nil; b = q.next() {
		b.Release()
	}
}
