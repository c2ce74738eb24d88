package transport_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"acip/internal/testkit"
	"acip/media"
	"acip/packet"
	"acip/transport"
)

// queueTest is a send queue whose packets carry numbers in their payload.
type queueTest struct {
	t     testing.TB
	b     packet.Buffers
	queue *transport.SendQueue
}

// send queues a packet of a synthetic track.
func (q *queueTest) send(t packet.Type, number int) error {
	payload := []byte{byte(number >> 8), byte(number)}
	if t == packet.VideoFrame {
		payload = make([]byte, packet.VideoHeadSize+4)
		packet.VideoHead{Codec: media.JPEG, Width: 16, Height: 16, Seq: uint32(number)}.Put(payload)
	}
	p := finished(&q.b, t, payload)
	defer p.Release()
	return q.queue.Send(p)
}

// all takes everything that waits, as class and number.
func (q *queueTest) all() (got []string) {
	for p := q.queue.Next(); p != nil; p = q.queue.Next() {
		got = append(got, q.name(p.Type(), p.Payload()))
		p.Release()
	}
	return got
}

// name returns a packet's class and number.
func (q *queueTest) name(t packet.Type, payload []byte) string {
	number := int(payload[0])<<8 | int(payload[1])
	if t == packet.VideoFrame {
		h, _, _ := packet.ParseVideo(payload, 0)
		number = int(h.Seq)
	}
	return fmt.Sprintf("%c%d", "cav"[t.Class()], number)
}

// inQueueTest runs f with virtual time and checks that every buffer is given back.
func inQueueTest(t *testing.T, f func(q *queueTest)) {
	synctest.Test(t, func(t *testing.T) {
		q := &queueTest{t: t, queue: transport.NewSendQueue()}
		f(q)
		q.queue.Close()
		balanced(t, &q.b)
	})
}

// expect compares what waits.
func (q *queueTest) expect(want ...string) {
	q.t.Helper()
	if got := q.all(); !slices.Equal(got, want) {
		q.t.Errorf("took %v, want %v", got, want)
	}
}

// TestSendQueueOrder: control goes before audio and audio before video, whatever was queued first.
func TestSendQueueOrder(t *testing.T) {
	inQueueTest(t, func(q *queueTest) {
		for i, typ := range []packet.Type{packet.VideoFrame, packet.AudioFrame, packet.TextMessage, packet.AudioFrame,
			packet.VideoFrame, packet.TextMessage} {
			if err := q.send(typ, i); err != nil {
				t.Fatal(err)
			}
		}
		if q.queue.NoMediaQueued() || q.queue.Empty() {
			t.Error("says that nothing waits")
		}
		q.expect("c2", "c5", "a1", "a3", "v4") // v0 was replaced by v4
		if !q.queue.NoMediaQueued() || !q.queue.Empty() {
			t.Error("says that something waits")
		}
		_ = q.send(packet.AudioFrame, 6)
		if q.queue.NoMediaQueued() {
			t.Error("audio is media")
		}
		select {
		case <-q.queue.MediaTaken():
		default:
			t.Error("MediaTaken was not signalled")
		}
	})
}

// TestSendQueueAudioIsBoundInTime: while nothing is taken, 120 ms of audio wait, the oldest are dropped and counted,
// the connection is not given up, and no picture is touched.
func TestSendQueueAudioIsBoundInTime(t *testing.T) {
	inQueueTest(t, func(q *queueTest) {
		_ = q.send(packet.VideoFrame, 500)
		for i := range 50 { // one second of 20 ms frames
			if err := q.send(packet.AudioFrame, i); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		if got := q.queue.DroppedAudio(); got != 43 {
			t.Errorf("%d dropped, want all but the 7 of the last 120 ms", got)
		}
		q.expect("a44", "a45", "a46", "a47", "a48", "a49", "v500") // a43 became late since
		if got := q.queue.DroppedAudio(); got != 44 {
			t.Errorf("%d dropped", got)
		}
	})
}

// TestSendQueueAudioGoesStale: audio that waits when the track stops is not sent late.
func TestSendQueueAudioGoesStale(t *testing.T) {
	inQueueTest(t, func(q *queueTest) {
		_ = q.send(packet.AudioFrame, 1)
		time.Sleep(120 * time.Millisecond)
		_ = q.send(packet.TextMessage, 2)
		q.expect("c2", "a1") // just in time
		_ = q.send(packet.AudioFrame, 3)
		time.Sleep(120*time.Millisecond + time.Nanosecond)
		q.expect()
		if got := q.queue.DroppedAudio(); got != 1 {
			t.Errorf("%d dropped", got)
		}
	})
}

// TestAudioOverAStalledConnection: a connection whose peer does not read for a second is not given up for the sake of
// audio. When the peer reads again it gets control, then the audio of the last 120 ms, then the newest picture.
func TestAudioOverAStalledConnection(t *testing.T) {
	inQueueTest(t, func(q *queueTest) {
		l := testkit.Listen()
		s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
			return c.Run(context.Background(), func(*packet.Buffer) error { return nil }, q.queue)
		})
		p := join(t, l)
		send(t, q.queue, image(&q.b, 320, 240)) // the writer blocks in it
		synctest.Wait()
		for i := range 50 {
			if err := errors.Join(q.send(packet.AudioFrame, i), q.send(packet.VideoFrame, i)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		if err := q.send(packet.TextMessage, 50); err != nil {
			t.Fatal(err)
		}
		var got []string
		for len(got) == 0 || got[len(got)-1] != "v49" {
			h, payload, err := p.Next()
			if err != nil {
				t.Fatal(err, got)
			}
			if h.Type != packet.Ping && h.Type != packet.ImageFrame {
				got = append(got, q.name(h.Type, payload))
			}
		}
		if want := []string{"c50", "a44", "a45", "a46", "a47", "a48", "a49", "v49"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if n := q.queue.DroppedAudio(); n != 44 {
			t.Errorf("%d audio packets dropped", n)
		}
		_ = p.Conn.Close()
		<-s.ends
		s.close()
		balanced(t, s.buffers)
	})
}

// TestSendQueueBounds: whatever is queued and taken when, each class keeps its order and its bound, and each packet
// that was accepted is taken, replaced, dropped and counted, or waits.
func TestSendQueueBounds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		steps := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 400).Draw(r, "steps")
		failure := ""
		synctest.Test(t, func(t *testing.T) {
			q := &queueTest{t: t, queue: transport.NewSendQueue()}
			accepted, taken := 0, 0
			for i, step := range steps {
				switch step {
				case 0, 1, 2:
					if q.send(packet.AudioFrame, i) == nil {
						accepted++
					}
				case 3:
					if err := q.send(packet.TextMessage, i); err != nil && !errors.Is(err, transport.ErrQueueFull) {
						failure = err.Error()
					}
				case 4:
					time.Sleep(7 * time.Millisecond)
				case 5:
					if p := q.queue.Next(); p != nil {
						if p.Type() == packet.AudioFrame {
							taken++
						}
						p.Release()
					}
				}
			}
			var audio []string
			for _, s := range q.all() {
				if s[0] == 'a' {
					audio = append(audio, s)
				}
			}
			if n := accepted - taken - int(q.queue.DroppedAudio()); n != len(audio) || n > 64 {
				failure = fmt.Sprintf("of %d audio packets %d were taken, %d dropped, %d wait", accepted, taken, q.queue.DroppedAudio(), len(audio))
			}
			q.queue.Close()
			balanced(t, &q.b)
		})
		if failure != "" {
			r.Fatal(failure)
		}
	})
}
