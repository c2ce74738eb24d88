package render

// How long what the terminal shows may differ from what is best.
//
// A cell whose picture changed by noise alone need not change: it neither flickers nor costs bytes. How much error a
// byte is worth is the rate's affair; here is how much a cell bears of it. It bears all for a while, then ever less,
// and nothing after holdFrames pictures or where the picture stands really still.
const (
	holdFull    = 90  // pictures for which a cell bears what the rate says
	holdFrames  = 180 // pictures after which it bears nothing
	stillFrames = 60  // equal best cells one after another that mean no noise
)

// memory is what is kept of a cell's last pictures.
type memory struct {
	best  Cell  // what the last picture wanted
	age   uint8 // pictures for which the cell has shown something else
	still uint8 // pictures that wanted the same
}

// settle takes note of the best cell, and returns how much of the rate's error the cell bears, 0…1.
func (m *memory) settle(ch *choice) float32 {
	if m.best != ch.cell {
		m.best, m.still = ch.cell, 0
	} else if m.still < stillFrames {
		m.still++
	}
	switch {
	case ch.gain == 0:
		m.age = 0
		return 1
	case ch.gain == anew || m.still == stillFrames || m.age >= holdFrames:
		return 0
	}
	m.age++
	if m.age < holdFull {
		return 1
	}
	return float32(holdFrames-m.age) / (holdFrames - holdFull)
}
