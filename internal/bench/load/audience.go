package load

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Audience is many receivers, run together.
type Audience struct {
	Receivers []*Receiver
	Ages      *Ages
	pace      *pace
	done      sync.WaitGroup
	quit      chan struct{}
}

// Gather connects n receivers and lets them count.
func Gather(ctx context.Context, kind Kind, addr string, n int, m Member) (*Audience, error) {
	a := &Audience{Ages: &Ages{}, pace: newPace(n), quit: make(chan struct{})}
	for i := range n {
		one := m
		one.Name = fmt.Sprintf("%s%d", m.Name, i)
		r, err := Watch(ctx, kind, addr, one, a.Ages)
		if err != nil {
			a.Close()
			return nil, err
		}
		r.pace = a.pace
		a.Receivers = append(a.Receivers, r)
		a.done.Go(func() { _ = r.Run() }) // it ends when it is closed, here or there; what it counted says the rest
	}
	if kind == ACIP {
		a.done.Go(a.keepAlive)
	}
	return a, nil
}

// keepAlive says something for everybody now and then.
func (a *Audience) keepAlive() {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-a.quit:
			return
		case <-tick.C:
			for _, r := range a.Receivers {
				_ = r.KeepAlive() // a lost one is seen in the counts
			}
		}
	}
}

// Close ends all receivers and waits for them.
func (a *Audience) Close() {
	close(a.quit)
	for _, r := range a.Receivers {
		r.Close()
	}
	a.done.Wait()
}

// Await waits until every receiver has n pictures, or for the end of ctx.
func (a *Audience) Await(ctx context.Context, n uint64) error { return a.pace.await(ctx, n) }

// Frames is how many pictures all have received, and how many the slowest has.
func (a *Audience) Frames() (all, least uint64) {
	least = 1<<64 - 1
	for _, r := range a.Receivers {
		n := r.Frames.Load()
		all += n
		least = min(least, n)
	}
	return all, least
}

// Bytes is how many bytes of pictures all have received.
func (a *Audience) Bytes() (n uint64) {
	for _, r := range a.Receivers {
		n += r.Bytes.Load()
	}
	return n
}
