package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"acip/internal/bench/load"
)

// room has members that each send recorded VP8 of 160x90 at 30 pictures a second to all the others, who count: 32 of them, and
// four as in a usual call.
func room(ctx context.Context, b *bench) ([]Figure, error) {
	full, err := b.chatter(ctx, 32)
	if err != nil {
		return nil, err
	}
	four, err := b.chatter(ctx, 4)
	if err != nil {
		return full.figures(), err
	}
	return append(full.figures(), figure("room_4_server_cpu_per_client", four.cpu*100/4, "% of a core").atMost(1).
		beside("the best-known peer: 15 to 27")), nil
}

// chat is what came of a room full of senders.
type chat struct {
	n          int
	sent, got  uint64
	cpu        float64 // of the server, cores
	p50, p99   time.Duration
	peakMemory int64
}

const (
	chatFPS     = 30
	chatSeconds = 10
)

// chatter has n members talk for ten seconds.
func (b *bench) chatter(ctx context.Context, n int) (*chat, error) {
	r, err := b.serve(ctx, load.ACIP, "127.0.0.1")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	c, err := gatherCrowd(ctx, r.addr, n)
	if err != nil {
		return nil, err
	}
	defer c.close()
	cpu, begin := r.CPU(), time.Now()
	sent, err := c.talk(ctx, chatFPS, chatFPS*chatSeconds)
	if err != nil {
		return nil, err
	}
	settle(ctx, func() bool { return c.received() >= sent*uint64(n-1) })
	k := &chat{n: n, sent: sent, got: c.received(), cpu: (r.CPU() - cpu).Seconds() / time.Since(begin).Seconds(),
		p50: c.ages.Percentile(0.5), p99: c.ages.Percentile(0.99)}
	_, k.peakMemory = r.RSS()
	return k, nil
}

func (k *chat) figures() []Figure {
	want := k.sent * uint64(k.n-1)
	return []Figure{
		figure("room_32_delivered", float64(k.got)*100/float64(want), "%").atLeast(100).beside("%d of %d VP8 packets of 160x90", k.got, want),
		figure("room_32_server_cpu", k.cpu*100, "% of a core").beside("%d packets a second out", k.n*(k.n-1)*chatFPS),
		figure("room_32_age_p99", ms(k.p99), "ms").beside("p50 %.1f ms", ms(k.p50)),
		figure("room_32_server_memory", float64(k.peakMemory)/(1<<20), "MiB").atMost(40),
	}
}

// crowd is members that all send and all count.
type crowd struct {
	members []*load.Sender
	ages    *load.Ages
	done    sync.WaitGroup
}

func gatherCrowd(ctx context.Context, addr string, n int) (*crowd, error) {
	c := &crowd{ages: &load.Ages{}}
	for i := range n {
		s, err := load.Join(ctx, load.ACIP, addr, load.Member{Name: fmt.Sprintf("member%d", i), Room: "bench", Codecs: []string{"vp8", "jpeg", "raw"}}, c.ages)
		if err != nil {
			c.close()
			return nil, err
		}
		c.members = append(c.members, s)
		c.done.Go(func() { _ = s.Run() }) // ends with close
	}
	return c, nil
}

func (c *crowd) close() {
	for _, s := range c.members {
		s.Close()
	}
	c.done.Wait()
}

func (c *crowd) received() (n uint64) {
	for _, s := range c.members {
		n += s.Frames.Load()
	}
	return n
}

// talk has everybody send the recording, out of step with each other; it returns how many pictures were sent.
func (c *crowd) talk(ctx context.Context, fps float64, pictures int) (uint64, error) {
	clips := make([][]*load.Picture, len(c.members))
	for i := range clips {
		clips[i] = recorded(load.ACIP)
	}
	n := len(c.members)
	err := paced(ctx, fps*float64(n), pictures*n, func(i int) error {
		who, at := i%n, i/n
		p := clips[who][at%len(clips[who])]
		p.Number(uint32(at))
		return c.members[who].Send(p)
	})
	return uint64(pictures * n), err
}
