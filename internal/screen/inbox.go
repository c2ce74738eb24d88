package screen

import (
	"sync"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/call"
	"acip/internal/ui"
	"acip/mailbox"
	"acip/media"
)

// inbox keeps what a call tells a screen: events in order, and the newest picture of each peer. It is safe
// for concurrent use.
type inbox struct {
	wake mailbox.Signal // there is something to take

	mu         sync.Mutex
	call       call.Controls // nil before Run
	closed     bool
	events     []ui.Event
	known      map[uint32]bool // members that the screen was told of
	pictures   map[uint32]*frameSlot
	earlyDrops []earlyDrop // drops before Run, reported once it begins
	join       func(call.Link) string
}

// frameSlot holds two pictures of a peer: a waiting one, written under the lock, and the one that the screen reads. The
// screen exchanges them.
type frameSlot struct {
	waiting, shown *frame.Frame
	isNew          bool
}

type earlyDrop struct {
	id     uint32
	reason account.Reason
}

// shownFrame identifies a picture that a frame shows.
type shownFrame struct {
	id    uint32
	stamp media.Stamp
}

// selfID stands for oneself among the pictures: the server's own number, which no member has.
const selfID = 0

func newInbox() *inbox {
	return &inbox{wake: mailbox.NewSignal(), known: map[uint32]bool{}, pictures: map[uint32]*frameSlot{}, join: joinCommand}
}

func (f *inbox) attachInbox(c call.Controls) {
	f.mu.Lock()
	f.call = c
	list := f.earlyDrops
	f.earlyDrops = nil
	f.mu.Unlock()
	for _, e := range list {
		c.Dropped(e.id, e.reason)
	}
	f.wake.Notify()
}

// closeInbox drops what still waits, and everything that comes later.
func (f *inbox) closeInbox() {
	f.mu.Lock()
	f.closed = true
	var waiting []uint32
	for id, p := range f.pictures {
		if p.isNew && id != selfID {
			waiting = append(waiting, id)
		}
	}
	f.pictures = map[uint32]*frameSlot{}
	f.mu.Unlock()
	for _, id := range waiting {
		f.drop(id, account.Ended)
	}
}

func (f *inbox) drop(id uint32, reason account.Reason) {
	f.mu.Lock()
	call := f.call
	if call == nil {
		f.earlyDrops = append(f.earlyDrops, earlyDrop{id, reason})
	}
	f.mu.Unlock()
	if call != nil {
		call.Dropped(id, reason)
	}
}

// push leaves an event for the screen.
func (f *inbox) push(e ui.Event) {
	f.mu.Lock()
	if !f.closed {
		f.events = append(f.events, e)
		if len(f.events) > maxEvents {
			f.events = compact(f.events, f.known)
		}
	}
	f.mu.Unlock()
	f.wake.Notify()
}

// take passes the waiting events to each, oldest first.
func (f *inbox) take(each func(ui.Event)) {
	f.mu.Lock()
	list := f.events
	f.events = nil
	for _, e := range list {
		switch e := e.(type) {
		case ui.Joined:
			f.known[e.ID] = true
		case ui.Gone:
			delete(f.known, e.ID)
		}
	}
	f.mu.Unlock()
	for _, e := range list {
		each(e)
	}
}

// put keeps a copy of the newest picture.
func (f *inbox) put(id uint32, src *frame.Frame) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		if id != selfID {
			f.drop(id, account.Ended)
		}
		return
	}
	p := f.pictures[id]
	if p == nil {
		p = &frameSlot{waiting: frame.New(0, 0), shown: frame.New(0, 0)}
		f.pictures[id] = p
	}
	replaced := p.isNew
	p.waiting.CopyFrom(src)
	p.isNew = true
	f.mu.Unlock()
	if replaced && id != selfID {
		f.drop(id, account.ReplacedView)
	}
	f.wake.Notify()
}

// hasNewFrames reports whether a picture waits.
func (f *inbox) hasNewFrames() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.pictures {
		if p.isNew {
			return true
		}
	}
	return false
}

// swap gives each waiting picture to show, which keeps it until the next one and says whether it will be seen. The
// pictures that will be are returned; the others are counted.
func (f *inbox) swap(show func(id uint32, f *frame.Frame) bool) (seen []shownFrame) {
	f.mu.Lock()
	var unseen []uint32
	for id, p := range f.pictures {
		if !p.isNew {
			continue
		}
		p.waiting, p.shown, p.isNew = p.shown, p.waiting, false
		switch visible := show(id, p.shown); {
		case id == selfID:
		case visible:
			seen = append(seen, shownFrame{id, call.StampOf(p.shown)})
		default:
			unseen = append(unseen, id)
		}
	}
	f.mu.Unlock()
	for _, id := range unseen {
		f.drop(id, account.Unwanted)
	}
	return seen
}

// forget lets go of a peer's pictures.
func (f *inbox) forget(id uint32) {
	f.mu.Lock()
	p := f.pictures[id]
	delete(f.pictures, id)
	f.mu.Unlock()
	if p != nil && p.isNew {
		f.drop(id, account.Unwanted)
	}
}

// Peer tells the screen about a member.
func (f *inbox) Peer(p call.Peer) {
	f.push(ui.Joined{ID: p.ID, Name: p.Name, Watch: p.Watch, Paused: p.Paused, Self: p.Self})
}

// Gone tells the screen that a member left. The tile of one that was lost stays for a while; nothing is said about
// members that left with everyone else, which the lost connection says, or which a new roster does not list yet.
func (f *inbox) Gone(id uint32, why call.Departure) {
	quiet := why.Kind == call.ServerEnded || why.Kind == call.NotListed
	f.push(ui.Gone{ID: id, Reason: why.Reason, Lost: quiet || why.Kind == call.Lost, Quiet: quiet})
	f.forget(id)
}

// Picture keeps a peer's newest picture.
func (f *inbox) Picture(id uint32, src *frame.Frame) { f.put(id, src) }

// Self keeps one's own newest picture.
func (f *inbox) Self(src *frame.Frame) { f.put(selfID, src) }

// Note tells the screen something to read.
func (f *inbox) Note(n call.Note) {
	switch n.Kind {
	case call.NoteChat:
		f.push(ui.ChatLine{ID: n.From.ID, From: n.From.Name, Text: n.Text, Own: n.From.Self})
	case call.NoteCamera:
		f.push(ui.Camera{Text: n.Text, Hint: n.Hint})
	default:
		f.push(ui.Notice{Text: n.Text, Hint: n.Hint, Serious: n.Kind == call.NoteServer})
	}
}

// Status tells the screen the numbers.
func (f *inbox) Status(s call.Status) {
	f.push(ui.Status{
		FPSIn: s.FPSIn, FPSOut: s.FPSOut, KbitDown: s.KbitDown, KbitUp: s.KbitUp, RTT: s.RTT, Age: s.Age, Drops: s.Drops,
		Codec: s.Codec, Source: s.Source, Sending: s.Sending, Limited: s.Limited, Paused: s.Paused, NoSource: s.Viewer,
	})
}

// Link tells the screen how the connection stands.
func (f *inbox) Link(l call.Link) {
	state := [...]ui.LinkState{
		call.LinkConnecting: ui.Connecting, call.LinkUp: ui.Up, call.LinkLost: ui.Lost, call.LinkNone: ui.Local,
		call.LinkPreview: ui.Preview,
	}[l.State]
	f.push(ui.Link{State: state, Address: l.Address, Room: l.Room, Retry: l.Retry, Reason: l.Reason, Full: l.Full, Join: f.join(l)})
	if l.Self.Name != "" {
		f.push(ui.Joined{ID: l.Self.ID, Name: l.Self.Name, Watch: l.Self.Watch, Self: true})
	}
}
