// Command letters writes the coverage of the printable ASCII characters in a cell of 8x16 pixels, one byte a pixel
// (0…64), from a monospaced font: go run ./internal/letters FONT.ttf letters.bin
package main

import (
	"fmt"
	"image"
	"image/color"
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

const (
	width, height = 8, 16
	baseline      = 12
)

func main() {
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "letters:", err)
		os.Exit(1)
	}
}

func write(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	parsed, err := opentype.Parse(data)
	if err != nil {
		return fmt.Errorf("parse %s: %w", from, err)
	}
	// A size at which a letter of DejaVu Sans Mono, 1233 of 2048 units wide, is exactly 8 pixels wide.
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: width * 2048. / 1233, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return err
	}
	var out []byte
	for r := ' '; r <= '~'; r++ {
		img := image.NewAlpha(image.Rect(0, 0, width, height))
		d := font.Drawer{Dst: img, Src: image.NewUniform(color.Alpha{A: 255}), Face: face, Dot: fixed.P(0, baseline)}
		d.DrawString(string(r))
		for _, v := range img.Pix {
			out = append(out, byte((int(v)*64+127)/255))
		}
	}
	return os.WriteFile(to, out, 0o644)
}
