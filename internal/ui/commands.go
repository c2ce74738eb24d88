package ui

import (
	"fmt"
	"strings"
)

// command is one row of the table of what can be typed where there is no screen.
type command struct {
	name, args, text string
	do               func(l *Lines, arg string) ([]Action, []string)
}

// commands is the table; rows without a text are other names of the one above and not in the help.
func commands() []command {
	return []command{
		{"help", "", "list the commands", (*Lines).help},
		{"?", "", "", (*Lines).help},
		{"quit", "", "leave the call", func(*Lines, string) ([]Action, []string) { return []Action{{Kind: Leave}}, nil }},
		{"q", "", "", func(*Lines, string) ([]Action, []string) { return []Action{{Kind: Leave}}, nil }},
		{"pause", "", "pause your picture, or send it again", (*Lines).pause},
		{"people", "", "list who is here", (*Lines).people},
		{"stats", "", "show the statistics of the call", (*Lines).stats},
		{"hide", "NAME", "no picture, messages or notices of NAME", func(l *Lines, arg string) ([]Action, []string) { return nil, l.hush(arg, hidden, true) }},
		{"show", "NAME", "undo /hide", func(l *Lines, arg string) ([]Action, []string) { return nil, l.hush(arg, hidden, false) }},
		{"mute", "NAME", "no messages of NAME", func(l *Lines, arg string) ([]Action, []string) { return nil, l.hush(arg, muted, true) }},
		{"unmute", "NAME", "undo /mute", func(l *Lines, arg string) ([]Action, []string) { return nil, l.hush(arg, muted, false) }},
		{"say", "TEXT", "send TEXT, also where it begins with a slash", (*Lines).say},
	}
}

// Typed takes a line that a person typed: what to do, and what to answer. Without a screen "?" and "q" alone are the
// keys that they are on one.
func (l *Lines) Typed(text string) ([]Action, []string) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, nil
	case text == "?" || text == "q":
		text = "/" + text
	case !strings.HasPrefix(text, "/"):
		return l.say(text)
	}
	name, arg, _ := strings.Cut(text[1:], " ")
	name = strings.ToLower(name)
	for _, c := range commands() {
		if c.name == name {
			return c.do(l, strings.TrimSpace(arg))
		}
	}
	return nil, notices(fmt.Sprintf("there is no command %s; /help lists them, /say %s sends it", quoted("/"+clean(name, 32)), clean(text, 32)))
}

// say sends a line, if there is a room to send it to.
func (l *Lines) say(text string) ([]Action, []string) {
	text = clean(text, maxSaid)
	switch {
	case l.link.State == Local:
		return nil, notices("not sent: the mirror has no room; /help lists the commands")
	case l.link.State != Up:
		return nil, notices("not sent: there is no connection")
	case text == "":
		return nil, notices("/say needs a text")
	}
	return []Action{{Kind: Say, Text: text}}, l.said(ChatLine{Text: text, Own: true})
}

func (l *Lines) help(string) ([]Action, []string) {
	var out []string
	for _, c := range commands() {
		if c.text != "" {
			out = append(out, fmt.Sprintf("%-12s  %s", strings.TrimSpace("/"+c.name+" "+c.args), c.text))
		}
	}
	for i := range out {
		out[i] = "* " + out[i] // not by notices: spaces line the rows up
	}
	return nil, append(out, notices("anything else is sent to the room")...)
}

func (l *Lines) pause(string) ([]Action, []string) {
	if l.status.NoSource {
		return nil, notices("you are not sending a picture")
	}
	l.status.Paused = !l.status.Paused
	text := "your picture is sent again"
	if l.status.Paused {
		text = "your picture is paused"
	}
	return []Action{{Kind: Pause, On: l.status.Paused}}, notices(text)
}

func (l *Lines) people(string) ([]Action, []string) {
	var out []string
	for _, m := range l.sorted() {
		line := quoted(m.name)
		if state := stateOf(l.hushes.of(m.id, m.name), m.watch, m.paused, "muted"); state != "" {
			line += ", " + state
		}
		out = append(out, notices(line)...)
	}
	if l.self != "" {
		out = append(out, notices(quoted(l.self)+", you")...)
	}
	if len(out) == 0 {
		return nil, notices("nobody is here")
	}
	return nil, out
}

func (l *Lines) stats(string) ([]Action, []string) {
	s := l.status
	text := fmt.Sprintf("sending %.0f pictures a second, %s kbit/s up, %s kbit/s down", s.FPSOut, kbit(s.KbitUp), kbit(s.KbitDown))
	if s.RTT > 0 {
		text += ", round trip " + short(s.RTT)
	}
	return nil, notices(text)
}

// hush turns something off of a member, or on again, and says so.
func (l *Lines) hush(arg string, what hush, off bool) []string {
	if arg == "" && what == muted {
		return notices("there is no sound to mute; /mute NAME turns off the messages of NAME")
	}
	m, trouble := l.find(arg)
	if m == nil {
		if name := strings.Trim(clean(arg, 64), `"`); !off && l.hushes.names[name] != 0 { // hidden, and not here
			m = &lineMember{name: name}
		} else {
			return notices(trouble)
		}
	}
	have := l.hushes.of(m.id, m.name)
	next := have &^ what
	if off {
		next = have | what
	}
	if !l.hushes.set(m.id, m.name, next) {
		return notices("too many people are hidden already")
	}
	did := map[hush][2]string{hidden: {"is shown again", "is hidden: /show brings them back"}, muted: {"is heard again", "is muted: /unmute undoes it"}}
	text := did[what][0]
	if off {
		text = did[what][1]
	}
	return notices(quoted(m.name) + " " + text)
}
