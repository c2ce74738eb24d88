package capture

import (
	"image"
	"image/color"

	"acip/frame"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Card draws a test card of a size in pixels into f: bars, and in the middle what is missing and what to do about it.
// It is never black, so that nobody takes it for a dead screen.
func Card(f *frame.Frame, size frame.Size, lines ...string) {
	f.Resize(max(size.W, 1), max(size.H, 1))
	bars := [][3]byte{{96, 96, 96}, {96, 96, 24}, {24, 96, 96}, {24, 96, 24}, {96, 24, 96}, {96, 24, 24}, {24, 24, 96}}
	for y := range f.Height {
		row := f.Row(y)
		for x := range f.Width {
			copy(row[x*3:], bars[x*len(bars)/f.Width][:])
		}
	}
	inscribe(f, lines)
}

// letters are the cells of the font that cards are written in.
const (
	letterW = 7
	letterH = 13
)

// inscribe puts lines of text into the middle of f, folded to its width and as large as fits.
func inscribe(f *frame.Frame, lines []string) {
	scale := max(1, min(f.Width/(letterW*40), f.Height/(letterH*8)))
	cols := f.Width/(letterW*scale) - 2
	var folded []string
	for _, l := range lines {
		folded = append(folded, fold(l, cols)...)
	}
	rows := f.Height / (letterH * scale)
	if cols < 4 || rows < 1 {
		return
	}
	folded = folded[:min(len(folded), rows)]
	top := (f.Height - len(folded)*letterH*scale) / 2
	for i, l := range folded {
		writeLine(f, top+i*letterH*scale, scale, l)
	}
}

// fold breaks a line at spaces so that no part is longer than cols characters, where words allow.
func fold(s string, cols int) (parts []string) {
	cols = max(cols, 1)
	line, last := []rune(s), 0
	for len(line) > cols {
		last = cols
		for i := cols; i > cols/2; i-- {
			if line[i] == ' ' {
				last = i
				break
			}
		}
		parts = append(parts, string(line[:last]))
		line = line[last:]
		for len(line) > 0 && line[0] == ' ' {
			line = line[1:]
		}
	}
	if len(line) > 0 {
		parts = append(parts, string(line))
	}
	return parts
}

// writeLine writes one line in white on a dark ground, centred, its top at y.
func writeLine(f *frame.Frame, y, scale int, s string) {
	w := len([]rune(s)) * letterW
	mask := image.NewGray(image.Rect(0, 0, w, letterH))
	d := font.Drawer{Dst: mask, Src: image.NewUniform(color.White), Face: basicfont.Face7x13, Dot: fixed.P(0, 11)}
	d.DrawString(s)
	left := (f.Width - w*scale) / 2
	for dy := range letterH * scale {
		for dx := -scale * 2; dx < (w+2)*scale; dx++ {
			px, py := left+dx, y+dy
			if px < 0 || py < 0 || px >= f.Width || py >= f.Height {
				continue
			}
			v := byte(16)
			if dx >= 0 && dx < w*scale && mask.GrayAt(dx/scale, dy/scale).Y > 127 {
				v = 235
			}
			at := (py*f.Width + px) * 3
			f.Pix[at], f.Pix[at+1], f.Pix[at+2] = v, v, v
		}
	}
}
