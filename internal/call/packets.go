package call

import (
	"context"
	"slices"
	"strings"
	"time"

	"acip/codec"
	"acip/internal/fault"
	"acip/packet"
)

// roleWithin is how long HELLO waits to learn whether there is a source.
const roleWithin = 2 * time.Second

// hello returns our HELLO. It waits a little for the source, so that a client without a camera joins as a viewer.
func (c *Call) hello(ctx context.Context) packet.Hello {
	t := time.NewTimer(roleWithin)
	defer t.Stop()
	select {
	case <-c.sourceKnown:
	case <-t.C:
	case <-ctx.Done():
	}
	role := packet.RoleJoin
	if c.watcher.Load() {
		role = packet.RoleWatch
	}
	return packet.Hello{
		Protocol: packet.Protocol, Room: c.cfg.Room, Name: c.cfg.Name, Role: role, Codecs: withoutRaw(c.cfg.Transform, codec.Names()), Demand: true,
		Token: c.cfg.Token, Agent: c.cfg.Agent,
	}
}

// welcomed takes a welcome.
func (c *Call) welcomed(w packet.Welcome) {
	c.uplink.connected(w.Limits)
	c.begin()
	c.tellName(w)
	c.downlink.setRoster(w.Members, w.More)
	c.lookForPeer(w.Members)
	c.mu.Lock()
	paused := c.paused
	c.mu.Unlock()
	if paused {
		c.tellPause(true)
	}
	c.demandChanged.Notify()
	c.reveal()
}

// tellName notes our name in the room if it is not the one that was asked for.
func (c *Call) tellName(w packet.Welcome) {
	name, asked := packet.CleanName(w.Name), packet.CleanName(c.cfg.Name)
	if name == c.toldName || name == asked && c.toldName == "" {
		return
	}
	c.toldName = name
	text := "you are " + name + " here"
	if strings.HasPrefix(name, asked+"-") {
		text += ": the name " + asked + " is taken"
	}
	c.noted(Note{Kind: NoteInfo, Text: text})
}

// lookForPeer notes that the only sender to be shown is not there, which an empty stream would not tell.
func (c *Call) lookForPeer(members []packet.Member) {
	called := func(m packet.Member) bool { return packet.CleanName(m.Name) == c.cfg.Peer }
	if c.cfg.Peer == "" || slices.ContainsFunc(members, called) {
		return
	}
	var names []string
	for _, m := range members {
		names = append(names, packet.CleanName(m.Name))
	}
	hint := "nobody else is there"
	if len(names) > 0 {
		hint = "there are: " + strings.Join(names, ", ")
	}
	c.noted(Note{Kind: NoteInfo, Text: packet.CleanName(c.cfg.Peer) + " is not in the room: waiting", Hint: hint})
}

// disconnected notes that the connection has ended: nobody looks at us now.
func (c *Call) disconnected() { c.uplink.setDemand(packet.Ask{}) }

// handlePacket takes a packet of the server, in the connection's reader.
func (c *Call) handlePacket(p *packet.Buffer) error {
	switch p.Type() {
	case packet.ImageFrame, packet.VideoFrame:
		c.downlink.picture(p)
	case packet.Demand:
		return handle(p, c.uplink.setDemand)
	case packet.KeyRequest:
		c.uplink.requestKey()
	case packet.ClientJoin:
		return handle(p, c.downlink.onJoin)
	case packet.ClientLeave:
		return handle(p, c.downlink.leave)
	case packet.StreamStart, packet.StreamStop:
		c.downlink.setPaused(p.Client(), p.Type() == packet.StreamStop)
	case packet.TextMessage:
		return handle(p, func(t packet.Text) {
			c.out.Note(Note{Kind: NoteChat, From: c.downlink.member(p.Client()), Text: packet.CleanText(t.Text)})
		})
	case packet.ErrorMessage:
		c.onError(p.Payload())
	}
	return nil // other types belong to later versions
}

// handle parses a JSON body and passes it to f; a malformed one ends the connection.
func handle[T any](p *packet.Buffer, f func(T)) error {
	body, err := packet.Unmarshal[T](p)
	if err != nil {
		return packet.Violation("%s: %v", p.Type(), err)
	}
	f(body)
	return nil
}

// onError takes an ERROR_MESSAGE, by which the server reports a problem with what we sent.
func (c *Call) onError(payload []byte) {
	e, err := packet.ParseError(payload)
	if err != nil {
		return
	}
	if e.Code == packet.CodeFragment {
		c.uplink.onSlowDrop(time.Now())
	}
	c.noted(Note{Kind: NoteServer, Text: packet.CleanText(e.Message), Hint: fault.CloseRemedy(e.Code)})
}
