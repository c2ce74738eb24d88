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

// memory is what is kept of a cell's last pictures. It is small, since all cells' together should stay in the cache.
type memory struct {
	best  uint32 // a mark of what the last picture wanted
	age   uint8  // pictures for which the cell has shown something else
	still uint8  // pictures that wanted the same
	bears uint8  // how much of the rate's error the cell bears, of bearsAll; nothing for what is no picture
}

const bearsAll = 255

// mark is a number that equal cells share, and others almost never.
func (c *Cell) mark() uint32 {
	return (uint32(c.Glyph)*0x9e3779b1^uint32(c.FG))*0x85ebca6b ^ uint32(c.BG)*0xc2b2ae35
}

// settle takes note of the best cell, and of how much error the cell bears then.
func (m *memory) settle(ch *choice) {
	if mark := ch.cell.mark(); m.best != mark {
		m.best, m.still = mark, 0
	} else if m.still < stillFrames {
		m.still++
	}
	switch {
	case ch.gain == 0:
		m.age, m.bears = 0, bearsAll
	case ch.gain == anew || m.still == stillFrames || m.age >= holdFrames:
		m.bears = 0
	case m.age < holdFull:
		m.age++
		m.bears = bearsAll
	default:
		m.age++
		m.bears = uint8(bearsAll * (holdFrames - int(m.age)) / (holdFrames - holdFull))
	}
}
