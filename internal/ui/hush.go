package ui

import (
	"strings"
	"unicode"
)

// hush is what one viewer does not want of a member.
type hush uint8

// What can be turned off of a member. Hidden ones are muted too.
const (
	hidden hush = 1 << iota // no picture, no messages, no notices
	muted                   // no messages
)

// maxHushed bounds the members that are remembered; more than a person hides by hand.
const maxHushed = 1000

// hushes remembers for the whole call whom the viewer has hidden or muted. A member that comes back under the same name,
// or that resumes its session under another one, stays hidden.
type hushes struct {
	names map[string]hush
	ids   map[uint32]string // under which name a member was hidden
}

func newHushes() hushes { return hushes{names: map[string]hush{}, ids: map[uint32]string{}} }

// of is what is turned off of a member.
func (h *hushes) of(id uint32, name string) hush { return h.names[h.ids[id]] | h.names[name] }

// meet takes in that the member with this id has this name now.
func (h *hushes) meet(id uint32, name string) {
	if state := h.of(id, name); state != 0 {
		h.set(id, name, state)
	}
}

// set remembers what is turned off of a member, 0 for nothing. It reports false where too many are remembered already.
func (h *hushes) set(id uint32, name string, state hush) bool {
	if state == 0 {
		delete(h.names, h.ids[id])
		delete(h.names, name)
		delete(h.ids, id)
		return true
	}
	if len(h.names) >= maxHushed || len(h.ids) >= 4*maxHushed {
		return false
	}
	h.names[name] = state
	if id != 0 {
		h.ids[id] = name
	}
	return true
}

// reconnected forgets ids: after a restart the server gives the same ones to others. Names stay.
func (h *hushes) reconnected() { clear(h.ids) }

// quoted is a name inside a sentence: in quotation marks unless it is a single plain word, so that no name can be read
// as a notice or as somebody's message.
func quoted(name string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || strings.ContainsRune("-_.", r)
	}
	if name != "" && !strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, "'") + `"`
}

// named is up to three names for a sentence, and how many more there are.
func named(names []string) string {
	const most = 3
	list := make([]string, 0, most)
	for _, n := range names[:min(len(names), most)] {
		list = append(list, quoted(n))
	}
	switch more := len(names) - most; {
	case more == 1:
		return strings.Join(list, ", ") + " and 1 other"
	case more > 1:
		return strings.Join(list, ", ") + " and " + plural(more, "other")
	case len(list) < 2:
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
