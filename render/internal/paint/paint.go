// Package paint holds the colours of character cells, and the nearest ones of the palettes that terminals have.
package paint

// Paint is a colour as a cell holds it: the terminal's own (the zero value), an entry of its palette, or RGB.
type Paint uint32

// The kinds of paint, in its highest byte; the terminal's own colour is 0 in all of its bits.
const (
	KindIndexed Paint = 1 << 24
	KindRGB     Paint = 2 << 24
	KindMask    Paint = 0xff << 24 // the bits that hold the kind
)

// RGB returns a 24-bit colour.
func RGB(r, g, b uint8) Paint { return KindRGB | Paint(r)<<16 | Paint(g)<<8 | Paint(b) }

// Indexed returns entry i of the 256-colour palette; the first sixteen are the terminal's named colours.
func Indexed(i uint8) Paint { return KindIndexed | Paint(i) }

// Default reports whether p is the terminal's own colour.
func (p Paint) Default() bool { return p == 0 }

// Index returns the palette entry, if p is one.
func (p Paint) Index() (uint8, bool) { return uint8(p), p&KindMask == KindIndexed }

// RGB returns the colour's red, green and blue; palette entries have xterm's values, the terminal's own colour is
// black.
func (p Paint) RGB() (r, g, b uint8) {
	if i, ok := p.Index(); ok {
		p = palette[i]
	}
	return uint8(p >> 16), uint8(p >> 8), uint8(p)
}

// palette is the 256-colour palette in xterm's values: 16 named colours, a cube of 6x6x6, 24 greys.
var palette = xtermPalette()

// named are the first sixteen, as xterm has them; terminals differ and people change them.
var named = [16]Paint{
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
}

// cubeLevels are the six levels of a channel in the cube.
var cubeLevels = [6]uint8{0, 95, 135, 175, 215, 255}

func xtermPalette() (p [256]Paint) {
	for i, c := range named {
		p[i] = c | KindRGB
	}
	for i := range 216 {
		p[16+i] = RGB(cubeLevels[i/36], cubeLevels[i/6%6], cubeLevels[i%6])
	}
	for i := range 24 {
		v := uint8(8 + 10*i)
		p[232+i] = RGB(v, v, v)
	}
	return p
}

// Nearest256 returns the entry of the 256-colour palette that is nearest to a colour, by squared difference. It leaves
// the named colours alone, which people change. In the cube the channels don't depend on each other, and among greys
// only the mean counts, so that both are found without a search.
func Nearest256(r, g, b int32) Paint {
	cr, cg, cb := cubeNearest[uint8(r)], cubeNearest[uint8(g)], cubeNearest[uint8(b)]
	grey := min(max((r+g+b-9)/30, 0), 23) // (mean-8+5)/10, of which the mean is a third of the sum
	v := 8 + 10*grey
	cube := Square(r-int32(cubeLevels[cr])) + Square(g-int32(cubeLevels[cg])) + Square(b-int32(cubeLevels[cb]))
	if Square(r-v)+Square(g-v)+Square(b-v) < cube {
		return Indexed(uint8(232 + grey))
	}
	return Indexed(16 + 36*cr + 6*cg + cb)
}

// Nearest16 returns the named colour that is nearest, by squared difference.
func Nearest16(r, g, b int32) Paint {
	best, least := 0, int32(1<<30)
	for i, p := range named {
		d := Square(r-int32(p>>16)) + Square(g-int32(p>>8&0xff)) + Square(b-int32(p&0xff))
		if d < least {
			best, least = i, d
		}
	}
	return Indexed(uint8(best))
}

// cubeNearest is the cube's level for each value of a channel.
var cubeNearest = func() (t [256]uint8) {
	for v := range t {
		for l, level := range cubeLevels {
			if Square(int32(v)-int32(level)) < Square(int32(v)-int32(cubeLevels[t[v]])) {
				t[v] = uint8(l)
			}
		}
	}
	return t
}()

// Square returns v*v.
func Square(v int32) int32 { return v * v }

// Resolve returns any paint as 24 bits.
func (p Paint) Resolve() Paint {
	if i, ok := p.Index(); ok {
		return palette[i]
	}
	return p
}

// Distance returns the squared difference of two RGB paints, summed over the channels.
func Distance(p, q Paint) int32 {
	r := int32(p>>16&0xff) - int32(q>>16&0xff)
	g := int32(p>>8&0xff) - int32(q>>8&0xff)
	b := int32(p&0xff) - int32(q&0xff)
	return r*r + g*g + b*b
}

// Bayer returns the threshold of a place on the screen: an 8x8 matrix of 64 levels in which neighbours are far apart.
func Bayer(x, y int) float32 {
	v := 0
	for bit := range 3 {
		a, b := x>>bit&1, y>>bit&1
		v |= (a ^ b) << (5 - 2*bit)
		v |= b << (4 - 2*bit)
	}
	return (float32(v) + .5) / 64
}
