package packet

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// Memory comes in classes of four sizes per doubling, so that at most a quarter of a buffer is slack.
const (
	smallestShift = 8  // 256 bytes
	largestShift  = 26 // 64 MiB; what is larger is not recycled
	classes       = (largestShift - smallestShift) * 4
)

// Buffers lends packets' memory and takes it back. The zero value is ready for use. It is safe for concurrent use and
// must not be copied after first use.
type Buffers struct {
	pools       [classes + 1]sync.Pool
	outstanding atomic.Int64
}

// Get returns a buffer with one reference and a payload of the given length in bytes. The payload's content is
// undefined; the header is zero.
func (p *Buffers) Get(payload int) *Buffer {
	b := p.take(payload)
	p.outstanding.Add(1)
	b.refs.Store(1)
	b.size = payload
	b.prefix.Store(0)
	clear(b.mem[Headroom : Headroom+HeaderSize])
	return b
}

// Outstanding returns how many buffers are lent and not given back.
func (p *Buffers) Outstanding() int { return int(p.outstanding.Load()) }

// take returns memory for a payload, recycled if there is some.
func (p *Buffers) take(payload int) *Buffer {
	need := Headroom + HeaderSize + payload
	class, size := classOf(need)
	if class < classes {
		if b, ok := p.pools[class].Get().(*Buffer); ok {
			return b
		}
	}
	return &Buffer{owner: p, mem: make([]byte, size), class: class}
}

// give keeps memory for the next Get.
func (p *Buffers) give(b *Buffer) {
	if b.class < classes {
		p.pools[b.class].Put(b)
	}
}

// classOf returns the class for need bytes and the size of that class's memory. If class is classes, the buffer is too
// large to be recycled, and size is need.
func classOf(need int) (class, size int) {
	if need <= 1<<smallestShift {
		return 0, 1 << smallestShift
	}
	shift := bits.Len(uint(need-1)) - 1 // 2^shift < need ≤ 2^(shift+1)
	step := 1 << (shift - 2)
	quarter := (need - 1<<shift + step - 1) / step // 1..4
	class = (shift-smallestShift)*4 + quarter
	if class >= classes {
		return classes, need
	}
	return class, 1<<shift + quarter*step
}
