package term

import "os"

// EventKind says what happened to the terminal.
type EventKind uint8

// What Events delivers.
const (
	// EventKey is a key press, in Event.Key.
	EventKey EventKind = iota
	// EventResize carries the new size; bursts are joined into one.
	EventResize
	// EventCaps carries what the terminal's answers taught; it comes once, after the last answer or when the terminal
	// stays silent.
	EventCaps
	// EventSuspend asks the owner to let go of its devices and call Suspend.
	EventSuspend
	// EventResume says that the process was stopped and goes on: the screen's content is unknown.
	EventResume
	// EventSignal is a signal that ends programs, in Event.Signal.
	EventSignal
	// EventClosed says that the terminal itself is gone.
	EventClosed
)

// Event is one thing that happened; which fields count depends on Kind.
type Event struct {
	Kind       EventKind
	Key        Key
	Cols, Rows int
	Caps       Caps
	Signal     os.Signal
	Err        error
}
