package pool

import (
	"slices"

	"acip/media"
	"acip/packet"
)

const (
	ownRate   = 240   // frames/s asked of a sender of which somebody wants its own rate
	smallPart = 4     // a viewer that wants this part of the main picture's pixels, or less, suits a small layer
	smallMain = 20000 // pixels of a main picture below which a small layer is not worth coding
)

// everyCodec is what a client that does not say decodes, best first.
var everyCodec = [...]string{vp8, jpeg, raw}

// The names of codecs in hellos and demands.
var (
	raw  = media.Raw.String()
	jpeg = media.JPEG.String()
	vp8  = media.VP8.String()
)

// Wish is all that a viewer wants to see, replacing what it wanted before. Each
// entry's width and height are a box in pixels (0: the sender's own size); an FPS
// of 0 means that stream is not wanted, below 0 the sender's own rate. Ids that
// are not in the room, or send nothing, count as soon as they are; they are
// remembered until the next wish.
func (m *Member) SetSubscriptions(wants []packet.Want) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if m.left {
		return
	}
	m.wantsAll = false
	m.requests = make(map[uint32]request, len(wants))
	for _, w := range wants {
		if w.FPS != 0 && len(m.requests) < maxRequests {
			m.requests[w.ID] = request{wanted: true, width: w.Width, height: w.Height, fps: max(w.FPS, 0)}
		}
	}
	for id, p := range m.subscriptions {
		m.room.updateSubscription(p, m.room.members[id], m.requestFor(id))
	}
}

// wanted is what the member wants of a sender.
func (m *Member) requestFor(id uint32) request {
	if m.wantsAll {
		return request{wanted: true}
	}
	return m.requests[id]
}

// look changes what a viewer wants of a sender, and does what follows: another
// demand, and the first picture. Under Pool.mu.
func (r *room) updateSubscription(p *subscription, sender *Member, w request) {
	if w == p.request {
		return
	}
	o := &p.viewer.out
	o.mu.Lock()
	began := w.wanted && !p.request.wanted
	p.request = w
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
		sender.sendKeyRequest(sender.pool.now())
		s.mu.Unlock()
	}
}

// demand works out what the room wants of the member and tells it when that
// changed and it is time. Under Pool.mu.
func (m *Member) demand() {
	if m.role != packet.RoleJoin {
		return
	}
	now := m.pool.now()
	s := &m.stream
	s.mu.Lock()
	ask := s.gather(m.codecs, m.held(now), now)
	if m.target.FPS > 0 && ask.FPS == 0 {
		s.idle = now
	}
	s.altered = false
	s.mu.Unlock()
	m.target = ask
	m.tellDemand(now)
}

// gather is the most that any viewer wants whose codec the main picture has, a
// second layer where what they want differs much, and alternatives for those that
// do not decode the main picture. can is what the sender codes, as far as it said,
// held the box that it is not told to shrink yet.
// Under Pool.mu and s.mu.
func (s *stream) gather(can []string, held want, now int64) packet.Ask {
	ask := packet.Ask{Codecs: []string{}}
	list := s.codecs()
	coding := s.coding(list, can, now)
	main, all := request{width: -1}, request{width: -1}
	for _, p := range s.viewers {
		if !p.request.wanted {
			continue
		}
		all = union(all, p.request)
		if p.viewer.reads(coding) {
			main = union(main, p.request)
		}
	}
	if !all.wanted {
		return ask
	}
	if !main.wanted { // nobody reads what this sender codes: raw is what is left
		main, list, coding = all, []string{raw}, raw
	}
	ask.Width, ask.Height, ask.FPS = main.width, main.height, rate(main)
	ask.Codecs = list
	s.rate = ask.FPS
	if small := s.split(most(held, main), coding); small.wanted {
		ask.Layers = []packet.Want{{ID: packet.LayerSmall, Width: small.width, Height: small.height, FPS: rate(small)}}
	}
	ask.Alternatives = s.alternatives(can, coding)
	return ask
}

// An alternative layer is small, so that one viewer of another kind costs the
// sender at most twice the main picture, and never more than kbps: sides in
// pixels, pictures a second, kbit/s.
const (
	jpegWide, jpegHigh, jpegRate = 160, 120, 10
	rawWide, rawHigh, rawRate    = 80, 60, 5 // 576 kbit/s, were it not for the bound
	alternativeKbps              = 400
)

// alternatives is the layers for those viewers that do not decode the main
// picture, whose subscriptions split has marked. Under Pool.mu and s.mu.
func (s *stream) alternatives(can []string, coding string) (all []packet.Alternative) {
	if coding == raw {
		return nil
	}
	wants := [layers]request{packet.LayerJPEG: {width: -1}, packet.LayerRaw: {width: -1}}
	for _, p := range s.viewers {
		if p.target >= packet.LayerJPEG && p.request.wanted {
			wants[p.target] = union(wants[p.target], p.request)
		}
	}
	add := func(layer int, codec string, w, h, fps int) {
		if a := wants[layer]; a.wanted {
			all = append(all, packet.Alternative{
				ID: uint32(layer), Codec: codec, Width: minLimit(a.width, w), Height: minLimit(a.height, h), FPS: minLimit(a.fps, fps), Kbps: alternativeKbps,
			})
		}
	}
	add(packet.LayerJPEG, jpeg, jpegWide, jpegHigh, jpegRate)
	add(packet.LayerRaw, raw, rawWide, rawHigh, rawRate)
	return all
}

// least is the lower of a wish and a bound; a wish of 0 has no bound of its own.
func minLimit(wish, bound int) int {
	if wish <= 0 {
		return bound
	}
	return min(wish, bound)
}

// suits is the layer for a viewer. Under Pool.mu and s.mu.
func (s *stream) suits(p *subscription, coding string, whole int) uint16 {
	switch {
	case !p.request.wanted:
		return packet.LayerMain
	case !p.viewer.reads(coding) && coding == vp8 && p.viewer.reads(jpeg):
		return packet.LayerJPEG
	case !p.viewer.reads(coding):
		return packet.LayerRaw
	case p.request.width > 0 && whole >= smallMain && s.area(p.request)*smallPart <= whole:
		return packet.LayerSmall
	}
	return packet.LayerMain
}

// split tells each viewer's subscription which layer suits it, and is the most that
// those of the small layer want. Under Pool.mu and s.mu.
func (s *stream) split(main request, coding string) request {
	small := request{width: -1}
	whole := s.area(main)
	for _, p := range s.viewers {
		target := s.suits(p, coding, whole)
		if target == packet.LayerSmall {
			small = union(small, p.request)
		}
		o := &p.viewer.out
		o.mu.Lock()
		if target != p.target {
			p.since, p.told = 0, false
		}
		p.target = target
		o.mu.Unlock()
	}
	return small
}

// area is the pixels that a want comes to. The sender's own size is what it last
// sent, and taken for large before it sent anything.
func (s *stream) area(w request) int {
	if w.width > 0 {
		return w.width * w.height
	}
	if s.layer[0].area > 0 {
		return int(s.layer[0].area)
	}
	return 640 * 480
}

// most is the smallest want that holds both; a width below 0 stands for none.
func union(a, b request) request {
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
func rate(w request) int {
	if w.fps == 0 {
		return ownRate
	}
	return w.fps
}

// codecs is what any viewer that looks decodes, best first; raw always is, and
// last. The best one is the main picture's for all who decode it: who does not
// gets an alternative, so that nobody's presence changes what the others get.
func (s *stream) codecs() []string {
	var list []string
	for _, c := range everyCodec {
		if c == raw || slices.ContainsFunc(s.viewers, func(p *subscription) bool { return p.request.wanted && p.viewer.reads(c) }) {
			list = append(list, c)
		}
	}
	return list
}

// coding is the codec of the main picture: the one that is being sent, else the
// best of the list that the sender can. A sender codes what it decodes.
func (s *stream) coding(list, can []string, now int64) string {
	if l := &s.layer[packet.LayerMain]; l.seen != 0 && now-l.seen < int64(layerLive) {
		return l.codec.String()
	}
	for _, c := range list {
		if can == nil || slices.Contains(can, c) {
			return c
		}
	}
	return raw
}

// reads reports whether the member decodes a codec. Who did not say gets
// everything.
func (m *Member) reads(codec string) bool {
	return codec == raw || m.codecs == nil || slices.Contains(m.codecs, codec)
}

// cleanCodecs is the codecs that a hello names and that are known, as others are
// shown them. One that names none gets everything if it is a plain client, else what all decode.
func cleanCodecs(h packet.Hello) []string {
	if h.Codecs == nil && h.Demand {
		return []string{raw}
	}
	if h.Codecs == nil {
		return nil
	}
	codecs := []string{}
	for _, c := range h.Codecs {
		if slices.Contains(everyCodec[:], c) && !slices.Contains(codecs, c) {
			codecs = append(codecs, c)
		}
	}
	return codecs
}

// equal compares two demands.
func equal(a, b packet.Ask) bool {
	return a.Width == b.Width && a.Height == b.Height && a.FPS == b.FPS &&
		slices.Equal(a.Codecs, b.Codecs) && slices.Equal(a.Layers, b.Layers) && slices.Equal(a.Alternatives, b.Alternatives)
}
