package transport

import (
	"slices"
	"sync"

	"acip/packet"
)

// What the connection itself may have to say at once: more answers than the pings
// that the default limit lets a peer send in one burst. Beyond it the peer asks and
// does not listen.
const (
	ownPackets = 256
	ownPongs   = 256
)

// ownQueue is what the connection itself has to say: answers to pings, pings, and
// notes about dropped packets. It is guarded by the connection's mutex.
type ownQueue struct {
	packets []*packet.Buffer
	pongs   []pong
}

// pong is the answer to a WebSocket ping.
type pong struct {
	payload [maxControl]byte
	length  uint8
}

// add queues b, whose reference passes, or gives it back when the queue is full.
func (q *ownQueue) add(mu *sync.Mutex, b *packet.Buffer) {
	mu.Lock()
	full := len(q.packets) == ownPackets
	if !full {
		q.packets = append(q.packets, b)
	}
	mu.Unlock()
	if full {
		b.Release()
	}
}

// waits reports whether there is anything.
func (q *ownQueue) waits(mu *sync.Mutex) bool {
	mu.Lock()
	defer mu.Unlock()
	return len(q.packets) > 0 || len(q.pongs) > 0
}

// next is the oldest packet, nil when there is none.
func (q *ownQueue) next(mu *sync.Mutex) *packet.Buffer {
	mu.Lock()
	defer mu.Unlock()
	if len(q.packets) == 0 {
		return nil
	}
	b := q.packets[0]
	q.packets = slices.Delete(q.packets, 0, 1)
	return b
}

// addPong queues the answer to a WebSocket ping, for the oldest when the queue is
// full: the latest ping must be answered (RFC 6455, 5.5.3).
func (q *ownQueue) addPong(mu *sync.Mutex, payload []byte) {
	mu.Lock()
	defer mu.Unlock()
	if len(q.pongs) == ownPongs {
		q.pongs = slices.Delete(q.pongs, 0, 1)
	}
	var p pong
	p.length = uint8(copy(p.payload[:], payload))
	q.pongs = append(q.pongs, p)
}

// nextPong copies the oldest answer to p and returns its length; false when there
// is none.
func (q *ownQueue) nextPong(mu *sync.Mutex, p *[maxControl]byte) (int, bool) {
	mu.Lock()
	defer mu.Unlock()
	if len(q.pongs) == 0 {
		return 0, false
	}
	first := q.pongs[0]
	q.pongs = slices.Delete(q.pongs, 0, 1)
	return copy(p[:], first.payload[:first.length]), true
}

// clear gives everything back.
func (q *ownQueue) clear(mu *sync.Mutex) {
	for b := q.next(mu); b != nil; b = q.next(mu) {
		b.Release()
	}
}
