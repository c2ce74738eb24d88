package ui

import (
	"time"

	"acip/frame"
)

// Event is something that happened, for Model.Update.
type Event interface{ event() }

// Resized gives the screen another size in cells.
type Resized struct{ Cols, Rows int }

// Joined says that a member came, or that something about one changed. Self is oneself.
type Joined struct {
	ID           uint32
	Name         string
	Watch        bool // sends no picture
	Paused       bool
	Self         bool
	WasHere      bool // before we came: no note
	Reconnecting bool
}

// Gone says that a member left. One that was lost, and did not leave, keeps its tile for a while.
type Gone struct {
	ID     uint32
	Reason string
	Lost   bool
	Quiet  bool // not worth a word: the server ends, or the list of members is new
}

// Picture is the newest picture of a peer; the model keeps it and reads it until the next one.
type Picture struct {
	ID    uint32
	Frame *frame.Frame
}

// Self is one's own newest picture, not mirrored, kept like Picture's.
type Self struct{ Frame *frame.Frame }

// ChatLine is a line of chat from the member ID.
type ChatLine struct {
	ID   uint32
	From string
	Text string
	Own  bool
}

// Notice is something to read once.
type Notice struct {
	Text, Hint string
	Serious    bool
	Topic      string // a newer one on the same topic takes its place
}

// Camera says what is wrong with one's own source; without text, nothing is.
type Camera struct{ Text, Hint string }

// LinkState is the state of the connection.
type LinkState uint8

// The states of a link.
const (
	Connecting LinkState = iota
	Up
	Lost
	Local   // there is no server
	Preview // not joined yet: a key joins
)

// Link is the state of the connection, and of the server and room at its end.
type Link struct {
	State   LinkState
	Address string
	Room    string
	Retry   time.Time
	Reason  string
	Full    bool // there is no place at the server or in the room
	// Join is the command that others join with, or empty.
	Join string
}

// Status reports the call's figures over the last second.
type Status struct {
	FPSIn, FPSOut    float64
	KbitDown, KbitUp float64
	RTT, Age         time.Duration
	Drops            uint64
	Codec            string
	Source           string // name of one's own source
	Sending          frame.Size
	Limited          string
	Paused           bool // one's own picture
	NoSource         bool // there is nothing to send
}

// Backdrop is the terminal's own background, if known. The colours outside of pictures are chosen to match.
type Backdrop struct {
	R, G, B uint8
	Known   bool
}

// Plain says whether to keep to ASCII, for terminals that show nothing else or show it too wide.
type Plain struct{ On bool }

// Recording says whether the screen is being recorded.
type Recording struct{ On bool }

// KeyCode names a key that is not a character.
type KeyCode uint8

// The keys that have names.
const (
	Rune KeyCode = iota // a character, in Key.Rune
	Enter
	Tab
	BackTab
	Backspace
	Escape
	ArrowUp
	ArrowDown
	PageUp
	PageDown
	Pasted // in Key.Text
	Other  // a key without a meaning here
)

// Key is one press, or a piece of pasted text.
type Key struct {
	Code KeyCode
	Rune rune
	Ctrl bool
	Alt  bool
	Text string
}

func (Resized) event()   {}
func (Joined) event()    {}
func (Gone) event()      {}
func (Picture) event()   {}
func (Self) event()      {}
func (ChatLine) event()  {}
func (Notice) event()    {}
func (Camera) event()    {}
func (Link) event()      {}
func (Status) event()    {}
func (Recording) event() {}
func (Plain) event()     {}
func (Backdrop) event()  {}
func (Key) event()       {}

// ActionKind says what the owner of a model has to do.
type ActionKind uint8

// What keys lead to, beyond the screen itself.
const (
	Leave ActionKind = iota
	Pause            // On says whether one's own picture is to stop
	Say              // Text goes to the room
	NextColors
	NextGlyphs
	Snapshot
	Record  // start or stop
	Suspend // as Ctrl-Z
	Join    // after a preview
)

// Action is a request to the owner of a model.
type Action struct {
	Kind ActionKind
	On   bool
	Text string
}
