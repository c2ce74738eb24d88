package call

import (
	"context"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/media"
)

// Output is where a call goes: a screen, a stream of pictures, or nowhere.
//
// The call starts Run in a goroutine of its own and waits for it. All other methods tell the output what happened; they
// come from several goroutines, also before Run has begun and after it has ended, and must return quickly: they keep the
// newest and wake Run. Frames are lent for the call only.
type Output interface {
	// Run shows the call until ctx ends or the person leaves; both are nil. An error ends the call with it.
	Run(ctx context.Context, c Controls) error
	// Peer says that a member came, or that something about one changed. Peers keep their ID as long as they live; one that
	// comes back with another ID but the same name takes its old tile.
	Peer(p Peer)
	// Gone says that a member left, and why.
	Gone(id uint32, why Departure)
	// Picture gets a newly decoded picture of a peer. f.Time is its capture time on this machine's clock; f.Seq is the
	// sender's number. Each picture ends in exactly one of Controls.Drawn and Controls.Dropped.
	Picture(id uint32, f *frame.Frame)
	// Self is one's own picture as it was captured, not mirrored.
	Self(f *frame.Frame)
	// Note is something for a person to read once.
	Note(n Note)
	// Status comes a few times a second.
	Status(s Status)
	// Link says how the connection stands.
	Link(l Link)
}

// Controls is what an output can ask of its call. All methods return at once and may be called from any goroutine.
type Controls interface {
	// Want is the whole wish, replacing the last: the size in pixels that each peer's picture can be drawn at. Peers that
	// are not listed are not sent. self is the size for one's own picture; zero when it is not shown.
	Want(self frame.Size, streams []Want)
	// Drawn says that a picture has been written out: on a terminal, the write has returned.
	Drawn(id uint32, picture media.Stamp)
	// Dropped counts a picture that was not drawn, with one of the reasons below.
	Dropped(id uint32, reason account.Reason)
	// Pause stops one's own picture and closes the camera, or starts it again.
	Pause(paused bool)
	// Say sends a line of chat to the room.
	Say(text string)
	// Enter joins, where the call waits for that.
	Enter()
	// Leave ends the call as q does.
	Leave()
}

// Want is the size and rate at which a peer's picture can be drawn. A zero size is the sender's own; a zero FPS, the
// call's.
type Want struct {
	ID   uint32
	Size frame.Size
	FPS  int
}

// Peer is another member of the room, or oneself (Self).
type Peer struct {
	ID     uint32
	Name   string // cleaned: safe for a screen
	Watch  bool   // sends nothing
	Paused bool
	Self   bool
}

// NoteKind says what a Note is about.
type NoteKind uint8

// What notes are about.
const (
	NoteInfo   NoteKind = iota // what the call did by itself, such as stepping down
	NoteChat                   // a line of chat; Note.From is who said it
	NoteCamera                 // something is wrong with the source; Text is the sentence, Hint the remedy, empty Text: it is back
	NoteServer                 // the server says so
)

// Note is a line for a person, safe for a screen.
type Note struct {
	Kind NoteKind
	From Peer
	Text string
	Hint string
}

// LinkState is how the connection to the server stands.
type LinkState uint8

// The states of a link.
const (
	LinkConnecting LinkState = iota
	LinkUp
	LinkLost    // Link.Retry says when the next attempt is made
	LinkNone    // there is no server: mirror
	LinkPreview // Controls.Enter joins
)

// String is the state in one word.
func (s LinkState) String() string {
	return [...]string{"connecting", "connected", "reconnecting", "local", "preview"}[min(int(s), 4)]
}

// Link is the connection as a person would want to know it.
type Link struct {
	State   LinkState
	Address string    // of the server, as joined
	Room    string    //
	Self    Peer      // who we are there; ID 0 before the first welcome
	Retry   time.Time // LinkLost, LinkConnecting: the next attempt; zero for the first
	Reason  string    // LinkLost, LinkConnecting: why there is no connection
	Full    bool      // there is no place at the server or in the room; it is tried until there is one
}

// Status is the numbers of a call over the last second.
type Status struct {
	FPSIn, FPSOut    float64 // pictures a second drawn of all peers, sent
	KbitDown, KbitUp float64
	RTT              time.Duration // 0: not known yet
	Age              time.Duration // of the newest pictures when they were drawn, the greatest over the peers in view; 0: none is
	Drops            uint64        // pictures missed since the start: not those that nobody asked for
	Peers            int
	Codec            string     // of one's own pictures, empty when nothing is sent
	Sending          frame.Size // of one's own pictures
	SendFPS          int        // rate aimed at
	Limited          string     // why less is sent than asked for, empty when it is not
	Source           string     // name of the source, empty while it is closed
	Viewer           bool       // there is no source, and will be none
	Paused           bool       // one's own picture is paused
	Unwatched        bool       // nobody looks at one's own picture
}

// StampOf returns what identifies a picture for Controls.Drawn.
func StampOf(f *frame.Frame) media.Stamp { return media.Stamp{Time: f.Time, Seq: f.Seq} }
