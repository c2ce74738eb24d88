package stream

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/call"
	"acip/media"
)

// quietCall is a call that only counts.
type quietCall struct {
	mu             sync.Mutex
	drawn, dropped int
}

func (c *quietCall) Want(frame.Size, []call.Want) {}

func (c *quietCall) Drawn(uint32, media.Stamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drawn++
}

func (c *quietCall) Dropped(uint32, account.Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropped++
}

func (c *quietCall) Pause(bool) {}
func (c *quietCall) Say(string) {}
func (c *quietCall) Enter()     {}
func (c *quietCall) Leave()     {}

// TestAnyWriter streams into a writer that is no file and whose reader stops: nothing is lost before, and the stream
// ends with the writer's error once the reader has gone.
func TestAnyWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		out, err := New(Config{Format: "y4m", Out: w, FPS: 30, Peer: "alice"})
		if err != nil {
			t.Fatal(err)
		}
		c := &quietCall{}
		out.Peer(call.Peer{ID: 1, Name: "alice"})
		ended := make(chan error, 1)
		go func() { ended <- out.Run(context.Background(), c) }()
		synctest.Wait()

		f := frame.New(16, 16)
		f.Time = time.Now()
		out.Picture(1, f)
		head, err := bufio.NewReaderSize(r, 4096).ReadString('\n')
		if err != nil || !strings.HasPrefix(head, "YUV4MPEG2 W16 H16 ") {
			t.Errorf("the stream begins with %q, %v", head, err)
		}
		for range 5 { // nobody reads these
			out.Picture(1, f)
			synctest.Wait()
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "write pictures") {
			t.Errorf("the stream ends with %v", err)
		}
		if c.drawn+c.dropped != 6 {
			t.Errorf("%d drawn and %d dropped of 6", c.drawn, c.dropped)
		}
	})
}

// TestStalledWriter: a writer with deadlines that takes nothing does not keep a stream from ending, and its picture counts as
// dropped.
func TestStalledWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		out, err := New(Config{Format: "ansi", Out: near, FPS: 30, Peer: "alice"})
		if err != nil {
			t.Fatal(err)
		}
		c := &quietCall{}
		out.Peer(call.Peer{ID: 1, Name: "alice"})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- out.Run(ctx, c) }()
		synctest.Wait()
		f := frame.New(16, 16)
		f.Time = time.Now()
		out.Picture(1, f)
		synctest.Wait() // the write is under way
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if c.drawn != 0 || c.dropped != 1 {
			t.Errorf("%d drawn and %d dropped of 1", c.drawn, c.dropped)
		}
	})
}
