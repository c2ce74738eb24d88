package load

import (
	"context"
	"sync"
)

// pace tells when all of an audience have as many pictures. The last one wakes who waits: a clock would not do, since one that
// is asked for 50 µs takes a millisecond while there is nothing else to do, in which the server stands idle.
type pace struct {
	mu      sync.Mutex
	members int
	reached uint64         // pictures that all have
	ahead   map[uint64]int // how many members have the picture of a number that not all have
	moved   chan struct{}  // room for one; never closed
}

func newPace(members int) *pace {
	return &pace{members: members, ahead: map[uint64]int{}, moved: make(chan struct{}, 1)}
}

// count notes that a member has its n-th picture.
func (p *pace) count(n uint64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ahead[n]++; p.ahead[n] < p.members {
		return
	}
	delete(p.ahead, n)
	p.reached = n
	select {
	case p.moved <- struct{}{}:
	default:
	}
}

// await waits until all have n. For one goroutine.
func (p *pace) await(ctx context.Context, n uint64) error {
	for {
		p.mu.Lock()
		reached := p.reached
		p.mu.Unlock()
		if reached >= n {
			return nil
		}
		select {
		case <-p.moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
