package load

import (
	"context"
	"encoding/binary"
	"time"

	"acip/packet"
)

// Sender is a member that sends pictures, and counts those of others like a Receiver.
type Sender struct {
	*Receiver
	kind Kind
}

// Join connects a sender.
func Join(ctx context.Context, kind Kind, addr string, m Member, ages *Ages) (*Sender, error) {
	m.Watch = false
	r, err := join(ctx, kind, addr, m, ages)
	if err != nil {
		return nil, err
	}
	return &Sender{Receiver: r, kind: kind}, nil
}

// Picture is a packet ready to be sent again and again: a frame of WebSocket around a header and a payload.
type Picture struct {
	frame   []byte // WebSocket header, packet
	packet  int    // where the packet begins
	stampAt int    // where the stamp lies in the payload
}

// RawPicture is an IMAGE_FRAME of w x h pixels for a kind of server.
func RawPicture(kind Kind, w, h int) *Picture {
	payload := make([]byte, packet.ImageHeadSize+w*h*3)
	packet.ImageHead{Width: uint32(w), Height: uint32(h), Format: packet.FormatRGB24}.Put(payload)
	for i := range payload[packet.ImageHeadSize:] {
		payload[packet.ImageHeadSize+i] = byte(i * 7)
	}
	return picture(kind, packetOf(packet.ImageFrame, payload), packet.ImageHeadSize)
}

// VideoPicture is a VIDEO_FRAME with a recorded payload, head included.
func VideoPicture(kind Kind, payload []byte) *Picture {
	return picture(kind, packetOf(packet.VideoFrame, payload), packet.VideoHeadSize-8)
}

func picture(kind Kind, p []byte, stampAt int) *Picture {
	frame := Masked(p)
	if kind == Raw {
		frame = Plain(p)
	}
	return &Picture{frame: frame, packet: len(frame) - len(p), stampAt: stampAt}
}

// Number gives a VIDEO_FRAME its sequence number.
func (p *Picture) Number(seq uint32) {
	binary.BigEndian.PutUint32(p.frame[p.packet+packet.HeaderSize+packet.VideoHeadSize-12:], seq)
}

// stamp writes the time and the checksum that goes with it.
func (p *Picture) stamp(now time.Time) {
	b := p.frame[p.packet:]
	payload := b[packet.HeaderSize:]
	binary.BigEndian.PutUint64(payload[p.stampAt:], uint64(now.UnixMicro()))
	binary.BigEndian.PutUint32(b[14:], packet.Checksum(payload))
}

// Send stamps and sends a picture.
func (s *Sender) Send(p *Picture) error {
	p.stamp(time.Now())
	_, err := s.conn.Write(p.frame)
	return err
}
