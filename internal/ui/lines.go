package ui

import "fmt"

// Lines tells a call as lines of plain text, for screen readers and logs.
type Lines struct {
	names   map[uint32]string
	paused  map[uint32]bool
	link    LinkState
	linked  bool
	camera  Camera
	greeted bool
}

// NewLines returns the teller of a call that begins.
func NewLines() *Lines {
	return &Lines{names: map[uint32]string{}, paused: map[uint32]bool{}}
}

// Lines is what there is to say about an event; often nothing.
func (l *Lines) Lines(e Event) []string {
	switch e := e.(type) {
	case Joined:
		return l.joined(e)
	case Gone:
		return l.gone(e)
	case Said:
		if e.Own {
			return nil // it was typed a line above
		}
		return []string{clean(e.From, 32) + ": " + clean(e.Text, maxSaid)}
	case Told:
		return sentences(e.Text, e.Hint)
	case Camera:
		return l.cameraState(e)
	case Link:
		return l.linkState(e)
	}
	return nil
}

func sentences(list ...string) (out []string) {
	for _, s := range list {
		if s = clean(s, 300); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (l *Lines) joined(e Joined) []string {
	name := clean(e.Name, 32)
	if e.Self {
		return nil
	}
	was, known := l.names[e.ID]
	paused := l.paused[e.ID]
	l.names[e.ID], l.paused[e.ID] = name, e.Paused
	switch {
	case !known && e.Watch:
		return []string{name + " joined, watching"}
	case !known:
		return []string{name + " joined"}
	case was != name:
		return []string{was + " is now " + name}
	case paused != e.Paused && e.Paused:
		return []string{name + " paused"}
	case paused != e.Paused:
		return []string{name + " goes on"}
	}
	return nil
}

func (l *Lines) gone(e Gone) []string {
	name, known := l.names[e.ID]
	delete(l.names, e.ID)
	delete(l.paused, e.ID)
	switch {
	case !known:
		return nil
	case e.Lost:
		return []string{name + " lost the connection"}
	}
	return []string{name + " left"}
}

func (l *Lines) cameraState(e Camera) []string {
	had := l.camera.Text != ""
	if e == l.camera {
		return nil
	}
	l.camera = e
	if e.Text == "" && had {
		return []string{"the camera is back"}
	}
	return sentences(e.Text, e.Hint)
}

func (l *Lines) linkState(e Link) []string {
	if l.linked && e.State == l.link {
		return nil
	}
	l.link, l.linked = e.State, true
	switch e.State {
	case Connecting:
		return sentences("connecting to " + e.Address)
	case Lost:
		return sentences("connection lost: "+e.Reason, "trying again")
	case Up:
		return l.up(e)
	}
	return nil
}

func (l *Lines) up(e Link) []string {
	out := sentences(fmt.Sprintf("connected to %s, room %s", e.Address, e.Room))
	if l.greeted {
		return out
	}
	l.greeted = true
	if len(l.names) == 0 && e.Join != "" {
		out = append(out, sentences("others join with: "+e.Join)...)
	}
	return append(out, "a line that you type is said to the room; q leaves")
}
