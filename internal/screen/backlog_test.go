package screen

import (
	"fmt"
	"maps"
	"testing"

	"acip/internal/call"
	"acip/internal/ui"

	"pgregory.net/rapid"
)

// roster plays events to their end and says who is there.
func roster(list []ui.Event, here map[uint32]string) map[uint32]string {
	here = maps.Clone(here)
	for _, e := range list {
		switch e := e.(type) {
		case ui.Joined:
			here[e.ID] = e.Name
		case ui.Gone:
			delete(here, e.ID)
		}
	}
	return here
}

// TestCompactComesToTheSame: whoever takes in what is left knows the same members as one who took in everything.
func TestCompactComesToTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		here, known := map[uint32]string{}, map[uint32]bool{}
		for _, id := range rapid.SliceOfDistinct(rapid.Uint32Range(1, 9), rapid.ID[uint32]).Draw(rt, "known") {
			here[id], known[id] = "old", true
		}
		var list []ui.Event
		for i := range rapid.IntRange(0, 60).Draw(rt, "events") {
			id := rapid.Uint32Range(1, 9).Draw(rt, "id")
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				list = append(list, ui.Gone{ID: id})
			case 1:
				list = append(list, ui.Status{Drops: uint64(i)})
			case 2:
				list = append(list, ui.ChatLine{Text: fmt.Sprint(i)})
			default:
				list = append(list, ui.Joined{ID: id, Name: fmt.Sprint(i)})
			}
		}
		kept := compact(list, known)
		if want, got := roster(list, here), roster(kept, here); !maps.Equal(got, want) {
			rt.Fatalf("%v becomes %v: %v, want %v", list, kept, got, want)
		}
		if again := compact(kept, known); len(again) != len(kept) {
			rt.Fatalf("%d events become %d by doing it again", len(kept), len(again))
		}
	})
}

// TestFloodsAreBounded: a screen that takes nothing keeps a bounded number of events, whatever it is told.
func TestFloodsAreBounded(t *testing.T) {
	f := newInbox()
	for i := range 10 * maxEvents {
		id := uint32(i + 1)
		f.Peer(call.Peer{ID: id, Name: "x"})
		f.Note(call.Note{Kind: call.NoteChat, Text: "x"})
		f.Status(call.Status{})
		f.Gone(id, call.Departure{Reason: "bye"})
		if len(f.events) > maxEvents {
			t.Fatalf("%d events wait", len(f.events))
		}
	}
}
