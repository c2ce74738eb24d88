package transport_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// size is a picture whose packet is about as large as the lesson says.
type size struct {
	name string
	w, h int
}

// TestReassemblyMatrix is lesson 7: sizes by fragment sizes by pauses, in virtual time. What stays below the deadline
// arrives whole; what misses it is dropped whole at the deadline, and the next one arrives whole on the same
// connection.
func TestReassemblyMatrix(t *testing.T) {
	sizes := []size{{"230KB", 320, 240}, {"921KB", 640, 480}, {"2.7MB", 1280, 720}, {"limit", 0, 0}}
	pauses := []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond,
		1800 * time.Millisecond, 2200 * time.Millisecond}
	for _, s := range sizes {
		payload := testkit.Image(max(s.w, 1), max(s.h, 1), 7)
		if s.name == "limit" { // 4 MiB less the head is divisible by three
			payload = testkit.Image(1024, 1365, 7)
			if room := packet.DefaultMaxFrame - len(payload); room < 0 || room > 3*1024 {
				t.Fatalf("the largest picture leaves %d bytes", room)
			}
		}
		smallest := (len(payload) + packet.HeaderSize + packet.MaxFragments - 1) / packet.MaxFragments
		for _, fragment := range []int{smallest, 1000, 10240, 64 << 10} {
			for _, pause := range pauses {
				if testing.Short() && fragment == smallest && pause > pauses[0] {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d/%s", s.name, fragment, pause), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { reassemble(t, payload, fragment, pause) })
				})
			}
		}
	}
}

func reassemble(t *testing.T, payload []byte, fragment int, pause time.Duration) {
	l := testkit.Listen()
	var mu sync.Mutex
	var got []byte
	s := newServer(t, l, transport.Options{}, collect(&got, &mu))
	p := join(t, l)
	var wg sync.WaitGroup
	var notes int
	wg.Go(func() { // the server's packets must be read
		for {
			h, body, err := p.Next()
			if err != nil {
				return
			}
			if e, err := packet.ParseError(body); h.Type == packet.ErrorMessage && err == nil && e.Code == packet.CodeFragment {
				notes++
			}
		}
	})
	start := time.Now()
	if err := p.WriteMessage(testkit.Packet(packet.ImageFrame, payload), fragment, pause); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took != pause {
		t.Errorf("writing took %s of virtual time, the pause was %s", took, pause)
	}
	next := testkit.Image(4, 4, 9)
	if err := p.Send(packet.ImageFrame, next, 10); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	late := pause > transport.DefaultReassemblyTimeout
	mu.Lock()
	want := "[7 9]"
	if late {
		want = "[9]"
	}
	if fmt.Sprint(got) != want {
		t.Errorf("arrived %v, want %s", got, want)
	}
	mu.Unlock()
	c := <-s.conns
	if n := c.Stats().Dropped.Timeout; (n == 1) != late {
		t.Errorf("%d dropped for the deadline", n)
	}
	if err := p.Close(packet.CodeBye, ""); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	_ = p.Conn.Close()
	<-s.ends
	if (notes == 1) != late {
		t.Errorf("the sender was told %d times", notes)
	}
	s.close()
	balanced(t, s.buffers)
}

// TestDeadlineFiresByItself: the packet is dropped when its time is over, not when the next byte comes.
func TestDeadlineFiresByItself(t *testing.T) {
	for _, sent := range []int{1, 5, 30, 1000} { // header of the frame, of the packet, payload
		synctest.Test(t, func(t *testing.T) {
			l := testkit.Listen()
			var mu sync.Mutex
			var got []byte
			s := newServer(t, l, transport.Options{}, collect(&got, &mu))
			p := join(t, l)
			drain := drained(p)
			frame := testkit.Fragments(testkit.Packet(packet.ImageFrame, testkit.Image(20, 20, 1)), 0)[0].Bytes()
			start := time.Now()
			_, _ = p.Conn.Write(frame[:sent])
			time.Sleep(1999 * time.Millisecond)
			synctest.Wait()
			if len(s.timeouts()) != 0 {
				t.Error("dropped before the deadline")
			}
			time.Sleep(time.Millisecond)
			synctest.Wait()
			if len(s.timeouts()) != 1 {
				t.Error("not dropped at the deadline")
			}
			time.Sleep(3 * time.Second)
			_, _ = p.Conn.Write(frame[sent:])
			_ = p.Send(packet.ImageFrame, testkit.Image(4, 4, 2), 0)
			synctest.Wait()
			mu.Lock()
			if fmt.Sprint(got) != "[2]" {
				t.Errorf("arrived %v", got)
			}
			mu.Unlock()
			for _, n := range s.timeouts() {
				if known := sent >= 30; (n.Header.Type == packet.ImageFrame) != known {
					t.Errorf("after %d bytes the header is %+v", sent, n.Header)
				}
				if n.Elapsed != 2*time.Second || n.Timeout != 2*time.Second || n.Fragments != 1 {
					t.Errorf("message %+v", n)
				}
			}
			if time.Since(start) != 5*time.Second {
				t.Error("time went by elsewhere")
			}
			_ = p.Conn.Close()
			<-drain
			if e := closeCode(<-s.ends); e != packet.CodeLost {
				t.Errorf("ended with %d", e)
			}
			s.close()
			balanced(t, s.buffers)
		})
	}
}

// TestStalls: inside a message no byte for 10 s, or not finished after 10 s, or 10 s after a deadline that is as long,
// ends the connection; outside, 20 s of silence. Any byte counts as life.
func TestStalls(t *testing.T) {
	frame := testkit.Fragments(testkit.Packet(packet.ImageFrame, testkit.Image(20, 20, 1)), 0)[0].Bytes()
	ping := testkit.Frame{Final: true, Op: testkit.OpPing, Payload: []byte("alive")}.Bytes()
	cases := []struct {
		name  string
		step  func(p *testkit.Peer, i int) // each 2.5 s
		after time.Duration
		code  packet.Code
	}{
		{"no byte", func(p *testkit.Peer, i int) {
			if i == 0 {
				_, _ = p.Conn.Write(frame[:100])
			}
		}, 10 * time.Second, packet.CodeFragment},
		{"trickle", func(p *testkit.Peer, i int) { _, _ = p.Conn.Write(frame[i : i+1]) }, 10 * time.Second, packet.CodeFragment},
		{"trickle within a long deadline", func(p *testkit.Peer, i int) { _, _ = p.Conn.Write(frame[i : i+1]) }, 30 * time.Second, packet.CodeFragment},
		{"silence", func(*testkit.Peer, int) {}, 20 * time.Second, packet.CodeSilent},
		{"pings only", func(p *testkit.Peer, i int) {
			if i < 8 {
				_, _ = p.Conn.Write(ping)
			}
		}, 37500 * time.Millisecond, packet.CodeSilent},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := testkit.Listen()
				var mu sync.Mutex
				var got []byte
				o := transport.Options{}
				if strings.Contains(tt.name, "long") {
					o.ReassemblyTimeout = 20 * time.Second
				}
				s := newServer(t, l, o, collect(&got, &mu))
				p := join(t, l)
				p.Pong = false
				start := time.Now()
				ended := make(chan packet.CloseError, 1)
				go func() {
					e, _ := p.Closed()
					ended <- e
					_ = p.Conn.Close()
				}()
				var e packet.CloseError
				for i, over := 0, false; !over; i++ {
					tt.step(p, i)
					select {
					case e = <-ended:
						over = true
					case <-time.After(2500 * time.Millisecond):
					}
				}
				if took := time.Since(start); took != tt.after || e.Code != tt.code {
					t.Errorf("ended with %v after %s", e, took)
				}
				if code := closeCode(<-s.ends); code != tt.code {
					t.Errorf("the server ended with %d", code)
				}
				s.close()
				balanced(t, s.buffers)
			})
		})
	}
}

// TestReassemblyRealTime is a sample of the matrix over a real socket.
func TestReassemblyRealTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes six seconds")
	}
	const patientDeadline = 5 * time.Second // a machine that does much else takes its time between two fragments
	for _, pause := range []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, 5600 * time.Millisecond} {
		t.Run(pause.String(), func(t *testing.T) {
			t.Parallel()
			l := loopback(t)
			var mu sync.Mutex
			var got []byte
			s := newServer(t, l, transport.Options{ReassemblyTimeout: patientDeadline}, collect(&got, &mu))
			p := joinTCP(t, l.Addr().String())
			drain := drained(p)
			_ = p.WriteMessage(testkit.Packet(packet.ImageFrame, testkit.Image(320, 240, 7)), 10240, pause)
			for range 3 { // one of them misses its deadline where much else runs
				_ = p.Send(packet.ImageFrame, testkit.Image(320, 240, 9), 10240)
			}
			_ = p.Close(packet.CodeBye, "")
			<-s.ends
			<-drain
			seven, nine := bytes.Count(got, []byte{7}), bytes.Count(got, []byte{9})
			if late := pause > patientDeadline; seven == 1 == late || nine == 0 || seven+nine != len(got) {
				t.Errorf("arrived %v", got)
			}
			s.close()
			balanced(t, s.buffers)
		})
	}
}
