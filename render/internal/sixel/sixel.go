// Package sixel writes pictures as sixels, in at most 256 colours that it chooses for them.
package sixel

import (
	"acip/frame"
	"acip/render/internal/ansi"
)

// bandRows is the height of a band: one character is a column of six pixels.
const bandRows = 6

// Encoder writes pictures as sixels, and keeps its buffers: https://vt100.net/docs/vt3xx-gp/chapter14.html.
type Encoder struct {
	index []uint8 // the picture in registers
	bits  []uint8 // of the band, for each register used in it a row of columns
	used  []uint8 // the registers used in the band, in order of appearance
	place [maxColours]int
}

// Draw appends a picture of size pixels in RGB24 at the cursor, in the colours of q.
func (s *Encoder) Draw(dst []byte, q *Quantiser, pix []byte, size frame.Size) []byte {
	s.index = q.apply(s.index, pix, size.W)
	dst = append(dst, ansi.SixelBegin...)
	dst = append(dst, `"1;1;`...)
	dst = ansi.Number(append(ansi.Number(dst, size.W), ';'), size.H)
	for i, c := range q.colors {
		r, g, b := c.RGB()
		dst = append(ansi.Number(append(dst, '#'), i), ";2"...)
		for _, v := range [...]uint8{r, g, b} {
			dst = ansi.Number(append(dst, ';'), (int(v)*100+127)/255)
		}
	}
	for y := 0; y < size.H; y += bandRows {
		dst = s.band(dst, s.index[y*size.W:min(len(s.index), (y+bandRows)*size.W)], size.W)
		dst = append(dst, '-')
	}
	return append(dst[:len(dst)-1], ansi.StringEnd...)
}

// band writes up to six rows of width pixels: one pass over the columns for each register that they use.
func (s *Encoder) band(dst []byte, index []uint8, width int) []byte {
	s.gather(index, width)
	for k, register := range s.used {
		if k > 0 {
			dst = append(dst, '$')
		}
		dst = ansi.Number(append(dst, '#'), int(register))
		dst = runs(dst, s.bits[k*width:(k+1)*width])
	}
	return dst
}

// gather sets the bits of each register.
func (s *Encoder) gather(index []uint8, width int) {
	for i := range s.place {
		s.place[i] = -1
	}
	s.used = s.used[:0]
	for i, r := range index {
		k := s.place[r]
		if k < 0 {
			k = len(s.used)
			s.place[r], s.used = k, append(s.used, r)
			if len(s.bits) < (k+1)*width {
				s.bits = append(s.bits, make([]uint8, (k+1)*width-len(s.bits))...)
			}
			clear(s.bits[k*width : (k+1)*width])
		}
		s.bits[k*width+i%width] |= 1 << (i / width)
	}
}

// runs writes columns, equal ones as a repeat count, without blank ones at the end.
func runs(dst []byte, bits []uint8) []byte {
	for len(bits) > 0 && bits[len(bits)-1] == 0 {
		bits = bits[:len(bits)-1]
	}
	for len(bits) > 0 {
		n := 1
		for n < len(bits) && bits[n] == bits[0] {
			n++
		}
		c := '?' + bits[0]
		if n > 3 {
			dst = append(ansi.Number(append(dst, '!'), n), c)
		} else {
			for range n {
				dst = append(dst, c)
			}
		}
		bits = bits[n:]
	}
	return dst
}
