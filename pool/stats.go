package pool

import (
	"cmp"
	"slices"

	"acip/media"
	"acip/packet"
)

// Stats is the pool's account, as /stats shows it.
type Stats struct {
	Slots packet.Slots `json:"slots"`
	Rooms []RoomStats  `json:"rooms"` // by name
}

// RoomStats is one room.
type RoomStats struct {
	Name    string        `json:"name"`
	Members []MemberStats `json:"members"` // by id
}

// MemberStats counts pictures, and their bytes with the packet's header: "in" from the member to the server, "out" from
// the server to it, "dropped" those for it that were not sent. Senders that left are in the sums.
type MemberStats struct {
	ID        uint32            `json:"id"`
	Name      string            `json:"name"`
	Role      string            `json:"role"`
	Slot      int               `json:"slot"`
	Paused    bool              `json:"paused"`
	FramesIn  uint64            `json:"frames_in"`
	BytesIn   uint64            `json:"bytes_in"`
	LostIn    uint64            `json:"lost_in"` // pictures from it dropped on their way in
	FramesOut uint64            `json:"frames_out"`
	BytesOut  uint64            `json:"bytes_out"`
	Dropped   map[string]uint64 `json:"dropped"`
	Waiting   int               `json:"control_waiting"`
	ChatLost  uint64            `json:"chat_dropped"`    // lines from it that were dropped, and lines for it that were not sent
	Asked     *packet.Ask       `json:"asked,omitempty"` // the last DEMAND to it, if it may send
	From      []TrackStats      `json:"from"`            // its subscriptions, by the sender's id
}

// TrackStats is the account of one subscription. WaitMS is how long frames waited in the relay until the viewer's
// connection took them, AgeMS the age at which the viewer last drew one, by its own report.
type TrackStats struct {
	ID       uint32            `json:"id"`
	Kind     string            `json:"kind,omitempty"` // "audio"; left out of video
	Frames   uint64            `json:"frames"`
	Bytes    uint64            `json:"bytes"`
	Offered  uint64            `json:"offered"` // frames + dropped + those waiting
	Dropped  map[string]uint64 `json:"dropped"`
	Layer    uint16            `json:"layer"`
	WaitMS   WaitStats         `json:"wait_ms"`
	Received uint64            `json:"received"` // reported, like what follows
	Drawn    uint64            `json:"drawn"`
	Lost     uint64            `json:"viewer_dropped"`
	AgeMS    int64             `json:"age_ms"`
}

// WaitStats are milliseconds: of the newest frame, and upper bounds of the 50th and the 99th percentile.
type WaitStats struct {
	Newest float64 `json:"newest"`
	P50    float64 `json:"p50"`
	P99    float64 `json:"p99"`
}

// Stats returns a copy of all counters.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := Stats{Slots: packet.Slots{Total: p.slots.total, Used: p.slots.used()}, Rooms: []RoomStats{}}
	for _, r := range p.rooms {
		rs := RoomStats{Name: r.name}
		for _, m := range r.roster() {
			rs.Members = append(rs.Members, m.stats())
		}
		all.Rooms = append(all.Rooms, rs)
	}
	slices.SortFunc(all.Rooms, func(a, b RoomStats) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Stats returns a copy of the member's counters, also after it left.
func (m *Member) Stats() MemberStats {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	return m.stats()
}

// stats returns one member's counters. Under Pool.mu.
func (m *Member) stats() MemberStats {
	ms := MemberStats{ID: m.id, Name: m.name, Role: m.role, Slot: m.slot, Paused: m.paused}
	if m.asked {
		ask := m.ask
		ms.Asked = &ask
	}
	m.stream.mu.Lock()
	ms.FramesIn, ms.BytesIn, ms.LostIn = m.stream.frames, m.stream.bytes, m.stream.lost
	m.stream.mu.Unlock()
	o := &m.out
	o.mu.Lock()
	defer o.mu.Unlock()
	ms.FramesOut, ms.BytesOut, ms.Waiting = o.gone.frames, o.gone.bytes, len(o.control)
	ms.ChatLost = m.unsaid + o.chat.dropped
	ms.Dropped = o.dropped.Map()
	ms.From = make([]TrackStats, 0, len(m.subscriptions))
	for _, p := range m.subscriptions {
		if p.track.kind == media.Video {
			ms.FramesOut += p.count
			ms.BytesOut += p.bytes
		}
		ms.From = append(ms.From, p.stats())
	}
	slices.SortFunc(ms.From, func(a, b TrackStats) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind)) })
	return ms
}

// stats returns one subscription's counters. Under the viewer's sendQueue.mu.
func (p *subscription) stats() TrackStats {
	const ms = 1e6
	kind := ""
	if p.track.kind != media.Video {
		kind = p.track.kind.String()
	}
	return TrackStats{
		ID: p.track.sender, Kind: kind, Frames: p.count, Bytes: p.bytes, Offered: p.offered, Dropped: p.dropped.Map(), Layer: p.layer,
		WaitMS:   WaitStats{Newest: float64(p.waits.newest) / ms, P50: p.waits.quantile(0.5), P99: p.waits.quantile(0.99)},
		Received: p.reported.Received, Drawn: p.reported.Drawn, Lost: p.reported.Dropped, AgeMS: max(0, p.reported.AgeMS),
	}
}
