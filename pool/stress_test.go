package pool

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"acip/media"
	"acip/packet"
)

// TestEverythingAtOnce is 64 members who join, send, wish, talk and leave at
// random, each with a writer of its own, in a pool that is too small for them.
// It is for the race detector; afterwards every slot and buffer is back.
func TestEverythingAtOnce(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	long, err := time.ParseDuration(os.Getenv("ACIP_TEST_STRESS_FOR"))
	if err == nil {
		rounds = 0
	}
	end := time.Now().Add(long)
	var lives atomic.Int64
	buffers := new(packet.Buffers)
	p := New(Options{Slots: 48, Buffers: buffers, Control: 64})
	quit := make(chan struct{})
	var ticking, members sync.WaitGroup
	ticking.Go(func() {
		for {
			select {
			case <-quit:
				return
			case <-time.After(10 * time.Millisecond):
				p.Tick()
				p.Stats()
			}
		}
	})
	var secrets sync.Map
	for i := range 64 {
		members.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1))
			for i := 0; i < rounds || time.Now().Before(end); i++ {
				oneLife(t, p, random, &secrets)
				lives.Add(1)
			}
		})
	}
	members.Wait()
	close(quit)
	ticking.Wait()
	t.Logf("%d lives", lives.Load())
	if used := p.Slots().Used; used != 0 {
		t.Errorf("%d slots taken", used)
	}
	if n := buffers.Outstanding(); n != 0 {
		t.Errorf("%d buffers outstanding", n)
	}
}

// oneLife is a session from its hello to its end.
func oneLife(t *testing.T, p *Pool, random *rand.Rand, secrets *sync.Map) {
	h := packet.Hello{
		Room: fmt.Sprint(random.IntN(2)), Name: "x", Role: packet.RoleJoin, Demand: random.IntN(2) == 0,
		Codecs: [][]string{nil, {"vp8", "jpeg"}, {"raw"}}[random.IntN(3)],
	}
	if s, ok := secrets.Load(random.IntN(8)); ok && random.IntN(3) == 0 {
		h.Resume = s.(string)
	}
	ended := make(chan struct{})
	var once sync.Once
	m, err := p.Join(h, func(error) { once.Do(func() { close(ended) }) })
	if errors.Is(err, ErrFull) {
		return
	} else if err != nil {
		t.Error(err)
		return
	}
	secrets.Store(random.IntN(8), m.secret)
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for {
			for b := m.Next(); b != nil; b = m.Next() {
				b.Release()
			}
			select {
			case <-m.Wake():
			case <-stop:
				return
			}
		}
	})
	for range random.IntN(40) {
		select {
		case <-ended:
		default:
			oneDeed(p, m, random)
		}
	}
	m.Leave(packet.CodeBye, "bye")
	m.Leave(packet.CodeBye, "again")
	close(stop)
	writer.Wait()
}

// oneDeed is one thing that a member does.
func oneDeed(p *Pool, m *Member, random *rand.Rand) {
	other := m.ID() - min(m.ID(), 32) + uint32(random.IntN(64))
	switch random.IntN(10) {
	case 0:
		m.SetSubscriptions([]packet.Want{{ID: other, Width: 100, Height: 100, FPS: 10}, {ID: other + 1, FPS: media.Native}})
	case 1:
		m.RequestKeyframe(other)
	case 2:
		m.Say("hello")
	case 3:
		m.SetStreaming(media.Video, random.IntN(2) == 0)
	case 4:
		m.Lost()
	case 5:
		m.Report(packet.Report{Streams: []packet.StreamReport{{ID: other}}})
	default:
		b := p.buffers.Get(packet.VideoHeadSize + 100)
		packet.VideoHead{Codec: media.VP8, Flags: media.Flags(random.IntN(4)), Width: 8, Height: 8, Layer: uint16(random.IntN(3))}.Put(b.Payload())
		b.Finish(packet.VideoFrame, 0)
		m.Publish(b)
		b.Release()
	}
}
