package codec

// Chain tells which pictures of one sender can be decoded, so that a viewer never draws a smeared one.
//
// A sender numbers its pictures one by one. A picture that is not a key depends on the newest one before it that is not
// droppable. Where a number is missing, that one may have been needed: nothing is decoded from there to the next key,
// unless the picture after the gap says that the missing one was droppable. The zero value waits for a key. Not safe for
// concurrent use.
type Chain struct {
	whole bool   // everything that the next picture depends on was decoded
	last  uint32 // number of the newest picture seen
}

// Accept reports whether the picture can be decoded, and whether a key picture must be asked for. A picture with a number
// not after the last one is a repeat: it is neither decoded nor a reason to ask, unless it is a key, which starts afresh.
func (c *Chain) Accept(seq uint32, key, droppable bool) (decode, needKey bool) {
	return c.AcceptSpare(seq, key, droppable, false)
}

// AcceptSpare is Accept with the sender's word on the picture before: spare means that number seq-1 was droppable, so that
// a gap of this one number breaks nothing.
func (c *Chain) AcceptSpare(seq uint32, key, _, spare bool) (decode, needKey bool) {
	if key {
		c.whole, c.last = true, seq
		return true, false
	}
	step := int32(seq - c.last)
	if c.whole && step <= 0 {
		return false, false
	}
	c.last = seq
	gap := step != 1 && !(step == 2 && spare)
	if c.whole && gap {
		c.whole = false
	}
	return c.whole, !c.whole
}

// Break says that a picture that was accepted could not be decoded or was thrown away; droppable is as it was declared.
// From here on nothing is decoded before the next key, unless nothing depended on the picture.
func (c *Chain) Break(droppable bool) {
	if !droppable {
		c.whole = false
	}
}
