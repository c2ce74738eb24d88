package call

import (
	"context"
	"slices"
	"strings"
	"time"

	"acip/codec"
	"acip/packet"
)

// roleWithin is how long a hello waits to learn whether there is a source.
const roleWithin = 2 * time.Second

// hello says who is joining. It waits a little for the source, so that one without a camera joins as a viewer.
func (c *Call) hello(ctx context.Context) packet.Hello {
	t := time.NewTimer(roleWithin)
	defer t.Stop()
	select {
	case <-c.opened:
	case <-t.C:
	case <-ctx.Done():
	}
	role := packet.RoleJoin
	if c.watcher.Load() {
		role = packet.RoleWatch
	}
	return packet.Hello{
		Protocol: packet.Protocol, Room: c.cfg.Room, Name: c.cfg.Name, Role: role, Codecs: codec.Names(), Demand: true,
		Token: c.cfg.Token, Agent: c.cfg.Agent,
	}
}

// entered takes a welcome.
func (c *Call) entered(w packet.Welcome) {
	if w.Limits.MaxFrameBytes > 0 {
		c.send.maxFrame.Store(int64(w.Limits.MaxFrameBytes))
	}
	c.begin()
	c.tellName(w)
	c.send.maxBytes.Store(int64(w.Limits.MaxBytes))
	c.recv.roster(w.Members, w.More)
	c.lookForPeer(w.Members)
	c.send.key.Store(true)
	c.mu.Lock()
	paused := c.paused
	c.mu.Unlock()
	if paused {
		c.tellPause(true)
	}
	c.wishAgain()
	c.reveal()
}

// tellName says under which name one is known, where that is not the one that was asked for.
func (c *Call) tellName(w packet.Welcome) {
	name, asked := packet.CleanName(w.Name), packet.CleanName(c.cfg.Name)
	if name == c.named || name == asked && c.named == "" {
		return
	}
	c.named = name
	text := "you are " + name + " here"
	if strings.HasPrefix(name, asked+"-") {
		text += ": the name " + asked + " is taken"
	}
	c.noted(Note{Kind: NoteInfo, Text: text})
}

// lookForPeer says so where the only one to be shown is not there: an empty stream would not tell.
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

// left is told that a connection is gone: nobody looks any more.
func (c *Call) left() { c.send.demand(packet.Ask{}) }

// handlePacket takes what the server sends, in the connection's reader.
func (c *Call) handlePacket(p *packet.Buffer) error {
	switch p.Type() {
	case packet.ImageFrame, packet.VideoFrame:
		c.recv.picture(p)
	case packet.Demand:
		return handle(p, c.send.demand)
	case packet.KeyRequest:
		c.send.wantKey()
	case packet.ClientJoin:
		return handle(p, c.recv.listed)
	case packet.ClientLeave:
		return handle(p, c.recv.leave)
	case packet.StreamStart, packet.StreamStop:
		c.recv.pause(p.Client(), p.Type() == packet.StreamStop)
	case packet.TextMessage:
		return handle(p, func(t packet.Text) {
			c.out.Note(Note{Kind: NoteChat, From: c.recv.who(p.Client()), Text: packet.CleanText(t.Text)})
		})
	case packet.ErrorMessage:
		c.trouble(p.Payload())
	}
	return nil // other types belong to later versions
}

// handle reads a JSON body and passes it on; a malformed one ends the connection.
func handle[T any](p *packet.Buffer, f func(T)) error {
	body, err := packet.Unmarshal[T](p)
	if err != nil {
		return packet.Violation("%s: %v", p.Type(), err)
	}
	f(body)
	return nil
}

// trouble is the server's word that something of ours did not work.
func (c *Call) trouble(payload []byte) {
	e, err := packet.ParseError(payload)
	if err != nil {
		return
	}
	if e.Code == packet.CodeFragment {
		c.send.trouble(time.Now())
	}
	c.noted(Note{Kind: NoteServer, Text: packet.CleanText(e.Message), Hint: e.Code.Info().Hint})
}
