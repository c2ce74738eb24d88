package transport

import (
	"sync"

	"acip/packet"
)

// What the connection itself may have to say at once; what is beyond is dropped:
// it answers a peer that asks faster than it listens.
const (
	ownPackets = 16
	ownPongs   = 16
	maxControl = 125 // payload of a WebSocket control frame in bytes
	maxReason  = maxControl - 2
)

// ownQueue is what the connection itself has to say: answers to pings, pings, and
// notes about dropped packets. It is guarded by the connection's mutex.
type ownQueue struct {
	packets [ownPackets]*packet.Buffer
	first   int
	count   int

	pongs     [ownPongs][maxControl]byte
	lengths   [ownPongs]uint8
	firstPong int
	pongCount int
}

// add queues b, whose reference passes, or gives it back.
func (q *ownQueue) add(mu *sync.Mutex, b *packet.Buffer) {
	mu.Lock()
	full := q.count == ownPackets
	if !full {
		q.packets[(q.first+q.count)%ownPackets] = b
		q.count++
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
	return q.count > 0 || q.pongCount > 0
}

// next is the oldest packet, nil when there is none.
func (q *ownQueue) next(mu *sync.Mutex) *packet.Buffer {
	mu.Lock()
	defer mu.Unlock()
	if q.count == 0 {
		return nil
	}
	b := q.packets[q.first]
	q.packets[q.first] = nil
	q.first = (q.first + 1) % ownPackets
	q.count--
	return b
}

// addPong queues the answer to a WebSocket ping.
func (q *ownQueue) addPong(mu *sync.Mutex, payload []byte) {
	mu.Lock()
	defer mu.Unlock()
	if q.pongCount == ownPongs {
		return
	}
	i := (q.firstPong + q.pongCount) % ownPongs
	q.lengths[i] = uint8(copy(q.pongs[i][:], payload))
	q.pongCount++
}

// nextPong copies the oldest answer to p and returns its length; false when there
// is none.
func (q *ownQueue) nextPong(mu *sync.Mutex, p *[maxControl]byte) (int, bool) {
	mu.Lock()
	defer mu.Unlock()
	if q.pongCount == 0 {
		return 0, false
	}
	n := copy(p[:], q.pongs[q.firstPong][:q.lengths[q.firstPong]])
	q.firstPong = (q.firstPong + 1) % ownPongs
	q.pongCount--
	return n, true
}

// clear gives everything back.
func (q *ownQueue) clear(mu *sync.Mutex) {
	for b := q.next(mu); b != nil; b = q.next(mu) {
		b.Release()
	}
}
