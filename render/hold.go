package render

// How long what the terminal shows may differ from what is best.
//
// A cell whose picture changed by noise alone stays as it is: it neither flickers nor costs bytes. It changes when the
// error says so, at once if the error is large. A small error is borne for a while, ever less of it, and none after
// holdFrames pictures; and where the picture stands really still, none after stillFrames.
const (
	holdError   = 5   // the mean squared error per channel that a cell may keep; 2.2 levels
	holdFull    = 32  // pictures for which it may keep that much
	holdFrames  = 160 // pictures after which it may keep nothing
	stillFrames = 3   // equal best cells one after another that mean no noise
)

// memory is what is kept of a cell's last pictures.
type memory struct {
	best  Cell  // what the last picture wanted
	age   uint8 // pictures for which the cell has been held
	still uint8 // pictures that wanted the same
}

// settle decides whether the best cell replaces what is shown, and returns the gain that counts: 0 to leave it.
func (m *memory) settle(ch *choice) float32 {
	if m.best != ch.cell {
		m.best, m.still = ch.cell, 0
	} else if m.still < stillFrames {
		m.still++
	}
	if ch.gain == 0 {
		m.age = 0
		return 0
	}
	if ch.gain <= patience(m.age) && m.still < stillFrames {
		m.age++
		return 0
	}
	m.age = 0
	return max(ch.gain, leastGain)
}

// leastGain stands for a cell that is worth writing though it gains nothing, or even loses by rounding.
const leastGain = 1e-3

// patience is the error that a cell may keep after having been held for age pictures.
func patience(age uint8) float32 {
	if age < holdFull {
		return holdError
	}
	return holdError * float32(holdFrames-int(age)) / (holdFrames - holdFull)
}
