package codec

// memory is what a picture showed, in means of luma, to tell later whether a scene is another.
type memory struct {
	w, h  int
	means []byte // of blocks of memoryBlock pixels a side, row by row
}

// Side of a block in pixels, and the difference in levels that makes it another.
const (
	memoryBlock = 8
	memoryStep  = 4
)

// keep remembers a picture.
func (m *memory) keep(p *planes) {
	m.w, m.h, m.means = p.w, p.h, m.means[:0]
	for y := 0; y+memoryBlock <= p.h; y += memoryBlock {
		for x := 0; x+memoryBlock <= p.w; x += memoryBlock {
			m.means = append(m.means, blockMean(p.y[y*p.ys+x:], p.ys))
		}
	}
}

// stale reports whether most of what p shows is another than what is remembered.
func (m *memory) stale(p *planes) bool {
	if m.w != p.w || m.h != p.h {
		return true
	}
	across, other := p.w/memoryBlock, 0
	for i, v := range m.means {
		x, y := i%across*memoryBlock, i/across*memoryBlock
		if d := int(v) - int(blockMean(p.y[y*p.ys+x:], p.ys)); d > memoryStep || d < -memoryStep {
			other++
		}
	}
	return other*3 > len(m.means)*2
}

// blockMean is the mean of a block of luma.
func blockMean(y []byte, stride int) byte {
	sum := 0
	for range memoryBlock {
		for _, v := range y[:memoryBlock] {
			sum += int(v)
		}
		y = y[min(stride, len(y)):]
		if len(y) < memoryBlock {
			break
		}
	}
	return byte(sum / (memoryBlock * memoryBlock))
}
