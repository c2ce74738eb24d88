package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"acip/internal/bench/load"
	"acip/media"
	"acip/packet"
)

// steady is the members that stay: each sends to all others and counts.
type steady struct {
	members []*load.Sender
	stop    chan struct{}
	running sync.WaitGroup
	sent    atomic.Uint64

	mu       sync.Mutex
	ages     []time.Duration
	frames   map[[2]int]int    // in this interval, by receiver and sender id
	newest   map[[2]int]uint32 // sequence number
	disorder int
	lost     []error
}

// gather connects them and lets them talk.
func gather(ctx context.Context, addr string, s settings) (*steady, error) {
	g := &steady{stop: make(chan struct{}), frames: map[[2]int]int{}, newest: map[[2]int]uint32{}}
	for i := range s.steady {
		m, err := load.Join(ctx, load.ACIP, addr, load.Member{Name: fmt.Sprintf("steady%d", i), Room: "soak", Codecs: []string{"jpeg", "raw"}}, nil)
		if err != nil {
			g.close()
			return nil, err
		}
		m.Seen = func(h packet.Header, head []byte) { g.see(i, int(h.Client), head) }
		g.members = append(g.members, m)
		g.running.Go(func() { g.receive(m) })
		g.running.Go(func() { g.talk(m, s.fps, i) })
	}
	return g, nil
}

// receive counts until the connection ends, which it should not by itself.
func (g *steady) receive(m *load.Sender) {
	err := m.Run()
	select {
	case <-g.stop:
	default:
		g.mu.Lock()
		g.lost = append(g.lost, err)
		g.mu.Unlock()
	}
}

// talk sends pictures of a JPEG's size at the rate.
func (g *steady) talk(m *load.Sender, fps, i int) {
	payload := make([]byte, packet.VideoHeadSize+2500)
	packet.VideoHead{Codec: media.JPEG, Flags: media.Key | media.Discardable, Width: 160, Height: 90}.Put(payload)
	pic := load.VideoPicture(load.ACIP, payload)
	tick := time.NewTicker(time.Second / time.Duration(fps))
	defer tick.Stop()
	for seq := uint32(1); ; seq++ {
		select {
		case <-tick.C:
		case <-g.stop:
			return
		}
		pic.Number(seq)
		if m.Send(pic) != nil {
			return
		}
		g.sent.Add(1)
	}
}

// see notes a picture that a member received of another steady one; those of the churn are not numbered.
func (g *steady) see(receiver, sender int, head []byte) {
	if sender > len(g.members) || len(head) < packet.HeaderSize+packet.VideoHeadSize || packet.Type(binary.BigEndian.Uint16(head[8:])) != packet.VideoFrame {
		return
	}
	head = head[packet.HeaderSize:]
	seq := binary.BigEndian.Uint32(head[8:])
	age := time.Since(time.UnixMicro(int64(binary.BigEndian.Uint64(head[12:]))))
	key := [2]int{receiver, sender}
	g.mu.Lock()
	defer g.mu.Unlock()
	if seq <= g.newest[key] {
		g.disorder++
	}
	g.newest[key] = seq
	g.frames[key]++
	g.ages = append(g.ages, age)
}

// interval takes what was seen since the last time: the middle and the least of the rates of all pairs, and the ages.
func (g *steady) interval(d time.Duration) (middle, least float64, ages []time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rates := make([]float64, 0, len(g.frames))
	for key, n := range g.frames {
		rates = append(rates, float64(n)/d.Seconds())
		g.frames[key] = 0
	}
	ages, g.ages = g.ages, nil
	slices.Sort(rates)
	slices.Sort(ages)
	if len(rates) == 0 {
		return 0, 0, nil
	}
	return rates[len(rates)/2], rates[0], ages
}

// wrong says what may not have happened to a steady member.
func (g *steady) wrong() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []error
	if g.disorder > 0 {
		all = append(all, fmt.Errorf("%d pictures out of order or twice", g.disorder))
	}
	for _, err := range g.lost {
		all = append(all, fmt.Errorf("a steady member was lost: %w", err))
	}
	return errors.Join(all...)
}

func (g *steady) close() {
	close(g.stop)
	for _, m := range g.members {
		m.Close()
	}
	g.running.Wait()
}
