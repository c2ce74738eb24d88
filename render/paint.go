package render

import "acip/render/internal/paint"

// Paint is a colour as a cell holds it: the terminal's own (the zero value), an entry of its palette, or RGB.
type Paint = paint.Paint

// RGB returns a 24-bit colour.
func RGB(r, g, b uint8) Paint { return paint.RGB(r, g, b) }

// Indexed returns entry i of the 256-colour palette; the first sixteen are the terminal's named colours.
func Indexed(i uint8) Paint { return paint.Indexed(i) }
