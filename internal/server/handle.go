package server

import (
	"time"

	"acip/media"
	"acip/packet"
)

// handle processes a packet from a client that has joined.
func (s *session) handle(p *packet.Buffer) error {
	now := time.Now()
	t := p.Type()
	if t.Class() == packet.Video {
		return s.picture(p, now)
	}
	if ok, err := s.spend(&s.control, now, 1); !ok {
		return err
	}
	if ok, err := s.spend(&s.volume, now, p.Len()); !ok {
		return err
	}
	switch t {
	case packet.Demand:
		return s.demand(p)
	case packet.ReportType:
		return s.report(p)
	case packet.KeyRequest:
		return s.keyRequest(p)
	case packet.TextMessage:
		return s.text(p, now)
	case packet.StreamStart, packet.StreamStop:
		return s.stream(p)
	case packet.HelloType:
		return packet.Violation("a second HELLO")
	case packet.WelcomeType, packet.ErrorMessage, packet.ClientJoin, packet.ClientLeave:
		return packet.Violation("%s is for the server to send", t)
	}
	s.unknown.Add(1)
	s.srv.counts.unknown.Add(1)
	return nil
}

// picture publishes a picture in the room.
func (s *session) picture(p *packet.Buffer, now time.Time) error {
	if s.member.Watcher() {
		return packet.Violation("a picture from a watcher")
	}
	ok, err := s.spend(&s.frames, now, 1)
	if ok {
		ok, err = s.spend(&s.bytes, now, p.Len())
	}
	if !ok {
		s.member.Lost()
		return err
	}
	s.member.Publish(p)
	return nil
}

// demand takes over what a viewer requests.
func (s *session) demand(p *packet.Buffer) error {
	w, err := packet.Unmarshal[packet.Wish](p)
	if err != nil {
		return malformed(p.Type(), err)
	}
	s.member.SetSubscriptions(w.Streams)
	return nil
}

func (s *session) report(p *packet.Buffer) error {
	r, err := packet.Unmarshal[packet.Report](p)
	if err != nil {
		return malformed(p.Type(), err)
	}
	s.member.Report(r)
	return nil
}

func (s *session) keyRequest(p *packet.Buffer) error {
	k, err := packet.Unmarshal[packet.Key](p)
	if err != nil {
		return malformed(p.Type(), err)
	}
	s.member.RequestKeyframe(k.ID)
	return nil
}

func (s *session) text(p *packet.Buffer, now time.Time) error {
	t, err := packet.Unmarshal[packet.Text](p)
	if err != nil {
		return malformed(p.Type(), err)
	}
	switch s.messages.spend(now, 1) {
	case pass:
		s.member.Say(t.Text)
		return nil
	case dropAndTell:
		s.member.Tell(packet.CodeRate, "too many messages a second: some were dropped")
	}
	s.refused.Add(1) // chat alone closes no connection: a flood is bounded as packets
	s.srv.counts.limited.Add(1)
	return nil
}

func (s *session) stream(p *packet.Buffer) error {
	n, err := packet.ParseStream(p.Payload())
	if err != nil {
		return malformed(p.Type(), err)
	}
	if n != packet.StreamVideo {
		return nil
	}
	s.member.SetStreaming(media.Video, p.Type() == packet.StreamStart)
	return nil
}
