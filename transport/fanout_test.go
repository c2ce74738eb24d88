package transport_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sort"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// receiverJob names the environment variable that makes the test program the receivers of a fan-out: "kind address
// connections bytes-each".
const receiverJob = "ACIP_TEST_RECEIVERS"

// receive opens the connections of a job and reads what it is sent. Its exit code tells whether all came.
func receive(job string) int {
	var kind, addr string
	var n int
	var each int64
	if _, err := fmt.Sscan(job, &kind, &addr, &n, &each); err != nil {
		return 2
	}
	var wg sync.WaitGroup
	failed := make(chan error, n)
	for range n {
		conn, err := net.Dial("tcp", addr)
		left := each
		if err == nil && kind != "raw" {
			var p *testkit.Peer
			if p, _, err = testkit.Upgrade(conn, "/acip", packet.Subprotocol); err == nil {
				left -= int64(p.Buffered())
			}
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		wg.Go(func() {
			defer conn.Close()
			if err := discard(conn, left); err != nil {
				failed <- err
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// fan is a server that writes one shared picture many times to each connection.
type fan struct {
	kind     string
	frame    *packet.Buffer
	pictures int
	ready    sync.WaitGroup // one for each connection that is there
	start    chan struct{}
	done     sync.WaitGroup
	failed   chan error
}

// webSocketHeader is the length of an unmasked frame's header above 64 KiB.
const webSocketHeader = 10

// bytesEach is what each receiver gets, frame headers included.
func (f *fan) bytesEach() int64 {
	n := len(f.frame.Bytes())
	if f.kind != "raw" {
		n = f.frame.Len() + webSocketHeader
	}
	return int64(n) * int64(f.pictures)
}

// raw is the yardstick: the plainest writer of a shared buffer.
func (f *fan) raw(c net.Conn) {
	defer f.done.Done()
	defer c.Close()
	f.ready.Done()
	<-f.start
	for range f.pictures {
		if _, err := c.Write(f.frame.Bytes()); err != nil {
			f.failed <- err
			return
		}
	}
	_, _ = c.Read(make([]byte, 1)) // until the receiver has it all
}

func (f *fan) acip(w http.ResponseWriter, r *http.Request) {
	defer f.done.Done()
	c, err := transport.Accept(w, r, transport.Options{})
	f.ready.Done()
	if err != nil {
		f.failed <- err
		return
	}
	<-f.start
	_ = c.Run(context.Background(), func(*packet.Buffer) error { return nil }, &repeat{f.frame, f.pictures})
}

func (f *fan) plain(w http.ResponseWriter, r *http.Request) {
	defer f.done.Done()
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{packet.Subprotocol}})
	f.ready.Done()
	if err != nil {
		f.failed <- err
		return
	}
	<-f.start
	for range f.pictures {
		if err := c.Write(context.Background(), websocket.MessageBinary, f.frame.Bytes()); err != nil {
			f.failed <- err
			return
		}
	}
	_, _, _ = c.Read(context.Background())
	_ = c.CloseNow()
}

// repeat is a packet source that sends one packet again and again.
type repeat struct {
	frame *packet.Buffer
	left  int
}

func (r *repeat) Next() *packet.Buffer {
	if r.left == 0 {
		return nil
	}
	r.left--
	return r.frame.Retain()
}

func (*repeat) Wake() chan struct{} { return nil }

// result is what one run took.
type result struct{ cpu, wall, gigabytes float64 }

// run sends the pictures to n receivers, which are another process, and measures this one.
func (f *fan) run(b *testing.B, n int) result {
	l := loopback(b)
	f.start, f.failed = make(chan struct{}), make(chan error, n)
	f.ready.Add(n)
	f.done.Add(n)
	server := &http.Server{}
	switch f.kind {
	case "raw":
		go func() {
			for range n {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go f.raw(c)
			}
		}()
	case "acip":
		server.Handler = http.HandlerFunc(f.acip)
		go server.Serve(l)
	case "cwplain":
		server.Handler = http.HandlerFunc(f.plain)
		go server.Serve(l)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %d", receiverJob, f.kind, l.Addr(), n, f.bytesEach()))
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	f.ready.Wait()
	cpu, began := cpuSeconds(), time.Now()
	close(f.start)
	f.done.Wait()
	r := result{cpuSeconds() - cpu, time.Since(began).Seconds(), float64(f.bytesEach()) * float64(n) / 1e9}
	if err := child.Wait(); err != nil {
		b.Fatal(err)
	}
	_ = server.Close()
	_ = l.Close()
	select {
	case err := <-f.failed:
		b.Fatal(err)
	default:
	}
	return r
}

// BenchmarkFanout sends a shared picture of 230,400 bytes to many receivers: by a raw TCP writer, by this package, and
// by the library's own Write. The runs are interleaved, and the medians are reported by sub-benchmarks; ns/op is not
// meant.
func BenchmarkFanout(b *testing.B) {
	kinds := []string{"raw", "acip", "cwplain"}
	var p packet.Buffers
	frame := image(&p, 320, 240)
	defer frame.Release()
	for _, n := range []int{32, 128} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			got := map[string][]result{}
			pictures := 25600 / n // 5.9 GB a run
			for range rounds() {
				for _, kind := range kinds {
					f := &fan{kind: kind, frame: frame, pictures: pictures}
					got[kind] = append(got[kind], f.run(b, n))
				}
			}
			for _, kind := range kinds {
				b.Run(kind, func(b *testing.B) {
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(median(got[kind], func(r result) float64 { return r.cpu / r.gigabytes }), "cpu-s/GB")
					b.ReportMetric(median(got[kind], func(r result) float64 { return r.gigabytes * 1000 / r.wall }), "MB/s")
					b.ReportMetric(ratio(got[kind], got["raw"], func(r result) float64 { return r.cpu / r.gigabytes }), "cpu/raw")
					b.ReportMetric(ratio(got[kind], got["raw"], func(r result) float64 { return 1 / r.wall }), "speed/raw")
				})
			}
		})
	}
}

func rounds() int {
	if testing.Short() {
		return 1
	}
	return 7
}

func median(rs []result, f func(result) float64) float64 {
	var v []float64
	for _, r := range rs {
		v = append(v, f(r))
	}
	sort.Float64s(v)
	return v[len(v)/2]
}

// ratio is the median of the ratios of runs that followed each other.
func ratio(a, b []result, f func(result) float64) float64 {
	var v []float64
	for i := range a {
		v = append(v, f(a[i])/f(b[i]))
	}
	sort.Float64s(v)
	return v[len(v)/2]
}
