package pool

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"acip/media"
	"acip/packet"
)

// busy is a pool of n members, all sending to all, with the real clock.
func busy(b *testing.B, n int) []*Member {
	p := New(Options{Slots: n, Buffers: new(packet.Buffers)})
	var all []*Member
	for range n {
		m, err := p.Join(packet.Hello{Room: "lobby", Role: packet.RoleJoin}, func(error) {})
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// BenchmarkPublish is one picture to all others, who take it at once. ns/viewer
// stands beside a copy of the same picture, which a relay without shared buffers
// would make for each.
func BenchmarkPublish(b *testing.B) {
	for _, viewers := range []int{31, 127} {
		for name, size := range map[string]int{"vp8": 250, "raw": 230400} {
			b.Run(fmt.Sprintf("%s/%d", name, viewers), func(b *testing.B) {
				all := busy(b, viewers+1)
				buffers := all[0].pool.buffers
				pic := buffers.Get(packet.VideoHeadSize + size)
				packet.VideoHead{Codec: media.VP8, Flags: media.Key | media.Discardable, Width: 160, Height: 90}.Put(pic.Payload())
				pic.Finish(packet.VideoFrame, 1)
				drainAll(all)
				b.ReportAllocs()
				for b.Loop() {
					all[0].Publish(pic)
					for _, m := range all[1:] {
						m.Next().Release()
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(viewers), "ns/viewer")
			})
		}
	}
	b.Run("copy/230400", func(b *testing.B) {
		src, dst := make([]byte, 230400), make([]byte, 230400)
		for b.Loop() {
			copy(dst, src)
		}
	})
}

func drainAll(all []*Member) {
	for _, m := range all {
		for x := m.Next(); x != nil; x = m.Next() {
			x.Release()
		}
	}
}

// BenchmarkRoom is 32 senders and 32 writers at once, as hard as they can: what
// the locks cost when everybody meets everybody.
func BenchmarkRoom(b *testing.B) {
	all := busy(b, 32)
	drainAll(all)
	quit := make(chan struct{})
	var writers, senders sync.WaitGroup
	for _, m := range all {
		writers.Go(func() {
			for {
				select {
				case <-m.Wake():
				case <-quit:
					return
				}
				for x := m.Next(); x != nil; x = m.Next() {
					x.Release()
				}
			}
		})
	}
	began := time.Now()
	b.ReportAllocs()
	b.ResetTimer()
	for _, m := range all {
		senders.Go(func() {
			pic := m.pool.buffers.Get(packet.VideoHeadSize + 250)
			defer pic.Release()
			packet.VideoHead{Codec: media.VP8, Flags: media.Key | media.Discardable, Width: 160, Height: 90}.Put(pic.Payload())
			pic.Finish(packet.VideoFrame, 1)
			for range b.N / 32 {
				m.Publish(pic)
			}
		})
	}
	senders.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)*31/time.Since(began).Seconds(), "pictures/s")
	close(quit)
	writers.Wait()
	drainAll(all)
}
