package server

import (
	"time"

	"acip/media"
	"acip/packet"
)

// handle is what becomes of a packet of a client that has joined.
func (x *session) handle(p *packet.Buffer) error {
	now := time.Now()
	t := p.Type()
	if t.Class() == packet.Video {
		return x.picture(p, now)
	}
	if ok, err := x.spend(&x.control, now, 1); !ok {
		return err
	}
	if ok, err := x.spend(&x.volume, now, p.Len()); !ok {
		return err
	}
	switch t {
	case packet.Demand:
		return x.demand(p)
	case packet.ReportType:
		return x.report(p)
	case packet.KeyRequest:
		return x.keyRequest(p)
	case packet.TextMessage:
		return x.text(p, now)
	case packet.StreamStart, packet.StreamStop:
		return x.stream(p)
	case packet.HelloType:
		return packet.Violation("a second HELLO")
	case packet.WelcomeType, packet.ErrorMessage, packet.ClientJoin, packet.ClientLeave:
		return packet.Violation("%s is for the server to send", t)
	}
	x.unknown.Add(1)
	x.s.counts.unknown.Add(1)
	return nil
}

// picture hands a picture to the room.
func (x *session) picture(p *packet.Buffer, now time.Time) error {
	if x.member.Watcher() {
		return packet.Violation("a picture from a watcher")
	}
	ok, err := x.spend(&x.frames, now, 1)
	if ok {
		ok, err = x.spend(&x.bytes, now, p.Len())
	}
	if !ok {
		x.member.Lost()
		return err
	}
	x.member.Publish(p)
	return nil
}

// demand takes over what a viewer requests.
func (x *session) demand(p *packet.Buffer) error {
	w, err := packet.Unmarshal[packet.Wish](p)
	if err != nil {
		return malformed(p.Type(), err)
	}
	x.member.SetSubscriptions(w.Streams)
	return nil
}

func (x *session) report(p *packet.Buffer) error {
	r, err := packet.Unmarshal[packet.Report](p)
	if err != nil {
		return malformed(p.Type(), err)
	}
	x.member.Report(r)
	return nil
}

func (x *session) keyRequest(p *packet.Buffer) error {
	k, err := packet.Unmarshal[packet.Key](p)
	if err != nil {
		return malformed(p.Type(), err)
	}
	x.member.RequestKeyframe(k.ID)
	return nil
}

func (x *session) text(p *packet.Buffer, now time.Time) error {
	t, err := packet.Unmarshal[packet.Text](p)
	if err != nil {
		return malformed(p.Type(), err)
	}
	switch x.messages.spend(now, 1) {
	case pass:
		x.member.Say(t.Text)
		return nil
	case tell:
		x.member.Tell(packet.CodeRate, "too many messages a second: some were dropped")
	}
	x.refused.Add(1) // nobody is cut for talking: a flood is one of packets, which have their own limit
	x.s.counts.limited.Add(1)
	return nil
}

func (x *session) stream(p *packet.Buffer) error {
	n, err := packet.ParseStream(p.Payload())
	if err != nil {
		return malformed(p.Type(), err)
	}
	if n != packet.StreamVideo {
		return nil
	}
	x.member.SetStreaming(media.Video, p.Type() == packet.StreamStart)
	return nil
}
