package codec

// sceneMemory keeps the mean luma of each block of a frame, to tell later whether the scene has changed.
type sceneMemory struct {
	w, h  int
	means []byte // of blocks of sceneBlock x sceneBlock pixels, row by row
}

// The side of a block in pixels, and the difference in levels that counts as a change.
const (
	sceneBlock = 8
	sceneStep  = 4
)

// keep replaces the remembered frame with p.
func (s *sceneMemory) keep(p *planes) {
	s.w, s.h, s.means = p.w, p.h, s.means[:0]
	for y := 0; y+sceneBlock <= p.h; y += sceneBlock {
		for x := 0; x+sceneBlock <= p.w; x += sceneBlock {
			s.means = append(s.means, blockMean(p.y[y*p.ys+x:], p.ys))
		}
	}
}

// stale reports whether more than two thirds of the blocks differ from the remembered frame, or the size does.
func (s *sceneMemory) stale(p *planes) bool {
	if s.w != p.w || s.h != p.h {
		return true
	}
	across, other := p.w/sceneBlock, 0
	for i, v := range s.means {
		x, y := i%across*sceneBlock, i/across*sceneBlock
		if d := int(v) - int(blockMean(p.y[y*p.ys+x:], p.ys)); d > sceneStep || d < -sceneStep {
			other++
		}
	}
	return other*3 > len(s.means)*2
}

// blockMean returns the mean luma of a block; y begins at its first pixel.
func blockMean(y []byte, stride int) byte {
	sum := 0
	for range sceneBlock {
		for _, v := range y[:sceneBlock] {
			sum += int(v)
		}
		y = y[min(stride, len(y)):]
		if len(y) < sceneBlock {
			break
		}
	}
	return byte(sum / (sceneBlock * sceneBlock))
}
