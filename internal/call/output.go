package call

import (
	"context"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/media"
)

// Output shows a call: on a screen, as a stream of pictures, or not at all.
//
// The call runs Run in a goroutine of its own and waits for it. All other methods are events and frames. They are called
// from several goroutines, also before Run has begun and after it has ended, and must return quickly: they keep the newest
// and wake Run. Frames are lent for the duration of the method.
type Output interface {
	// Run shows the call until ctx ends or the person leaves, and returns nil for both. An error becomes that of the call.
	Run(ctx context.Context, c Controls) error
	// Peer says that a member came, or changed. A member keeps its ID until Gone; one that comes back under the same name
	// with another ID takes its old tile.
	Peer(p Peer)
	// Gone says that a member left, and why.
	Gone(id uint32, why Departure)
	// Picture gets a newly decoded picture of a peer. f.Time is its capture time on this machine's clock; f.Seq is the
	// sender's number. Each picture ends in exactly one of Controls.Drawn and Controls.Dropped.
	Picture(id uint32, f *frame.Frame)
	// Self gets one's own picture as it was captured, not mirrored.
	Self(f *frame.Frame)
	// Note gets something for a person to read once.
	Note(n Note)
	// Status gets the numbers of the call, a few times a second.
	Status(s Status)
	// Link says how the connection stands.
	Link(l Link)
}

// Controls is how an output controls its call. All methods return at once and may be called from any goroutine.
type Controls interface {
	// Want says at which size in pixels each peer's picture can be drawn, replacing all that was said before. Pictures of
	// peers that are not listed are not sent to us. self is the size of one's own picture; zero if it is not shown.
	Want(self frame.Size, streams []Want)
	// Drawn says that a picture has been written out: on a terminal, the write has returned.
	Drawn(id uint32, picture media.Stamp)
	// Dropped counts a picture that was not drawn, and why.
	Dropped(id uint32, reason account.Reason)
	// Pause stops one's own video and closes the camera, or starts both again.
	Pause(paused bool)
	// Say sends a line of chat to the room.
	Say(text string)
	// Enter joins, if the call waits for that.
	Enter()
	// Leave ends the call as q does.
	Leave()
}

// Want is the size and rate at which a peer's picture can be drawn. A zero size means the sender's own, a zero FPS that of
// the call.
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
	NoteInfo   NoteKind = iota // what the call did without being asked, such as stepping down
	NoteChat                   // a line of chat; Note.From is who said it
	NoteCamera                 // a problem of the source and its remedy; an empty Text: it is solved
	NoteServer                 // a message of the server
)

// Note is a line for a person, without control characters.
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

// String returns the state in one word.
func (s LinkState) String() string {
	return [...]string{"connecting", "connected", "reconnecting", "local", "preview"}[min(int(s), 4)]
}

// Link describes the connection to a person.
type Link struct {
	State   LinkState
	Address string // of the server, as joined
	Room    string
	Self    Peer      // who we are there; ID 0 before the first welcome
	Retry   time.Time // LinkLost, LinkConnecting: the next attempt; zero for the first
	Reason  string    // LinkLost, LinkConnecting: why there is no connection
	Full    bool      // the server or the room is full; joining is retried
}

// Status holds the numbers of a call since the last one, half a second ago.
type Status struct {
	FPSIn, FPSOut    float64 // pictures a second: drawn, of all peers; sent
	KbitDown, KbitUp float64
	RTT              time.Duration // 0: not known yet
	Age              time.Duration // of the newest pictures when drawn, the greatest over the peers in view; 0: no peer is in view
	Drops            uint64        // pictures dropped since the start, without those that nobody asked for
	Peers            int
	Codec            string     // of one's own pictures, empty if nothing is sent
	Sending          frame.Size // of one's own pictures
	SendFPS          int        // rate aimed at
	Limited          string     // why less is sent than asked for; empty if it is not
	Source           string     // name of the source, empty while it is closed
	Viewer           bool       // there is no source, and will be none
	Paused           bool       // one's own video is paused
	Unwatched        bool       // nobody looks at one's own video
}

// StampOf returns what identifies a picture for Controls.Drawn.
func StampOf(f *frame.Frame) media.Stamp { return media.Stamp{Time: f.Time, Seq: f.Seq} }
