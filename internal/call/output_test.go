package call

import (
	"context"

	"acip/frame"
)

// nowhere is an Output that shows nothing.
type nowhere struct{}

func (nowhere) Run(context.Context, Controls) error { return nil }
func (nowhere) Peer(Peer)                           {}
func (nowhere) Gone(uint32, Departure)              {}
func (nowhere) Picture(uint32, *frame.Frame)        {}
func (nowhere) Self(*frame.Frame)                   {}
func (nowhere) Note(Note)                           {}
func (nowhere) Status(Status)                       {}
func (nowhere) Link(Link)                           {}
