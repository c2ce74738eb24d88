package main

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"acip/internal/testkit"
	"acip/packet"
)

// peer is a member by hand.
type peer struct {
	*testkit.Peer
	welcome packet.Welcome
}

// enter joins the lobby. body is the rest of the hello after its name.
func enter(addr, name, rest string) (*peer, error) {
	c, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	p, _, err := testkit.Upgrade(c, packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	x := &peer{Peer: p}
	p.Pong = true
	if err = p.SendText(packet.HelloType, fmt.Sprintf(`{"protocol":1,"room":"lobby","name":%q,%s}`, name, rest)); err == nil {
		err = x.welcomed()
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	_ = c.SetDeadline(time.Time{})
	return x, nil
}

// welcomed reads the answer to the hello.
func (p *peer) welcomed() error {
	body, err := p.Expect(packet.WelcomeType)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, &p.welcome)
}

// drain reads and forgets all that comes, until the connection ends.
func (p *peer) drain() {
	for {
		if _, _, err := p.Next(); err != nil {
			return
		}
	}
}

const (
	watcher = `"role":"watch","codecs":["vp8","jpeg","raw"],"demand":true`
	joiner  = `"role":"join","codecs":["vp8","jpeg","raw"],"demand":true`
)

// viewer is the honest one: it asks for 160x90 at 30 of the honest senders, and counts.
type viewer struct {
	*peer
	honest map[uint32]string
	done   chan struct{}

	mu     sync.Mutex
	frames map[uint32][]time.Time
	ages   []time.Duration
	notes  int // of members that came and went
	ended  error
	codecs map[uint8]int
}

// watch joins the viewer over the slow link and asks for those whose names begin with "honest", who are there already.
func (x *scene) watch() (*viewer, error) {
	p, err := enter(x.slow, "viewer", watcher)
	if err != nil {
		return nil, err
	}
	v := &viewer{peer: p, honest: map[uint32]string{}, done: make(chan struct{}), frames: map[uint32][]time.Time{}, codecs: map[uint8]int{}}
	wish := packet.Wish{}
	for _, m := range p.welcome.Members {
		wish.Streams = append(wish.Streams, packet.Want{ID: m.ID, Width: 160, Height: 90, FPS: 30})
		if strings.HasPrefix(m.Name, "honest") {
			v.honest[m.ID] = m.Name
		}
	}
	body, _ := json.Marshal(wish)
	if err := p.Send(packet.Demand, body, 0); err != nil {
		return nil, err
	}
	go v.count(wish)
	return v, nil
}

// count reads until the end. It asks for whoever comes, as a client that shows everybody does.
func (v *viewer) count(wish packet.Wish) {
	defer close(v.done)
	for {
		h, payload, err := v.Next()
		v.mu.Lock()
		if err != nil {
			v.ended = err
			v.mu.Unlock()
			return
		}
		switch h.Type {
		case packet.ClientJoin, packet.ClientLeave:
			v.notes++
		case packet.VideoFrame, packet.ImageFrame:
			v.picture(h, payload)
		}
		v.mu.Unlock()
		if h.Type == packet.ClientJoin {
			var m packet.Member
			if json.Unmarshal(payload, &m) == nil && len(wish.Streams) < 64 {
				wish.Streams = append(wish.Streams, packet.Want{ID: m.ID, Width: 160, Height: 90, FPS: 30})
				body, _ := json.Marshal(wish)
				_ = v.Send(packet.Demand, body, 0) // the next read says what is wrong
			}
		}
	}
}

func (v *viewer) picture(h packet.Header, payload []byte) {
	if v.honest[h.Client] == "" {
		return
	}
	now := time.Now()
	v.frames[h.Client] = append(v.frames[h.Client], now)
	if h.Type == packet.VideoFrame {
		head, _, err := packet.ParseVideo(payload, 0)
		if err == nil {
			v.ages = append(v.ages, now.Sub(time.UnixMicro(int64(head.Time))))
			v.codecs[uint8(head.Codec)]++
		}
		return
	}
	v.codecs[0]++
}

// look is what was counted of the honest senders since the last look: the least frame rate of any, and the age.
func (v *viewer) look(d time.Duration) (fps float64, p99 time.Duration, codecs string, ended error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fps = 1000
	for id := range v.honest {
		fps = min(fps, float64(len(v.frames[id]))/d.Seconds())
		v.frames[id] = nil
	}
	if len(v.honest) == 0 {
		fps = 0
	}
	slices.Sort(v.ages)
	if n := len(v.ages); n > 0 {
		p99 = v.ages[n*99/100]
	}
	v.ages = nil
	for c, n := range v.codecs {
		codecs += fmt.Sprintf("%s %d ", [...]string{"raw", "jpeg", "vp8"}[min(c, 2)], n)
	}
	v.codecs = map[uint8]int{}
	return fps, p99, strings.TrimSpace(codecs), v.ended
}
