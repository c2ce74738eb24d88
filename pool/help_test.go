package pool

import (
	"encoding/binary"
	"time"

	"acip/media"
	"acip/packet"
)

// fataler is what tests and properties have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// world is a pool with a clock of its own.
type world struct {
	t       fataler
	buffers packet.Buffers
	clock   time.Time
	pool    *Pool
	ended   map[*Member]error
}

func newWorld(t fataler, o Options) *world {
	w := &world{t: t, clock: time.Unix(1_000_000, 0), ended: map[*Member]error{}}
	o.Buffers, o.Now = &w.buffers, func() time.Time { return w.clock }
	w.pool = New(o)
	return w
}

func (w *world) advance(d time.Duration) { w.clock = w.clock.Add(d) }

// try joins and returns what Join does.
func (w *world) try(h packet.Hello) (*Member, error) {
	if h.Room == "" {
		h.Room = "lobby"
	}
	if h.Role == "" {
		h.Role = packet.RoleJoin
	}
	var m *Member
	var err error
	m, err = w.pool.Join(h, func(err error) { w.ended[m] = err })
	return m, err
}

// join joins, and reads the WELCOME.
func (w *world) join(h packet.Hello) (*Member, packet.Welcome) {
	w.t.Helper()
	m, err := w.try(h)
	if err != nil {
		w.t.Fatal(err)
	}
	b := m.Next()
	defer b.Release()
	if b.Type() != packet.WelcomeType {
		w.t.Fatalf("first packet is %s, want WELCOME", b.Type())
	}
	welcome, err := packet.Unmarshal[packet.Welcome](b)
	if err != nil {
		w.t.Fatal(err)
	}
	return m, welcome
}

// drain takes all that waits and gives back what it was: the pictures' numbers,
// and the control packets' types.
func (w *world) drain(m *Member) (pictures []uint64, control []packet.Type) {
	for b := m.Next(); b != nil; b = m.Next() {
		if b.Type().Class() == packet.Video {
			pictures = append(pictures, number(b))
		} else {
			control = append(control, b.Type())
		}
		b.Release()
	}
	return pictures, control
}

// last is the newest packet of a type among those that wait; the others are dropped.
func last[T any](w *world, m *Member, t packet.Type) (body T, ok bool) {
	for b := m.Next(); b != nil; b = m.Next() {
		if b.Type() == t {
			v, err := packet.Unmarshal[T](b)
			if err != nil {
				w.t.Fatal(err)
			}
			body, ok = v, true
		}
		b.Release()
	}
	return body, ok
}

// image is a raw picture whose first pixels are its number.
func (w *world) image(n uint64) *packet.Buffer {
	b := w.buffers.Get(packet.ImageHeadSize + 3*4)
	packet.ImageHead{Width: 4, Height: 1, Format: packet.FormatRGB24}.Put(b.Payload())
	binary.BigEndian.PutUint64(b.Payload()[packet.ImageHeadSize:], n)
	b.Finish(packet.ImageFrame, 0)
	return b
}

// coded is a coded picture whose codec bytes are its number.
func (w *world) coded(n uint64, codec media.Codec, flags media.Flags, layer uint16) *packet.Buffer {
	b := w.buffers.Get(packet.VideoHeadSize + 8)
	h := packet.VideoHead{Codec: codec, Flags: flags, Width: 160, Height: 90, Layer: layer, Seq: uint32(n)}
	h.Put(b.Payload())
	binary.BigEndian.PutUint64(b.Payload()[packet.VideoHeadSize:], n)
	b.Finish(packet.VideoFrame, 0)
	return b
}

// number is what image and coded wrote.
func number(b *packet.Buffer) uint64 {
	if b.Type() == packet.ImageFrame {
		return binary.BigEndian.Uint64(b.Payload()[packet.ImageHeadSize:])
	}
	return binary.BigEndian.Uint64(b.Payload()[packet.VideoHeadSize:])
}

// publish hands a picture over and lets go of it.
func (w *world) publish(m *Member, b *packet.Buffer) {
	m.Publish(b)
	b.Release()
}

// end lets everybody leave and checks that every buffer is back and every slot free.
func (w *world) end() {
	w.t.Helper()
	for _, r := range w.pool.rooms {
		for _, m := range r.roster() {
			m.Leave(packet.CodeBye, "bye")
		}
	}
	if used := w.pool.Slots().Used; used != 0 {
		w.t.Errorf("%d slots taken by nobody", used)
	}
	if n := w.buffers.Outstanding(); n != 0 {
		w.t.Errorf("%d buffers outstanding", n)
	}
	if len(w.pool.rooms) != 0 {
		w.t.Errorf("rooms left: %v", w.pool.rooms)
	}
}

const (
	key      = media.Key
	drop     = media.Discardable
	vp8Codec = media.VP8
	jpg      = media.JPEG
)
