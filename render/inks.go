package render

import "acip/render/internal/paint"

// ink finds the paint of a depth that is nearest to a colour, by squared difference.
type ink func(r, g, b int32) Paint

// inkOf returns a depth's ink; nil for truecolor, which has every colour, and for mono, which has none.
func inkOf(c Color) ink {
	switch c {
	case Color256:
		return paint.Nearest256
	case Color16:
		return paint.Nearest16
	}
	return nil
}

// paintKindOf returns the kind of paint that an ink gives.
func paintKindOf(i ink) Paint {
	if i == nil {
		return paint.KindRGB
	}
	return paint.KindIndexed
}

// reduce is p as a depth can show it.
func (c Color) reduce(p Paint) Paint {
	i, indexed := p.Index()
	switch {
	case p.Default() || c == Mono:
		return 0
	case c == Color256 && !indexed:
		r, g, b := p.RGB()
		return paint.Nearest256(int32(r), int32(g), int32(b))
	case c == Color16 && (!indexed || i >= 16):
		r, g, b := p.RGB()
		return paint.Nearest16(int32(r), int32(g), int32(b))
	}
	return p
}
