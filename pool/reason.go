package pool

// Reason says why a picture for a viewer was not sent.
type Reason uint8

// The reasons, in the order of their names below.
const (
	Replaced      Reason = iota // a newer picture took its place
	QueueFull                   // the place was full of pictures that could not be replaced
	NeedsKeyframe               // it needs a picture that the viewer does not have
	Stale                       // it had waited too long, and nothing could follow it
	Rate                        // above the rate that the viewer asked for
	Layer                       // the viewer gets this sender in another size
	Unwanted                    // the viewer did not ask for this sender
	Codec                       // the viewer cannot decode it
	Left                        // it waited when its sender or its viewer went
	Size                        // far larger than what the viewer asked for
	reasons
	sent // not a reason: the picture was placed
)

// String is the reason's name, as in /stats and the metrics.
func (r Reason) String() string {
	return [...]string{"replaced", "behind", "repair", "stale", "rate", "layer", "unwanted", "codec", "left", "size", "", "sent"}[r]
}

// drops counts pictures that were not sent, by reason.
type drops [reasons]uint64

// Map has an entry for each reason that was counted.
func (d *drops) Map() map[string]uint64 {
	m := map[string]uint64{}
	for r, n := range d {
		if n > 0 {
			m[Reason(r).String()] = n
		}
	}
	return m
}
