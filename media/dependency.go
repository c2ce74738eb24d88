package media

// Dependency tells which frames of one layer can be decoded, so that a viewer never sees a frame whose reference is
// missing. It is the same at each place that frames pass: a sender's queue and the relay see every frame and drop some
// (Follow, Drop); a receiver sees what is left of them and tells from the numbers what is missing (Receive, Drop).
//
// A frame that is no keyframe refers to the newest frame before it that is not discardable. A discardable keyframe, as
// each JPEG is, can be decoded, and says nothing about the frames around it. The zero value waits for a
// keyframe. Not safe for concurrent use.
type Dependency struct {
	synced bool   // everything that the next frame refers to was passed on
	seen   bool   // last is valid
	last   uint32 // number of the newest frame received
}

// Receive takes the next frame that arrived. It reports whether the frame can be decoded, and whether a keyframe has to
// be requested. Where numbers are missing, a reference may be: nothing is decodable from there to the next keyframe,
// unless only one number is missing and PrevDiscardable says that it was discardable. A frame whose number is not after
// the last is a repeat: neither decodable nor a reason for a request, unless it is a keyframe, which starts afresh.
func (d *Dependency) Receive(seq uint32, f Flags) (decodable, needKey bool) {
	if f.Has(Key) {
		d.synced, d.seen, d.last = true, true, seq
		return true, false
	}
	step := int32(seq - d.last)
	if d.synced && step <= 0 {
		return false, false
	}
	gap := step != 1 && !(step == 2 && f.Has(PrevDiscardable))
	d.seen, d.last = true, seq
	d.synced = d.synced && !gap
	return d.synced, !d.synced
}

// Missing returns how many numbers were left out between the newest frame received and seq: 0 before the first frame,
// after a repeat, and after a leap too large to be a loss.
func (d *Dependency) Missing(seq uint32) uint32 {
	const leap = 1000 // more frames than a connection survives losing
	step := int32(seq - d.last)
	if !d.seen || step < 1 || step > leap {
		return 0
	}
	return uint32(step - 1)
}

// Follow takes the next frame at a place that sees each of them. It reports whether the frame can be passed on: if it is
// a keyframe, or if nothing that it refers to was dropped.
func (d *Dependency) Follow(f Flags) bool {
	if f.Has(Key) {
		d.synced = d.synced || !f.Has(Discardable)
		return true
	}
	return d.synced
}

// Drop notes that a frame was dropped after Receive or Follow let it pass. It reports whether frames depend on it, so
// that nothing can be passed on before the next keyframe.
func (d *Dependency) Drop(f Flags) bool {
	if f.Has(Discardable) {
		return false
	}
	d.synced = false
	return true
}

// Reset makes a keyframe necessary, as at the start of a connection.
func (d *Dependency) Reset() { *d = Dependency{} }

// Unsync makes a keyframe necessary and keeps the count of numbers.
func (d *Dependency) Unsync() { d.synced = false }

// Synced reports whether the next frame can be passed on though it is no keyframe.
func (d *Dependency) Synced() bool { return d.synced }
