package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"acip/internal/bench/load"
	"acip/internal/bench/proc"
	"acip/media"
	"acip/packet"
)

// first notes when the first byte comes.
type first struct {
	once sync.Once
	at   chan time.Time // one
}

func newFirst() *first { return &first{at: make(chan time.Time, 1)} }

func (f *first) Write(p []byte) (int, error) {
	f.once.Do(func() { f.at <- time.Now() })
	return len(p), nil
}

// start is how long it takes from starting a client until it has written a picture of a peer, and how long a late joiner waits
// for everybody.
func start(ctx context.Context, b *bench) ([]Figure, error) {
	r, err := b.serve(ctx, load.ACIP, "127.0.0.1")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	const senders = 4
	for i := range senders {
		p, err := proc.Start(nil, b.client, "--source", "pattern", "--output", "none", "--size", "160x90", "--name", fmt.Sprintf("sender%d", i), r.addr)
		if err != nil {
			return nil, err
		}
		defer p.Stop()
	}
	if err := r.everybodySends(ctx, senders); err != nil {
		return nil, err
	}
	var pictures, joins []float64
	for range max(b.rounds, 3) {
		d, err := b.firstPicture(ctx, r)
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, ms(d))
		if d, err = lateJoiner(ctx, r, senders); err != nil {
			return nil, err
		}
		joins = append(joins, ms(d))
	}
	return []Figure{
		figure("first_picture", median(pictures), "ms").atMost(300).beside("from starting the process; the best-known peer: 1,200"),
		figure("late_joiner", median(joins), "ms").atMost(150).beside("from connecting to a key picture of each of %d senders", senders),
	}, nil
}

// everybodySends waits until n members have sent pictures.
func (r *relay) everybodySends(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for {
		s, err := r.stats(ctx)
		if err != nil {
			return err
		}
		at := 0
		for _, room := range s.Rooms {
			for _, m := range room.Members {
				if m.FramesIn > 10 {
					at++
				}
			}
		}
		if at >= n {
			return nil
		}
		if !sleep(ctx, 20*time.Millisecond) {
			return fmt.Errorf("%d of %d members send: %w", at, n, ctx.Err())
		}
	}
}

// firstPicture starts a viewer and waits for its first byte of picture.
func (b *bench) firstPicture(ctx context.Context, r *relay) (time.Duration, error) {
	f := newFirst()
	begin := time.Now()
	p, err := proc.Start(f, b.client, "--view-only", "--output", "rgb", "--peer", "sender0", "--frames", "1", r.addr)
	if err != nil {
		return 0, err
	}
	if _, err := p.Wait(ctx); err != nil {
		return 0, err
	}
	select {
	case at := <-f.at:
		return at.Sub(begin), nil
	default:
		return 0, fmt.Errorf("the viewer ended without a picture")
	}
}

// lateJoiner connects a plain viewer and waits for a picture of everybody that stands alone.
func lateJoiner(ctx context.Context, r *relay, senders int) (time.Duration, error) {
	begin := time.Now()
	w, err := load.Watch(ctx, load.ACIP, r.addr, load.Member{Name: "late", Room: "lobby", Codecs: []string{"vp8", "jpeg", "raw"}}, nil)
	if err != nil {
		return 0, err
	}
	all := make(chan time.Duration, 1)
	keys := map[uint32]bool{}
	w.Seen = func(h packet.Header, head []byte) {
		if h.Type == packet.VideoFrame && !media.Flags(head[packet.HeaderSize+1]).Has(media.Key) {
			return
		}
		if keys[h.Client] = true; len(keys) == senders {
			select {
			case all <- time.Since(begin):
			default:
			}
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- w.Run() }()
	defer func() { w.Close(); <-ended }()
	select {
	case d := <-all:
		return d, nil
	case <-time.After(5 * time.Second):
		return 0, fmt.Errorf("a late joiner saw %d of %d senders in 5 s", len(keys), senders)
	}
}
