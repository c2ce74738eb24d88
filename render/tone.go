package render

import "acip/frame"

type toneTypist struct{ *maskPainter }

func newToneTypist(s Style) painter { return &toneTypist{newMaskPainter(letterSet(), Mono)} }

func (t *toneTypist) axes(cols, rows int) (x, y frame.Axis) { return pixelAxes(cols, rows) }
