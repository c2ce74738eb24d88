package render

import (
	"math"

	"acip/frame"
	"acip/render/internal/cell"
)

// toneMapper paints with letters in the terminal's own two colours.
//
// What counts is what the eye makes of a letter from a distance where half a cell's width blurs: the light of eight
// parts of the cell, each running into its neighbours. Letters and picture are brought to such eight numbers, turned so
// that plain distance between them is distance after blurring, and the nearest letter is taken. Cells don't depend on
// each other, so that nothing runs through the picture when one of them changes.
type toneMapper struct {
	light   bool
	letters [letterCount][8]float32
}

const (
	// The densest letter lights a third of its cell. A picture's whites ask for that much, and what is darker for more
	// than its share: both numbers are where similarity as seen is greatest over pictures of all kinds.
	toneScale = 0.32
	toneGamma = 0.68
	// toneGain makes a difference in the typist's measure comparable with squared error.
	toneGain = 1000
)

func newToneMapper(s Style) *toneMapper {
	t := &toneMapper{light: s.Light}
	for i := range t.letters {
		m := letterMask(i)
		var parts [8]float32
		for k, v := range m {
			parts[k/8/4*2+k%8/4] += t.contrast(v) / 16
		}
		t.letters[i] = blurred(parts)
	}
	return t
}

// contrast returns how far a pixel of a letter differs in light from the background.
func (t *toneMapper) contrast(v uint8) float32 {
	if t.light {
		return 1 - linear[255-int(v)*255/opaque]
	}
	return linear[int(v)*255/opaque]
}

func (*toneMapper) axes(cols, rows int) (x, y frame.Axis) { return octants.axes(cols, rows) }

func (t *toneMapper) row(dst []Cell, gain []float32, samples []byte, shown []Cell, _, _ int) {
	stride := len(dst) * 8
	for i := range dst {
		var parts [8]float32
		for k := range parts {
			parts[k] = t.tone(le32(samples[k/2*stride+i*8+k%2*4:]))
		}
		want := blurred(parts)
		best, least := 0, float32(math.MaxFloat32)
		for l := range t.letters {
			if d := blurredDistance(&t.letters[l], &want); d < least {
				best, least = l, d
			}
		}
		dst[i], gain[i] = Cell{Glyph: Glyph(' ' + best)}, 0
		if s := &shown[i]; *s != dst[i] {
			gain[i] = t.gain(s, &want, least)
		}
	}
}

// gain returns what the best letter saves against what is shown.
func (t *toneMapper) gain(s *Cell, want *[8]float32, least float32) float32 {
	l := int(s.Glyph) - ' '
	if s.Attr != 0 || s.FG != 0 || s.BG != 0 || s.Part != cell.Narrow || l < 0 || l >= letterCount {
		return incomparable
	}
	return (blurredDistance(&t.letters[l], want) - least) * toneGain
}

// tone returns the light that a letter should give for a pixel.
func (t *toneMapper) tone(p uint32) float32 {
	v := (299*red(p) + 587*green(p) + 114*blue(p) + 500) / 1000
	if t.light {
		v = 255 - v
	}
	return tones[v]
}

var tones = func() (t [256]float32) {
	for i := range t {
		t[i] = toneScale * float32(math.Pow(float64(linear[i]), toneGamma))
	}
	return t
}()

func blurredDistance(a, b *[8]float32) (d float32) {
	for i := range a {
		v := a[i] - b[i]
		d += v * v
	}
	return d
}

// blurred turns the light of the parts of a cell so that distance is distance after blurring.
func blurred(parts [8]float32) (out [8]float32) {
	for i := range out {
		var sum float32
		for k := i; k < 8; k++ {
			sum += blurFactor[k][i] * parts[k]
		}
		out[i] = sum
	}
	return out
}

// blurFactor is the lower triangle L of L·Lᵀ = K, where K[i][j] is how much two parts share after a blur of half a
// cell's width: a Gaussian of sigma 4 pixels on either of them, the parts being 4 pixels apart.
var blurFactor = func() (l [8][8]float32) {
	share := func(i, j int) float64 {
		dx, dy := float64(i%2-j%2)*4, float64(i/2-j/2)*4
		return math.Exp(-(dx*dx + dy*dy) / (4 * 4 * 4))
	}
	for i := range 8 {
		for j := range i + 1 {
			sum := share(i, j)
			for k := range j {
				sum -= float64(l[i][k]) * float64(l[j][k])
			}
			if i == j {
				l[i][j] = float32(math.Sqrt(sum))
			} else {
				l[i][j] = float32(sum / float64(l[j][j]))
			}
		}
	}
	return l
}()
