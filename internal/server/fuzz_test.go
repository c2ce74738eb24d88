package server

import (
	"testing"

	"acip/packet"
)

// FuzzHandle gives a session packets of any type with any payload: it may end with
// an error, and nothing else.
func FuzzHandle(f *testing.F) {
	for t, body := range map[packet.Type]string{
		packet.Demand: `{"streams":[{"id":1,"width":160,"height":90,"fps":30}]}`, packet.ReportType: `{"streams":[{"id":1,"age_ms":-9}]}`,
		packet.KeyRequest: `{"id":1}`, packet.TextMessage: `{"text":"\u001b[2J"}`, packet.StreamStop: "\x00\x00\x00\x01",
		packet.ImageFrame: "short", packet.VideoFrame: "\x02\x01\x00\x08\x00\x08\x00\x01", packet.HelloType: `{}`, 12345: "",
	} {
		f.Add(uint16(t), []byte(body), true)
		f.Add(uint16(t), []byte(body), false)
	}
	f.Fuzz(func(t *testing.T, typ uint16, payload []byte, watch bool) {
		if len(payload) > packet.MaxControl {
			return
		}
		s := New(Config{})
		role := packet.RoleJoin
		if watch {
			role = packet.RoleWatch
		}
		other, err := s.pool.Join(packet.Hello{Room: "a", Role: packet.RoleJoin}, func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		member, err := s.pool.Join(packet.Hello{Room: "a", Role: role}, func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		x := &session{srv: s, member: member}
		x.setRateLimits()
		b := s.buffers.Get(len(payload))
		copy(b.Payload(), payload)
		b.Finish(packet.Type(typ), 7)
		err = x.handle(b)
		if closeError(err).Code == packet.CodeLost {
			t.Errorf("an error without a code: %v", err)
		}
		b.Release()
		for p := other.Next(); p != nil; p = other.Next() {
			p.Release()
		}
		member.Leave(packet.CodeBye, "bye")
		other.Leave(packet.CodeBye, "bye")
		if n := s.buffers.Outstanding(); n != 0 {
			t.Errorf("%d buffers outstanding", n)
		}
	})
}
