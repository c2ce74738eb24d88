package capture

import (
	"context"
	"fmt"
	"strings"

	"acip/frame"
)

// Rotation is a turn clockwise in degrees: 0, 90, 180 or 270.
type Rotation int

// ParseRotation reads 0, 90, 180, 270 or -90.
func ParseRotation(s string) (Rotation, error) {
	switch s {
	case "", "0":
		return 0, nil
	case "90":
		return 90, nil
	case "180":
		return 180, nil
	case "270", "-90":
		return 270, nil
	}
	return 0, fmt.Errorf("unknown rotation %q: 0, 90, 180 or 270", s)
}

// Flip says along which axes a picture is mirrored.
type Flip struct {
	Horizontal bool // left and right exchanged
	Vertical   bool // top and bottom exchanged
}

// ParseFlip reads none, horizontal, vertical or both; h and v will do.
func ParseFlip(s string) (Flip, error) {
	switch strings.ToLower(s) {
	case "", "none", "no", "false":
		return Flip{}, nil
	case "h", "horizontal", "yes", "true":
		return Flip{Horizontal: true}, nil
	case "v", "vertical":
		return Flip{Vertical: true}, nil
	case "both", "hv", "vh":
		return Flip{true, true}, nil
	}
	return Flip{}, fmt.Errorf("unknown flip %q: none, horizontal, vertical or both", s)
}

// turner turns and mirrors pictures.
type turner struct {
	flip   Flip
	rotate Rotation
}

func (t turner) none() bool { return t.flip == Flip{} && t.rotate == 0 }

// then is t, and after it another.
func (t turner) then(u turner) turner {
	by := u.rotate
	if t.flip.Horizontal != t.flip.Vertical {
		by = 360 - by // a mirror changes which way is clockwise
	}
	return turner{
		rotate: (t.rotate + by) % 360,
		flip:   Flip{Horizontal: t.flip.Horizontal != u.flip.Horizontal, Vertical: t.flip.Vertical != u.flip.Vertical},
	}
}

// size is what a picture of size s becomes.
func (t turner) size(s frame.Size) frame.Size {
	if t.rotate == 90 || t.rotate == 270 {
		return frame.Size{W: s.H, H: s.W}
	}
	return s
}

// back is the size or box before turning that becomes s.
func (t turner) back(s frame.Size) frame.Size { return t.size(s) }

// apply draws src turned into dst, which must be another frame; time and number are left alone.
func (t turner) apply(dst, src *frame.Frame) {
	s := t.size(src.Size())
	dst.Resize(s.W, s.H)
	at, dx, dy := t.walk(src.Size())
	for y := range s.H {
		row := dst.Row(y)
		for i, p := 0, at+y*dy; i+2 < len(row); i, p = i+3, p+dx {
			row[i], row[i+1], row[i+2] = src.Pix[p], src.Pix[p+1], src.Pix[p+2]
		}
	}
}

// walk says how to go through the pixels of a picture of size s to see it turned: where the first one is, and the steps
// in bytes to the right and down.
func (t turner) walk(s frame.Size) (at, dx, dy int) {
	right, down := 3, s.W*3
	end := t.size(s)
	switch t.rotate {
	case 90:
		at, dx, dy = (s.H-1)*down, -down, right
	case 180:
		at, dx, dy = (s.H-1)*down+(s.W-1)*right, -right, -down
	case 270:
		at, dx, dy = (s.W-1)*right, down, -right
	default:
		at, dx, dy = 0, right, down
	}
	if t.flip.Horizontal {
		at, dx = at+(end.W-1)*dx, -dx
	}
	if t.flip.Vertical {
		at, dy = at+(end.H-1)*dy, -dy
	}
	return at, dx, dy
}

// turnedSource is a source whose pictures are turned. They are so after scaling down, when they are small.
type turnedSource struct {
	Source
	turn    turner
	scratch frame.Frame
}

// turned is src with its pictures turned; src itself where there is nothing to do.
func turned(src Source, t turner) Source {
	if t.none() {
		return src
	}
	return &turnedSource{Source: src, turn: t}
}

// Info is the source's, with the size that its pictures have.
func (t *turnedSource) Info() Info {
	info := t.Source.Info()
	info.Size = t.turn.size(info.Size)
	return info
}

// Read turns the source's next picture.
func (t *turnedSource) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if err := t.Source.Read(ctx, &t.scratch, t.turn.back(box)); err != nil {
		return err
	}
	t.turn.apply(dst, &t.scratch)
	dst.Time, dst.Seq = t.scratch.Time, t.scratch.Seq
	return nil
}
