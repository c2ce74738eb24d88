package screen

import (
	"slices"

	"acip/internal/ui"
)

// Bounds on the events that wait for a screen which takes none: its terminal is stuck, or the server floods.
const (
	maxEvents = 16384 // before old news goes: more than a room of 2,048 members makes at once
	keptTalk  = 200   // lines of chat and notes, as many as the chat shows
)

// compact leaves out what newer events make needless: of each member and of the state all but the newest, members that
// came and left unseen, and old talk. The rest has the same effect on the screen. known are the members that the screen
// knows.
func compact(list []ui.Event, known map[uint32]bool) []ui.Event {
	var kept []ui.Event // newest first
	members, states, talk := map[uint32]bool{}, map[any]bool{}, 0
	for _, e := range slices.Backward(list) {
		keep := false
		switch e := e.(type) {
		case ui.Joined:
			keep = !members[e.ID]
			members[e.ID] = true
		case ui.Gone:
			keep = !members[e.ID] && known[e.ID]
			members[e.ID] = true
		case ui.ChatLine, ui.Notice:
			talk++
			keep = talk <= keptTalk
		default:
			kind := stateOf(e)
			keep = !states[kind]
			states[kind] = true
		}
		if keep {
			kept = append(kept, e)
		}
	}
	slices.Reverse(kept)
	return kept
}

// stateOf tells the kinds of events of which only the newest counts apart.
func stateOf(e ui.Event) any {
	switch e.(type) {
	case ui.Status:
		return "status"
	case ui.Link:
		return "link"
	case ui.Camera:
		return "camera"
	case ui.Recording:
		return "recording"
	}
	return e // comparable, and of a kind that is rare
}
