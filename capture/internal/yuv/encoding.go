package yuv

import "math"

// Matrix is how luma and chroma become red, green and blue.
type Matrix uint8

// The matrices that cameras and files use.
const (
	BT601 Matrix = iota // ITU-R BT.601: Kr 0.299, Kb 0.114; standard definition, JPEG, y4m
	BT709               // ITU-R BT.709: Kr 0.2126, Kb 0.0722; high definition
)

// Encoding says what the numbers of a picture in luma and chroma mean.
type Encoding struct {
	Matrix Matrix
	Full   bool // 0…255; else luma is 16…235 and chroma 16…240
	Live   bool // a device's: rounded to nearest also in limited range
}

// coefficients of the conversion, in units of 1<<coefBits. They are below 1<<15, so that 16-bit multiply-and-add takes
// them.
type coefficients struct {
	y, rv, gu, gv, bu int16
	black             int16 // the luma of black, with coarseBits
	round             int32 // what is added before the fraction is cut off
}

const coefBits = 13

// Luma is Kr and Kb, the shares of red and blue in luma.
func (m Matrix) Luma() (kr, kb float64) {
	if m == BT709 {
		return .2126, .0722
	}
	return .299, .114
}

// scale returns how much of 255 the ranges of luma and chroma take.
func (e Encoding) scale() (luma, chroma float64) {
	if e.Full {
		return 1, 1
	}
	return 255. / 219, 255. / 224
}

// coefficients of the way to RGB.
func (e Encoding) coefficients() coefficients {
	kr, kb := e.Matrix.Luma()
	luma, chroma := e.scale()
	kg := 1 - kr - kb
	fixed := func(v float64) int16 { return int16(math.Round(v * (1 << coefBits))) }
	c := coefficients{
		y:  fixed(luma),
		rv: fixed(chroma * 2 * (1 - kr)),
		gu: fixed(-chroma * 2 * (1 - kb) * kb / kg),
		gv: fixed(-chroma * 2 * (1 - kr) * kr / kg),
		bu: fixed(chroma * 2 * (1 - kb)),
	}
	// The limited range of files is rounded down, all colours alike so that grey stays grey: swscale's default
	// conversion cuts off the fraction of each term, and is nowhere more than 2 of 255 away from this (tried on all
	// 16.7 million triples).
	if e.Full || e.Live {
		c.round = 1 << (colourShift - 1)
	}
	if !e.Full {
		c.black = 16 << coarseBits
	}
	return c
}
