package ansi

import (
	"encoding/binary"

	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// colors sets the colours to fg on bg.
func (w *Writer) colors(fg, bg paint.Paint) {
	if fg == w.SGR.FG && bg == w.SGR.BG {
		return
	}
	if (fg|bg)&paint.KindMask == paint.KindRGB && fg&bg&paint.KindMask == paint.KindRGB {
		w.rgb(fg, bg)
		return
	}
	w.Bytes = append(w.Bytes, CSI...)
	if fg != w.SGR.FG {
		w.Bytes = sgrColor(w.Bytes, fg, sgrForeground)
		if bg != w.SGR.BG {
			w.Bytes = append(w.Bytes, ';')
		}
	}
	if bg != w.SGR.BG {
		w.Bytes = sgrColor(w.Bytes, bg, sgrBackground)
	}
	w.Bytes = append(w.Bytes, finalSGR)
	w.SGR.FG, w.SGR.BG = fg, bg
}

// sgrColor appends the SGR parameters of any paint; base is sgrForeground or sgrBackground.
func sgrColor(b []byte, p paint.Paint, base int) []byte {
	i, indexed := p.Index()
	switch {
	case p.Default():
		return Number(b, base+sgrDefault)
	case indexed && i < 8:
		return Number(b, base+int(i))
	case indexed && i < 16:
		return Number(b, base+sgrBrightForeground-sgrForeground+int(i)-8)
	case indexed && base == sgrForeground:
		return Number(append(b, sgrForeground256...), int(i))
	case indexed:
		return Number(append(b, sgrBackground256...), int(i))
	}
	kind := sgrForegroundRGB
	if base == sgrBackground {
		kind = sgrBackgroundRGB
	}
	r, g, bl := p.RGB()
	b = append(Number(append(b, kind...), int(r)), ';')
	b = append(Number(b, int(g)), ';')
	return Number(b, int(bl))
}

// rgbBytes is the space for both colours in 24 bits and what word-wise stores write beyond them.
const rgbBytes = 48

// The beginnings of the sequences as little-endian words.
var (
	openForeground = wordOf(CSI + sgrForegroundRGB)
	openBackground = wordOf(CSI + sgrBackgroundRGB)
	thenBackground = wordOf(sgrBackgroundRGB)
)

func wordOf(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return binary.LittleEndian.Uint64(b[:])
}

// rgb is colors for two 24-bit paints. It runs thousands of times a picture, so it stores words instead of bytes.
func (w *Writer) rgb(fg, bg paint.Paint) {
	n := len(w.Bytes)
	if cap(w.Bytes)-n < rgbBytes {
		w.Grow(rgbBytes)
	}
	b := w.Bytes[n : n+rgbBytes]
	at := len(CSI + sgrForegroundRGB)
	if fg != w.SGR.FG {
		binary.LittleEndian.PutUint64(b, openForeground)
		at = decimal3(b, at, fg)
		if bg != w.SGR.BG {
			binary.LittleEndian.PutUint64(b[at:], thenBackground)
			at = decimal3(b, at+len(sgrBackgroundRGB), bg)
		}
	} else {
		binary.LittleEndian.PutUint64(b, openBackground)
		at = decimal3(b, at, bg)
	}
	b[at-1] = finalSGR
	w.Bytes = w.Bytes[:n+at]
	w.SGR.FG, w.SGR.BG = fg, bg
}

// decimal3 writes the three channels of p to b[at:], each followed by a semicolon, and returns the offset behind them.
func decimal3(b []byte, at int, p paint.Paint) int {
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
		s := append(Number(nil, i), ';')
		t[i].n = uint32(len(s))
		t[i].text = binary.LittleEndian.Uint32(append(s, 0, 0, 0))
	}
	return t
}()

// attributes sets the attributes. It resets everything first, colours included: text is rare, and SGR 22 resets two
// attributes at once.
func (w *Writer) attributes(a cell.Attr) {
	w.Bytes = append(w.Bytes, CSI...)
	w.Bytes = append(w.Bytes, '0')
	for i, p := range [...]int{sgrBold, sgrDim, sgrItalic, sgrUnderline, sgrReverse} {
		if a>>i&1 == 1 {
			w.Bytes = Number(append(w.Bytes, ';'), p)
		}
	}
	w.Bytes = append(w.Bytes, finalSGR)
	w.SGR = Rendition{attr: a}
}
