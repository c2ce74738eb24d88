package ui

import "time"

// place is where a key means something.
type place uint8

// The places, in which help lists a key.
const (
	inCall place = 1 << iota
	inMirror
	inPreview
	everywhere = inCall | inMirror | inPreview
)

// binding is one row of the table that both drives the keys and is the help.
type binding struct {
	label string // as help shows it
	text  string
	where place
	match func(Key) bool
	do    func(*Model, Key, time.Time) []Action
}

// place is where the person is.
func (m *Model) place() place {
	switch m.link.State {
	case Local:
		return inMirror
	case Preview:
		return inPreview
	}
	return inCall
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
		{"q", "leave", everywhere, onRune('q'), act(Leave)},
		{"enter", "join the call", inPreview, onCode(Enter), (*Model).enter},
		{"space", "pause my picture", everywhere, onRune(' '), (*Model).togglePause},
		{"f", "mirror my picture", everywhere, onRune('f'), (*Model).toggleMirror},
		{"v", "show or hide myself", inCall, onRune('v'), (*Model).toggleSelf},
		{"l", "change the layout", inCall, onRune('l'), (*Model).nextLayout},
		{"1-9", "choose a speaker", inCall, onDigit, (*Model).pinDigit},
		{"tab", "next speaker", inCall, onCode(Tab), (*Model).pinNext},
		{"h", "hide or mute people", inCall, onRune('h'), (*Model).choosePeople},
		{"t", "chat", inCall, onRune('t'), change((*Model).openChat)},
		{"c", "colours", everywhere, onRune('c'), act(NextColors)},
		{"g", "glyphs, graphics", everywhere, onRune('g'), act(NextGlyphs)},
		{"i", "statistics", everywhere, onRune('i'), change(func(m *Model) { m.numbers = !m.numbers })},
		{"n", "names", inCall, onRune('n'), change(func(m *Model) { m.names = !m.names })},
		{"s", "save a snapshot", everywhere, onRune('s'), act(Snapshot)},
		{"r", "record", everywhere, onRune('r'), act(Record)},
		{"?", "help", everywhere, onRune('?'), change(func(m *Model) { m.help = !m.help })},
		{"", "", everywhere, onCtrl('c'), act(Leave)},
		{"", "", everywhere, onCtrl('z'), act(Suspend)},
		{"", "", everywhere, onCtrl('l'), change(func(*Model) {})},
		{"", "", inCall, onCode(BackTab), (*Model).pinPrevious},
		{"", "", everywhere, onCode(Escape), change(func(m *Model) { m.help = false })},
	}
}

// key finds what a key does: the chat line and the list of people take theirs while they are open.
func (m *Model) key(k Key, now time.Time) []Action {
	signal := onCtrl('c')(k) || onCtrl('z')(k)
	switch {
	case signal:
	case m.chat.open:
		return m.chatKey(k, now)
	case m.people.open && m.peopleKey(k, now):
		return nil
	}
	for _, b := range m.bindings {
		if b.where&m.place() != 0 && b.match(k) {
			return b.do(m, k, now)
		}
	}
	return nil
}

// noPicture says that there is nothing of one's own to show; it reports whether that is so.
func (m *Model) noPicture(now time.Time) bool {
	if m.status.NoSource || m.opts.NoSelf {
		m.tell(now, note{text: "you are not sending a picture", topic: "own picture", life: noteLife})
		return true
	}
	return false
}

func (m *Model) togglePause(_ Key, now time.Time) []Action {
	if m.noPicture(now) {
		return nil
	}
	m.status.Paused = !m.status.Paused
	m.dirty = true
	return []Action{{Kind: Pause, On: m.status.Paused}}
}

// enter joins after a preview.
func (m *Model) enter(Key, time.Time) []Action { return []Action{{Kind: Join}} }

func (m *Model) toggleMirror(_ Key, now time.Time) []Action {
	m.togglePicture(now, &m.mirror, "mirror", "you see yourself as in a mirror", "you see yourself as others see you")
	return nil
}

func (m *Model) toggleSelf(_ Key, now time.Time) []Action {
	m.togglePicture(now, &m.selfView, "self", "your own picture is shown", "your own picture is not shown here; others still see it")
	return nil
}

// togglePicture changes how one's own picture is shown, if there is one, and says what it is now.
func (m *Model) togglePicture(now time.Time, setting *bool, topic, on, off string) {
	if m.noPicture(now) {
		return
	}
	*setting = !*setting
	m.dirty = true
	text := off
	if *setting {
		text = on
	}
	m.tell(now, note{text: text, topic: topic, life: noteLife})
}

func (m *Model) choosePeople(_ Key, now time.Time) []Action {
	m.openPeople(now)
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
