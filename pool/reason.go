package pool

// Reason says why a frame was not sent to a viewer. The names that String returns are a contract: see
// docs/operations.md.
type Reason uint8

// The reasons, in the order of their names below.
const (
	Replaced      Reason = iota // a newer frame took its place
	QueueFull                   // the queue was full of frames that others refer to; of audio: it was the oldest of too many
	NeedsKeyframe               // it refers to a frame that the viewer does not have
	Stale                       // it had waited too long
	Rate                        // above the rate that the viewer requested
	Layer                       // the viewer gets another simulcast layer
	Unwanted                    // the viewer did not request this track
	Codec                       // the viewer cannot decode it
	Left                        // it waited when its sender or its viewer left
	Size                        // far larger than what the viewer requested
	reasons
	sent // not a reason: the frame was queued
)

// String returns the reason's name, as in /stats and the metrics.
func (r Reason) String() string {
	return [...]string{"replaced", "behind", "repair", "stale", "rate", "layer", "unwanted", "codec", "left", "size", "", "sent"}[r]
}

// drops counts frames that were not sent, by reason.
type drops [reasons]uint64

// Map returns an entry for each reason that was counted.
func (d *drops) Map() map[string]uint64 {
	m := map[string]uint64{}
	for r, n := range d {
		if n > 0 {
			m[Reason(r).String()] = n
		}
	}
	return m
}
