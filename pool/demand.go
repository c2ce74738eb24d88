package pool

import (
	"slices"

	"acip/media"
	"acip/packet"
)

const (
	smallPart = 4     // a viewer that requests this part of the main picture's pixels, or less, suits the small layer
	smallMain = 20000 // pixels of a main picture below which a small layer is not worth coding
)

// The names of codecs in HELLO and DEMAND.
var (
	raw  = media.Raw.String()
	jpeg = media.JPEG.String()
	vp8  = media.VP8.String()
)

// videoCodecs lists the codecs of pictures, best first.
var videoCodecs = media.Codecs(media.Video)

// none stands for the request of no viewer, in union.
var none = request{width: -1, rate: media.Off}

// SetSubscriptions replaces all that a viewer requested before. Each entry's width and height are a box in pixels (0:
// the sender's own size); a rate that is off means that the sender is not wanted. A sender's audio goes with its video.
// Ids that are not in the room, or that send nothing, count as soon as they do; they are remembered until the next
// call.
func (m *Member) SetSubscriptions(wants []packet.Want) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if m.left {
		return
	}
	m.wantsAll = false
	m.requests = make(map[uint32]request, len(wants))
	for _, w := range wants {
		if w.FPS.On() && len(m.requests) < maxRequests {
			m.requests[w.ID] = request{wanted: true, width: w.Width, height: w.Height, rate: w.FPS}
		}
	}
	for t, p := range m.subscriptions {
		m.room.updateSubscription(p, m.room.members[t.sender], m.requestFor(t.sender))
	}
}

// requestFor returns what the member requests of a sender.
func (m *Member) requestFor(id uint32) request {
	if m.wantsAll {
		return request{wanted: true}
	}
	return m.requests[id]
}

// updateSubscription changes what a viewer requests of a track. For video it also sends the sender another demand, and
// the viewer its first picture. Under Pool.mu.
func (r *room) updateSubscription(p *subscription, sender *Member, now request) {
	if now == p.request {
		return
	}
	o := &p.viewer.out
	o.mu.Lock()
	began := now.wanted && !p.request.wanted
	p.request = now
	if !now.wanted {
		o.clear(p, Unwanted)
		p.dependency.Unsync()
	}
	o.mu.Unlock()
	if p.track.kind != media.Video {
		return
	}
	sender.demand()
	if began {
		s := &sender.stream
		s.mu.Lock()
		s.show(p, sender.pool.now())
		sender.sendKeyRequest(sender.pool.now())
		s.mu.Unlock()
	}
}

// demand works out what the room requests of the member, and tells the member if that changed and it is time. Under
// Pool.mu.
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
	m.sendDemand(now)
}

// gather returns the most that is requested by any viewer that decodes the main picture's codec; a second layer if the
// requests differ a lot; and alternatives for the viewers that do not decode the main picture. can is what the sender
// codes, if it said so; held is the box that the sender is not told to shrink yet. Under Pool.mu and s.mu.
func (s *stream) gather(can []string, held request, now int64) packet.Ask {
	ask := packet.Ask{Codecs: []string{}}
	list := s.codecs()
	coding := s.coding(list, can, now)
	main, all := none, none
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
	if !main.wanted { // nobody decodes what this sender codes: raw is what is left
		main, list, coding = all, []string{raw}, raw
	}
	s.rate = main.rate
	ask.Width, ask.Height, ask.FPS, ask.Codecs = main.width, main.height, askRate(main.rate), list
	if small := s.split(union(held, main), coding); small.wanted {
		ask.Layers = []packet.AskLayer{{Layer: packet.LayerSmall, Width: small.width, Height: small.height, FPS: askRate(small.rate)}}
	}
	ask.Alternatives = s.alternatives(can, coding)
	return ask
}

// An alternative layer is small, so that a viewer with other codecs costs the sender at most twice the main picture,
// and never more than alternativeKbps. Sides are in pixels, rates in pictures a second.
const (
	jpegWide, jpegHigh, jpegRate = 160, 120, 10
	rawWide, rawHigh, rawRate    = 80, 60, 5 // 576 kbit/s without the bound
	alternativeKbps              = 400
)

// alternatives returns the layers for the viewers that do not decode the main picture, whose subscriptions split has
// marked. Under Pool.mu and s.mu.
func (s *stream) alternatives(can []string, coding string) (all []packet.Alternative) {
	if coding == raw {
		return nil
	}
	requests := [layers]request{packet.LayerJPEG: none, packet.LayerRaw: none}
	for _, p := range s.viewers {
		if p.target >= packet.LayerJPEG && p.request.wanted {
			requests[p.target] = union(requests[p.target], p.request)
		}
	}
	add := func(layer int, codec string, w, h, fps int) {
		if r := requests[layer]; r.wanted {
			all = append(all, packet.Alternative{
				Layer: uint32(layer), Codec: codec, Kbps: alternativeKbps,
				Width: minLimit(r.width, w), Height: minLimit(r.height, h), FPS: minLimit(int(r.rate), fps),
			})
		}
	}
	add(packet.LayerJPEG, jpeg, jpegWide, jpegHigh, jpegRate)
	add(packet.LayerRaw, raw, rawWide, rawHigh, rawRate)
	return all
}

// minLimit returns the lower of a request and a bound; a request of 0 has no limit of its own.
func minLimit(requested, bound int) int {
	if requested <= 0 {
		return bound
	}
	return min(requested, bound)
}

// suits returns the layer for a viewer; whole is the main picture's pixels. Under Pool.mu and s.mu.
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

// split notes in each subscription which layer suits its viewer. It returns the most that those of the small layer
// request. Under Pool.mu and s.mu.
func (s *stream) split(main request, coding string) request {
	small := none
	whole := s.area(main)
	for _, p := range s.viewers {
		target := s.suits(p, coding, whole)
		if target == packet.LayerSmall {
			small = union(small, p.request)
		}
		o := &p.viewer.out
		o.mu.Lock()
		if target != p.target {
			p.silentSince, p.notified = 0, false
		}
		p.target = target
		o.mu.Unlock()
	}
	return small
}

// area returns the pixels of what is requested. The sender's own size is what it last sent; before it has sent
// anything, it is taken for large.
func (s *stream) area(r request) int {
	if r.width > 0 {
		return r.width * r.height
	}
	if s.layer[0].area > 0 {
		return int(s.layer[0].area)
	}
	return 640 * 480
}

// union returns the smallest request that satisfies both.
func union(a, b request) request {
	if a == none {
		return b
	}
	if a.width == 0 || a.height == 0 || b.width == 0 || b.height == 0 {
		a.width, a.height = 0, 0
	} else {
		a.width, a.height = max(a.width, b.width), max(a.height, b.height)
	}
	a.rate = a.rate.Max(b.rate)
	return a
}

// askRate returns a rate as a DEMAND to a sender writes it, in which 0 would mean nobody.
func askRate(r media.Rate) int {
	if r == media.Native {
		return packet.AskNative
	}
	return int(r)
}

// codecs returns what any subscribed viewer decodes, best first; raw always, and last. The best one is the main
// picture's for all that decode it; the others get an alternative, so that nobody's presence changes what others get.
func (s *stream) codecs() []string {
	var list []string
	for _, id := range videoCodecs {
		if c := id.String(); c == raw || slices.ContainsFunc(s.viewers, func(p *subscription) bool { return p.request.wanted && p.viewer.reads(c) }) {
			list = append(list, c)
		}
	}
	return list
}

// coding returns the codec of the main picture: the one that is being sent, else the best of the list that the sender
// codes. A sender codes what it decodes.
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

// reads reports whether the member decodes a codec. One that did not say gets everything.
func (m *Member) reads(codec string) bool {
	return codec == raw || m.codecs == nil || slices.Contains(m.codecs, codec)
}

// cleanCodecs returns the known codecs that a hello names, as the others are shown them. A hello that names none stands
// for everything from a plain client, and else for what every client decodes.
func cleanCodecs(h packet.Hello) []string {
	if h.Codecs == nil && h.Demand {
		return []string{raw}
	}
	if h.Codecs == nil {
		return nil
	}
	codecs := []string{}
	for _, c := range h.Codecs {
		if id, known := media.ParseCodec(c); known && id.Known(media.Video) && !slices.Contains(codecs, c) {
			codecs = append(codecs, c)
		}
	}
	return codecs
}

// equal reports whether two demands are the same.
func equal(a, b packet.Ask) bool {
	return a.Width == b.Width && a.Height == b.Height && a.FPS == b.FPS &&
		slices.Equal(a.Codecs, b.Codecs) && slices.Equal(a.Layers, b.Layers) && slices.Equal(a.Alternatives, b.Alternatives)
}
