package render

import (
	_ "embed"
	"sync"
)

//go:generate go run ./internal/letters /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf letters.bin

// letterCoverage is a mask for each printable ASCII character from the blank on, in DejaVu Sans Mono (a free font; only
// how much of each pixel it covers is kept).
//
//go:embed letters.bin
var letterCoverage string

const letterCount = '~' - ' ' + 1

// letterMask returns the mask of letter i, counted from the blank.
func letterMask(i int) (m mask) {
	copy(m[:], letterCoverage[i*cellPixels:])
	return m
}

var letterSet = sync.OnceValue(func() *maskSet {
	var glyphs []Glyph
	var masks []mask
	for i := range letterCount {
		glyphs, masks = append(glyphs, Glyph(' '+i)), append(masks, letterMask(int(i)))
	}
	return newMaskSet(glyphs, masks)
})
