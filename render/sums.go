package render

import (
	"encoding/binary"
	"math/bits"
)

// sums are three channels side by side in one word, 16 bits each: red at 0, blue at 16, green at 32.
type sums uint64

// spread makes sums of a pixel as samples hold it.
func spread(p uint32) sums { return sums(p&0xff00ff) | sums(p&0xff00)<<24 }

func (s sums) r() int32 { return int32(s & 0xffff) }
func (s sums) b() int32 { return int32(s >> 16 & 0xffff) }
func (s sums) g() int32 { return int32(s >> 32 & 0xffff) }

// channel returns the sum of the channel that a paint has at shift.
func (s sums) channel(shift int) int32 {
	switch shift {
	case 16:
		return s.r()
	case 8:
		return s.g()
	}
	return s.b()
}

// mean divides by n, which is at most cellArea, and rounds.
func (s sums) mean(n uint8) Paint {
	k := reciprocals[n]
	r, g, b := uint32(s&0xffff), uint32(s>>32&0xffff), uint32(s>>16&0xffff)
	return RGB(uint8((r*k+1<<15)>>16), uint8((g*k+1<<15)>>16), uint8((b*k+1<<15)>>16))
}

var reciprocals = func() (t [cellArea + 1]uint32) {
	for n := 1; n <= cellArea; n++ {
		t[n] = uint32((1<<16 + n/2) / n)
	}
	return t
}()

// part returns the squared error of n units of area, which sum up to s, in colour p, without the squares of the pixels
// themselves, which no choice changes.
func (s sums) part(n uint8, p Paint) int32 {
	r, g, b := int32(p>>16&0xff), int32(p>>8&0xff), int32(p&0xff)
	return int32(n)*(r*r+g*g+b*b) - 2*(r*s.r()+g*s.g()+b*s.b())
}

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

func trailingZeros(i uint32) uint32 { return uint32(bits.TrailingZeros32(i)) }
