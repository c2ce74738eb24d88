package render

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
		p[i] = c | paintRGB
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

// ink finds the paint of a depth that is nearest to a colour, by squared difference.
type ink func(r, g, b int32) Paint

// inkOf is a depth's ink; nil for truecolor, which has every colour, and for mono, which has none.
func inkOf(c Color) ink {
	switch c {
	case Color256:
		return nearest256
	case Color16:
		return nearest16
	}
	return nil
}

// paintKindOf is the kind of paint that an ink gives.
func paintKindOf(i ink) Paint {
	if i == nil {
		return paintRGB
	}
	return paintIndexed
}

// nearest256 leaves the named colours alone, which people change. In the cube the channels don't depend on each other,
// and among greys only the mean counts, so that both are found without a search.
func nearest256(r, g, b int32) Paint {
	cr, cg, cb := cubeNearest[uint8(r)], cubeNearest[uint8(g)], cubeNearest[uint8(b)]
	grey := min(max((r+g+b-9)/30, 0), 23) // (mean-8+5)/10, of which the mean is a third of the sum
	v := 8 + 10*grey
	cube := square(r-int32(cubeLevels[cr])) + square(g-int32(cubeLevels[cg])) + square(b-int32(cubeLevels[cb]))
	if square(r-v)+square(g-v)+square(b-v) < cube {
		return Indexed(uint8(232 + grey))
	}
	return Indexed(16 + 36*cr + 6*cg + cb)
}

func nearest16(r, g, b int32) Paint {
	best, least := 0, int32(1<<30)
	for i, p := range named {
		d := square(r-int32(p>>16)) + square(g-int32(p>>8&0xff)) + square(b-int32(p&0xff))
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
			if square(int32(v)-int32(level)) < square(int32(v)-int32(cubeLevels[t[v]])) {
				t[v] = uint8(l)
			}
		}
	}
	return t
}()

func square(v int32) int32 { return v * v }

// rgb is any paint as 24 bits.
func (p Paint) rgb() Paint {
	if i, ok := p.Index(); ok {
		return palette[i]
	}
	return p
}

// reduce is p as a depth can show it.
func (c Color) reduce(p Paint) Paint {
	i, indexed := p.Index()
	switch {
	case p.Default() || c == Mono:
		return 0
	case c == Color256 && !indexed:
		r, g, b := p.RGB()
		return nearest256(int32(r), int32(g), int32(b))
	case c == Color16 && (!indexed || i >= 16):
		r, g, b := p.RGB()
		return nearest16(int32(r), int32(g), int32(b))
	}
	return p
}
