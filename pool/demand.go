package pool

import (
	"cmp"
	"slices"

	"acip/packet"
)

const (
	raw       = "raw"
	ownRate   = 240   // frames/s asked of a sender of which somebody wants its own rate
	smallPart = 4     // a viewer that wants this part of the main picture's pixels, or less, suits a small layer
	smallMain = 20000 // pixels of a main picture below which a small layer is not worth coding
)

// everyCodec is what a client that does not say decodes, best first.
var everyCodec = [...]string{"vp8", "jpeg", raw}

// Wish is all that a viewer wants to see, replacing what it wanted before. Each
// entry's width and height are a box in pixels (0: the sender's own size); an FPS
// of 0 means that stream is not wanted, below 0 the sender's own rate. Ids that
// are not in the room, or send nothing, count as soon as they are; they are
// remembered until the next wish.
func (m *Member) Wish(wants []packet.Want) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if m.left {
		return
	}
	m.plain = false
	m.wishes = make(map[uint32]want, len(wants))
	for _, w := range wants {
		if w.FPS != 0 && len(m.wishes) < maxWishes {
			m.wishes[w.ID] = want{wanted: true, width: w.Width, height: w.Height, fps: max(w.FPS, 0)}
		}
	}
	for id, p := range m.views {
		m.room.look(p, m.room.members[id], m.wanted(id))
	}
}

// wanted is what the member wants of a sender.
func (m *Member) wanted(id uint32) want {
	if m.plain {
		return want{wanted: true}
	}
	return m.wishes[id]
}

// look changes what a viewer wants of a sender, and does what follows: another
// demand, and the first picture. Under Pool.mu.
func (r *room) look(p *pair, sender *Member, w want) {
	if w == p.want {
		return
	}
	o := &p.viewer.out
	o.mu.Lock()
	began := w.wanted && !p.want.wanted
	p.want = w
	if !w.wanted {
		o.clear(p, Unwanted)
		p.synced = false
	}
	o.mu.Unlock()
	sender.demand()
	if began {
		s := &sender.stream
		s.mu.Lock()
		s.show(p, sender.pool.now())
		sender.flushKey(sender.pool.now())
		s.mu.Unlock()
	}
}

// demand works out what the room wants of the member and tells it when that
// changed. Under Pool.mu.
func (m *Member) demand() {
	if m.role != packet.RoleJoin {
		return
	}
	s := &m.stream
	s.mu.Lock()
	ask := s.gather()
	if looked := m.ask.FPS > 0; looked && ask.FPS == 0 {
		s.idle = m.pool.now()
	}
	s.mu.Unlock()
	if m.asked && equal(ask, m.ask) {
		return
	}
	m.asked, m.ask = true, ask
	if b, err := m.pool.buffers.JSON(packet.Demand, 0, ask); err == nil {
		m.out.state(&m.out.ask, b)
	}
}

// gather is the most that any viewer wants, what all of them decode, and a second
// layer where what they want differs much. Under Pool.mu and s.mu.
func (s *stream) gather() packet.Ask {
	ask := packet.Ask{Codecs: []string{}}
	main := want{width: -1}
	for _, p := range s.viewers {
		if p.want.wanted {
			main = most(main, p.want)
		}
	}
	if !main.wanted {
		return ask
	}
	ask.Width, ask.Height, ask.FPS = main.width, main.height, rate(main)
	ask.Codecs = s.codecs()
	if small := s.split(main); small.wanted {
		ask.Layers = []packet.Want{{ID: 1, Width: small.width, Height: small.height, FPS: rate(small)}}
	}
	return ask
}

// split tells each viewer's pair which layer suits it, and is the most that
// those of the small layer want.
func (s *stream) split(main want) want {
	small := want{width: -1}
	whole := s.area(main)
	for _, p := range s.viewers {
		var target uint16
		if p.want.wanted && p.want.width > 0 && whole >= smallMain && s.area(p.want)*smallPart <= whole {
			target = 1
			small = most(small, p.want)
		}
		o := &p.viewer.out
		o.mu.Lock()
		p.target = target
		o.mu.Unlock()
	}
	return small
}

// area is the pixels that a want comes to. The sender's own size is what it last
// sent, and taken for large before it sent anything.
func (s *stream) area(w want) int {
	if w.width > 0 {
		return w.width * w.height
	}
	if s.layer[0].area > 0 {
		return int(s.layer[0].area)
	}
	return 640 * 480
}

// most is the smallest want that holds both; a width below 0 stands for none.
func most(a, b want) want {
	if a.width < 0 {
		return b
	}
	if a.width == 0 || a.height == 0 || b.width == 0 || b.height == 0 {
		a.width, a.height = 0, 0
	} else {
		a.width, a.height = max(a.width, b.width), max(a.height, b.height)
	}
	if a.fps == 0 || b.fps == 0 {
		a.fps = 0
	} else {
		a.fps = max(a.fps, b.fps)
	}
	return a
}

// rate is a want's rate as a DEMAND says it, where 0 would mean nobody.
func rate(w want) int {
	if w.fps == 0 {
		return ownRate
	}
	return w.fps
}

// codecs is what every viewer that looks decodes, best first; raw always is, and
// last. The order does not depend on who looks, so that a mere change of viewers
// is no change of the demand.
func (s *stream) codecs() []string {
	var common []string
	for _, p := range s.viewers {
		can := p.viewer.codecs
		if !p.want.wanted || can == nil {
			continue
		}
		if common == nil {
			common = append([]string{}, can...)
			continue
		}
		common = slices.DeleteFunc(common, func(c string) bool { return !slices.Contains(can, c) })
	}
	if common == nil {
		return slices.Clone(everyCodec[:])
	}
	common = slices.DeleteFunc(common, func(c string) bool { return c == raw })
	slices.SortFunc(common, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	return append(common, raw)
}

// rank is a codec's place among those that are known, which come first.
func rank(codec string) int {
	if i := slices.Index(everyCodec[:], codec); i >= 0 {
		return i
	}
	return len(everyCodec)
}

// cleanCodecs is the codecs that a hello names, as others may be shown them. One
// that names none gets everything if it is a plain client, else what all decode.
func cleanCodecs(h packet.Hello) []string {
	if h.Codecs == nil && h.Demand {
		return []string{raw}
	}
	if h.Codecs == nil {
		return nil
	}
	codecs := []string{}
	for _, c := range h.Codecs {
		if len(c) <= 16 && packet.ValidRoom(c) && !slices.Contains(codecs, c) {
			codecs = append(codecs, c)
		}
	}
	return codecs
}

// equal compares two demands.
func equal(a, b packet.Ask) bool {
	return a.Width == b.Width && a.Height == b.Height && a.FPS == b.FPS &&
		slices.Equal(a.Codecs, b.Codecs) && slices.Equal(a.Layers, b.Layers)
}
