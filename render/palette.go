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
