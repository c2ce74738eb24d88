package capture

import (
	"context"

	"acip/capture/internal/turn"
	"acip/frame"
)

// turnedSource is a source whose pictures are turned. They are so after scaling down, when they are small.
type turnedSource struct {
	Source
	turn    turn.Turn
	scratch frame.Frame
}

// turned is src with its pictures turned; src itself if there is nothing to do.
func turned(src Source, t turn.Turn) Source {
	if t.None() {
		return src
	}
	return &turnedSource{Source: src, turn: t}
}

// Info returns the source's, with the size that its pictures have.
func (t *turnedSource) Info() Info {
	info := t.Source.Info()
	info.Size = t.turn.Size(info.Size)
	return info
}

// Read turns the source's next picture.
func (t *turnedSource) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if err := t.Source.Read(ctx, &t.scratch, t.turn.Back(box)); err != nil {
		return err
	}
	t.turn.Apply(dst, &t.scratch)
	dst.Time, dst.Seq = t.scratch.Time, t.scratch.Seq
	return nil
}

// Rotation is a turn clockwise in degrees: 0, 90, 180 or 270.
type Rotation = turn.Rotation

// Flip says along which axes a picture is mirrored.
type Flip = turn.Flip

// ParseRotation reads 0, 90, 180, 270 or -90.
func ParseRotation(s string) (Rotation, error) { return turn.ParseRotation(s) }

// ParseFlip reads none, horizontal, vertical or both; h and v will do.
func ParseFlip(s string) (Flip, error) { return turn.ParseFlip(s) }
