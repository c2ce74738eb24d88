package ui

import (
	"fmt"
	"slices"
	"strings"
)

// Lines tells a call as lines of plain text, for screen readers and logs, and takes what is typed: commands, and text
// for the room.
//
// A notice begins with "* ", a line of one's own with "> ", somebody else's message with a name and a colon. Names that
// are more than one plain word stand in quotation marks, so that none of these can be faked by a name.
type Lines struct {
	members map[uint32]*lineMember
	hushes  hushes
	self    string
	link    Link
	linked  bool
	camera  Camera
	greeted bool
	status  Status
}

// lineMember is what was last told about a member.
type lineMember struct {
	id            uint32
	name          string
	watch, paused bool
}

// NewLines returns the teller of a call that begins.
func NewLines() *Lines {
	return &Lines{members: map[uint32]*lineMember{}, hushes: newHushes()}
}

// Lines is what there is to say about an event; often nothing.
func (l *Lines) Lines(e Event) []string {
	switch e := e.(type) {
	case Joined:
		return l.joined(e)
	case Gone:
		return l.gone(e)
	case ChatLine:
		return l.said(e)
	case Notice:
		return notices(e.Text, e.Hint)
	case Camera:
		return l.cameraState(e)
	case Link:
		return l.linkState(e)
	case Status:
		l.status = e
	}
	return nil
}

// notices are sentences as notices, without the empty ones.
func notices(list ...string) (out []string) {
	for _, s := range list {
		if s = clean(s, 300); s != "" {
			out = append(out, "* "+s)
		}
	}
	return out
}

func (l *Lines) said(e ChatLine) []string {
	from, text := clean(e.From, 32), clean(e.Text, maxSaid)
	switch {
	case text == "":
		return nil
	case e.Own:
		return []string{"> " + text}
	case l.hushes.of(e.ID, from) != 0:
		return nil
	}
	return []string{quoted(from) + ": " + text}
}

func (l *Lines) joined(e Joined) []string {
	name := clean(e.Name, 32)
	if e.Self {
		l.self = name
		return nil
	}
	l.hushes.meet(e.ID, name)
	was, now := l.members[e.ID], &lineMember{e.ID, name, e.Watch, e.Paused}
	l.members[e.ID] = now
	switch {
	case l.hushes.of(e.ID, name)&hidden != 0:
	case was == nil && e.Watch:
		return notices(quoted(name) + " joined, watching")
	case was == nil:
		return notices(quoted(name) + " joined")
	case was.name != name:
		return notices(quoted(was.name) + " is now " + quoted(name))
	case !was.paused && e.Paused:
		return notices(quoted(name) + " paused")
	case was.paused && !e.Paused:
		return notices(quoted(name) + " resumed")
	}
	return nil
}

func (l *Lines) gone(e Gone) []string {
	m := l.members[e.ID]
	delete(l.members, e.ID)
	switch {
	case m == nil, e.Quiet, l.hushes.of(m.id, m.name)&hidden != 0:
		return nil
	case e.Lost:
		return notices(quoted(m.name) + " lost the connection")
	}
	return notices(quoted(m.name) + " left")
}

func (l *Lines) cameraState(e Camera) []string {
	had := l.camera.Text != ""
	if e == l.camera {
		return nil
	}
	l.camera = e
	if e.Text == "" && had {
		return notices("the camera is back")
	}
	return notices(e.Text, e.Hint)
}

func (l *Lines) linkState(e Link) []string {
	if l.linked && e.State == l.link.State && e.Full == l.link.Full {
		return nil
	}
	was := l.link.State
	l.link, l.linked = e, true
	switch {
	case e.Full:
		return notices("full, waiting for a place: " + e.Reason)
	case e.State == Connecting && was == Connecting && e.Reason != "":
		return notices("no connection yet: "+e.Reason, "trying again")
	case e.State == Connecting:
		return notices("connecting to " + e.Address)
	case e.State == Lost:
		return notices("connection lost: "+e.Reason, "trying again")
	case e.State == Up:
		return l.up(e, was)
	}
	return nil
}

func (l *Lines) up(e Link, was LinkState) []string {
	if l.greeted {
		if was == Lost {
			l.hushes.reconnected()
		}
		return notices(fmt.Sprintf("connected again to %s, room %s", e.Address, e.Room))
	}
	l.greeted = true
	out := notices(fmt.Sprintf("connected to %s, room %s", e.Address, e.Room))
	if len(l.members) == 0 && e.Join != "" {
		out = append(out, notices("others join with: "+e.Join)...)
	}
	return append(out, notices("type a line to send it to the room; /help lists the commands, /quit leaves")...)
}

// find is the member that a person means by a name: its own, else the only one that begins so, in whatever case. The
// error is a sentence.
func (l *Lines) find(word string) (*lineMember, string) {
	word = strings.Trim(clean(word, 64), `"`)
	var found []*lineMember
	for _, m := range l.sorted() {
		if strings.ReplaceAll(m.name, `"`, "'") == word || m.name == word {
			return m, ""
		}
		if strings.HasPrefix(strings.ToLower(m.name), strings.ToLower(word)) {
			found = append(found, m)
		}
	}
	switch {
	case word == "":
		return nil, "name somebody: /people lists who is here"
	case len(found) == 1:
		return found[0], ""
	case len(found) > 1:
		return nil, fmt.Sprintf("%s could be %s", quoted(word), named(namesOf(found)))
	}
	return nil, fmt.Sprintf("nobody here is called %s; /people lists who is here", quoted(word))
}

// sorted are the members in the order of their ids.
func (l *Lines) sorted() []*lineMember {
	var all []*lineMember
	for _, m := range l.members {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *lineMember) int { return int(int64(a.id) - int64(b.id)) })
	return all
}

func namesOf(list []*lineMember) (names []string) {
	for _, m := range list {
		names = append(names, m.name)
	}
	return names
}
