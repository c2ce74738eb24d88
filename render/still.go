package render

import (
	"acip/frame"
	"acip/render/internal/ansi"
	"acip/render/internal/sixel"
)

// AppendStill appends f as it is printed in the flow of a terminal: cells columns and rows at the cursor, which ends at
// the start of the line below. As cells the lines stand in the text for good; as pixels the rows are made first, so
// that whatever has to scroll does so before the picture is there.
func AppendStill(dst []byte, s Style, cells frame.Size, f *frame.Frame, fit frame.Fit) []byte {
	rows := cells.H
	if s.Graphics == Sixel {
		rows++ // a canvas keeps its last row free of sixels
	}
	c := NewCanvas(cells.W, rows, s)
	c.Picture(frame.Rect{W: cells.W, H: cells.H}, f, PictureOptions{Fit: fit})
	if !c.graphics() || len(c.pictures) == 0 {
		return c.AppendLines(dst)
	}
	for range cells.H {
		dst = append(dst, '\n')
	}
	w := ansi.Writer{Bytes: dst}
	w.Bytes = ansi.Number(append(w.Bytes, ansi.CSI...), cells.H)
	dst = append(append(w.Bytes, ansi.FinalUp), ansi.CursorSave...)
	p := &c.pictures[0]
	if p.at.X > 0 {
		dst = append(ansi.Number(append(dst, ansi.CSI...), p.at.X), ansi.FinalForward)
	}
	if p.at.Y > 0 {
		dst = append(ansi.Number(append(dst, ansi.CSI...), p.at.Y), ansi.FinalDown)
	}
	dst = c.wrapped(dst, func(b []byte) []byte {
		if s.Graphics == Kitty {
			return c.kitty.Print(b, p.pix, p.size, frame.Size{W: p.at.W, H: p.at.H})
		}
		p.colours = &sixel.Quantiser{}
		return c.sixel.Draw(b, p.colours, p.pix, p.size)
	})
	dst = append(dst, ansi.CursorRestore...)
	return append(ansi.Number(append(dst, ansi.CSI...), cells.H), ansi.FinalDown)
}
