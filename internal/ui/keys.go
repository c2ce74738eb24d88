package ui

import "time"

// binding is one row of the table that both drives the keys and is the help.
type binding struct {
	label string // as help shows it
	text  string
	match func(Key) bool
	do    func(*Model, Key, time.Time) []Action
}

func onRune(r rune) func(Key) bool {
	return func(k Key) bool { return k.Code == Rune && k.Rune == r && !k.Ctrl && !k.Alt }
}

func onCtrl(r rune) func(Key) bool {
	return func(k Key) bool { return k.Code == Rune && k.Rune == r && k.Ctrl }
}

func onCode(c KeyCode) func(Key) bool { return func(k Key) bool { return k.Code == c } }

func onDigit(k Key) bool {
	return k.Code == Rune && k.Rune >= '1' && k.Rune <= '9' && !k.Ctrl && !k.Alt
}

func act(kind ActionKind) func(*Model, Key, time.Time) []Action {
	return func(*Model, Key, time.Time) []Action { return []Action{{Kind: kind}} }
}

func change(f func(*Model)) func(*Model, Key, time.Time) []Action {
	return func(m *Model, _ Key, _ time.Time) []Action {
		f(m)
		m.dirty = true
		return nil
	}
}

// bindings is the table of keys; rows without a label are not in the help.
func bindings() []binding {
	return []binding{
		{"q", "leave", onRune('q'), act(Leave)},
		{"space", "pause my picture", onRune(' '), (*Model).togglePause},
		{"f", "mirror my picture", onRune('f'), (*Model).toggleMirror},
		{"l", "layout", onRune('l'), (*Model).nextLayout},
		{"1-9", "choose a speaker", onDigit, (*Model).pinDigit},
		{"tab", "next speaker", onCode(Tab), (*Model).pinNext},
		{"c", "colours", onRune('c'), act(NextColors)},
		{"g", "glyphs, graphics", onRune('g'), act(NextGlyphs)},
		{"i", "numbers", onRune('i'), change(func(m *Model) { m.numbers = !m.numbers })},
		{"n", "names", onRune('n'), change(func(m *Model) { m.names = !m.names })},
		{"t", "text chat", onRune('t'), change((*Model).openChat)},
		{"s", "snapshot", onRune('s'), act(Snapshot)},
		{"r", "record", onRune('r'), act(Record)},
		{"?", "help", onRune('?'), change(func(m *Model) { m.help = !m.help })},
		{"", "", onCtrl('c'), act(Leave)},
		{"", "", onCtrl('z'), act(Suspend)},
		{"", "", onCtrl('l'), change(func(*Model) {})},
		{"", "", onCode(Enter), (*Model).enter},
		{"", "", onCode(BackTab), (*Model).pinPrevious},
		{"", "", onCode(Escape), change(func(m *Model) { m.help = false })},
	}
}

// key finds what a key does: the chat line takes all but the signals while it
// is open.
func (m *Model) key(k Key, now time.Time) []Action {
	if m.chat.open && !onCtrl('c')(k) && !onCtrl('z')(k) {
		return m.chatKey(k)
	}
	for _, b := range m.bindings {
		if b.match(k) {
			return b.do(m, k, now)
		}
	}
	return nil
}

func (m *Model) togglePause(_ Key, now time.Time) []Action {
	if m.status.NoSource {
		m.tell(now, note{text: "there is no picture of mine to pause", life: noteLife})
		return nil
	}
	m.status.Paused = !m.status.Paused
	m.dirty = true
	return []Action{{Kind: Pause, On: m.status.Paused}}
}

// enter joins after a preview.
func (m *Model) enter(Key, time.Time) []Action {
	if m.link.State != Preview {
		return nil
	}
	return []Action{{Kind: Join}}
}

func (m *Model) toggleMirror(_ Key, now time.Time) []Action {
	m.mirror = !m.mirror
	m.dirty = true
	text := "my picture as others see it"
	if m.mirror {
		text = "my picture as in a mirror"
	}
	m.tell(now, note{text: text, topic: "mirror", life: noteLife})
	return nil
}

func (m *Model) nextLayout(_ Key, now time.Time) []Action {
	m.layout = (m.layout + 1) % layouts
	m.dirty = true
	m.tell(now, note{text: "layout: " + m.layout.String(), topic: "layout", life: noteLife})
	return nil
}

func (m *Model) pinDigit(k Key, now time.Time) []Action {
	m.pin(int(k.Rune-'1'), now)
	return nil
}

func (m *Model) pinNext(Key, time.Time) []Action     { return m.pinStep(1) }
func (m *Model) pinPrevious(Key, time.Time) []Action { return m.pinStep(-1) }
