// Package turn turns and mirrors pictures.
package turn

import (
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

// Turn says how a picture is turned, and then mirrored. The zero value leaves it alone.
type Turn struct {
	Flip   Flip
	Rotate Rotation
}

// None reports whether there is nothing to do.
func (t Turn) None() bool { return t.Flip == Flip{} && t.Rotate == 0 }

// Then returns the turn that does t and after it u.
func (t Turn) Then(u Turn) Turn {
	by := u.Rotate
	if t.Flip.Horizontal != t.Flip.Vertical {
		by = 360 - by // a mirror changes which way is clockwise
	}
	return Turn{
		Rotate: (t.Rotate + by) % 360,
		Flip:   Flip{Horizontal: t.Flip.Horizontal != u.Flip.Horizontal, Vertical: t.Flip.Vertical != u.Flip.Vertical},
	}
}

// Size returns the size that a picture of size s has after the turn.
func (t Turn) Size(s frame.Size) frame.Size {
	if t.Rotate == 90 || t.Rotate == 270 {
		return frame.Size{W: s.H, H: s.W}
	}
	return s
}

// Back returns the size or box before the turn that becomes s.
func (t Turn) Back(s frame.Size) frame.Size { return t.Size(s) }

// Apply draws src turned into dst, which must be another frame; time and number are left alone.
func (t Turn) Apply(dst, src *frame.Frame) {
	s := t.Size(src.Size())
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
func (t Turn) walk(s frame.Size) (at, dx, dy int) {
	right, down := 3, s.W*3
	end := t.Size(s)
	switch t.Rotate {
	case 90:
		at, dx, dy = (s.H-1)*down, -down, right
	case 180:
		at, dx, dy = (s.H-1)*down+(s.W-1)*right, -right, -down
	case 270:
		at, dx, dy = (s.W-1)*right, down, -right
	default:
		at, dx, dy = 0, right, down
	}
	if t.Flip.Horizontal {
		at, dx = at+(end.W-1)*dx, -dx
	}
	if t.Flip.Vertical {
		at, dy = at+(end.H-1)*dy, -dy
	}
	return at, dx, dy
}
