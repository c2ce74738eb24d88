package render_test

import (
	"fmt"

	"acip/frame"
	"acip/render"
)

// A canvas draws two pictures side by side. The first Append paints the screen; the second, of the same pictures, has
// nothing to write.
func ExampleCanvas() {
	canvas := render.NewCanvas(4, 1, render.Style{Glyphs: render.Half, Color: render.TrueColor})
	canvas.Picture(frame.Rect{X: 0, Y: 0, W: 2, H: 1}, colored(255, 0, 0), render.PictureOptions{Fit: frame.Cover})
	canvas.Picture(frame.Rect{X: 2, Y: 0, W: 2, H: 1}, colored(0, 0, 255), render.PictureOptions{Fit: frame.Cover})
	fmt.Printf("%q\n", canvas.AppendLines(nil))
	first := len(canvas.Append(nil))
	fmt.Println("painted:", first > 0, "then:", len(canvas.Append(nil)))
	// Output:
	// "\x1b[48;2;255;0;0m  \x1b[48;2;0;0;255m  \x1b[m\n"
	// painted: true then: 0
}

// colored returns a picture of one colour.
func colored(r, g, b byte) *frame.Frame {
	f := frame.New(16, 16)
	for i := 0; i < len(f.Pix); i += 3 {
		f.Pix[i], f.Pix[i+1], f.Pix[i+2] = r, g, b
	}
	return f
}
