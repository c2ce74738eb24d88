package render

import (
	"encoding/binary"

	"acip/render/internal/paint"
)

// colors sets the colours to fg on bg.
func (w *writer) colors(fg, bg Paint) {
	if fg == w.sgr.fg && bg == w.sgr.bg {
		return
	}
	if (fg|bg)&paint.KindMask == paint.KindRGB && fg&bg&paint.KindMask == paint.KindRGB {
		w.rgb(fg, bg)
		return
	}
	w.b = append(w.b, csi...)
	if fg != w.sgr.fg {
		w.b = sgrColor(w.b, fg, sgrForeground)
		if bg != w.sgr.bg {
			w.b = append(w.b, ';')
		}
	}
	if bg != w.sgr.bg {
		w.b = sgrColor(w.b, bg, sgrBackground)
	}
	w.b = append(w.b, finalSGR)
	w.sgr.fg, w.sgr.bg = fg, bg
}

// sgrColor appends the SGR parameters of any paint; base is sgrForeground or sgrBackground.
func sgrColor(b []byte, p Paint, base int) []byte {
	i, indexed := p.Index()
	switch {
	case p.Default():
		return number(b, base+sgrDefault)
	case indexed && i < 8:
		return number(b, base+int(i))
	case indexed && i < 16:
		return number(b, base+sgrBrightForeground-sgrForeground+int(i)-8)
	case indexed && base == sgrForeground:
		return number(append(b, sgrForeground256...), int(i))
	case indexed:
		return number(append(b, sgrBackground256...), int(i))
	}
	kind := sgrForegroundRGB
	if base == sgrBackground {
		kind = sgrBackgroundRGB
	}
	r, g, bl := p.RGB()
	b = append(number(append(b, kind...), int(r)), ';')
	b = append(number(b, int(g)), ';')
	return number(b, int(bl))
}

// rgbBytes is the space for both colours in 24 bits and what word-wise stores write beyond them.
const rgbBytes = 48

// The beginnings of the sequences as little-endian words.
var (
	openForeground = wordOf(csi + sgrForegroundRGB)
	openBackground = wordOf(csi + sgrBackgroundRGB)
	thenBackground = wordOf(sgrBackgroundRGB)
)

func wordOf(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return binary.LittleEndian.Uint64(b[:])
}

// rgb is colors for two 24-bit paints. It runs thousands of times a picture, so it stores words instead of bytes.
func (w *writer) rgb(fg, bg Paint) {
	n := len(w.b)
	if cap(w.b)-n < rgbBytes {
		w.grow(rgbBytes)
	}
	b := w.b[n : n+rgbBytes]
	at := len(csi + sgrForegroundRGB)
	if fg != w.sgr.fg {
		binary.LittleEndian.PutUint64(b, openForeground)
		at = decimal3(b, at, fg)
		if bg != w.sgr.bg {
			binary.LittleEndian.PutUint64(b[at:], thenBackground)
			at = decimal3(b, at+len(sgrBackgroundRGB), bg)
		}
	} else {
		binary.LittleEndian.PutUint64(b, openBackground)
		at = decimal3(b, at, bg)
	}
	b[at-1] = finalSGR
	w.b = w.b[:n+at]
	w.sgr.fg, w.sgr.bg = fg, bg
}

// decimal3 writes the three channels of p to b[at:], each followed by a semicolon, and returns the offset behind them.
func decimal3(b []byte, at int, p Paint) int {
	r, g, bl := &decimals[p>>16&0xff], &decimals[p>>8&0xff], &decimals[p&0xff]
	binary.LittleEndian.PutUint32(b[at:], r.text)
	at += int(r.n)
	binary.LittleEndian.PutUint32(b[at:], g.text)
	at += int(g.n)
	binary.LittleEndian.PutUint32(b[at:], bl.text)
	return at + int(bl.n)
}

// decimals holds the numbers 0 to 255 in decimal, each followed by a semicolon, as little-endian words.
var decimals = func() (t [256]struct {
	text uint32
	n    uint32
}) {
	for i := range t {
		s := append(number(nil, i), ';')
		t[i].n = uint32(len(s))
		t[i].text = binary.LittleEndian.Uint32(append(s, 0, 0, 0))
	}
	return t
}()

// attributes sets the attributes. It resets everything first, colours included: text is rare, and SGR 22 resets two
// attributes at once.
func (w *writer) attributes(a Attr) {
	w.b = append(w.b, csi...)
	w.b = append(w.b, '0')
	for i, p := range [...]int{sgrBold, sgrDim, sgrItalic, sgrUnderline, sgrReverse} {
		if a>>i&1 == 1 {
			w.b = number(append(w.b, ';'), p)
		}
	}
	w.b = append(w.b, finalSGR)
	w.sgr = sgrState{attr: a}
}
