package render

// Paint is a colour as a cell holds it: the terminal's own (the zero value), an entry of its palette, or RGB.
type Paint uint32

const (
	paintIndexed Paint = 1 << 24
	paintRGB     Paint = 2 << 24
	paintKind    Paint = 0xff << 24
)

// RGB is a 24-bit colour.
func RGB(r, g, b uint8) Paint { return paintRGB | Paint(r)<<16 | Paint(g)<<8 | Paint(b) }

// Indexed is entry i of the 256-colour palette; the first sixteen are the terminal's named colours.
func Indexed(i uint8) Paint { return paintIndexed | Paint(i) }

// Default reports whether p is the terminal's own colour.
func (p Paint) Default() bool { return p == 0 }

// Index is the palette entry, if p is one.
func (p Paint) Index() (uint8, bool) { return uint8(p), p&paintKind == paintIndexed }

// RGB is the colour's red, green and blue; palette entries have xterm's values, the terminal's own colour is black.
func (p Paint) RGB() (r, g, b uint8) {
	if i, ok := p.Index(); ok {
		p = palette[i]
	}
	return uint8(p >> 16), uint8(p >> 8), uint8(p)
}
