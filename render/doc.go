// Package render turns pictures into character cells, or into terminal graphics, with the fewest bytes.
//
// A Canvas holds two screens: the one that is wanted and the one that the terminal shows. Picture, Text and Fill draw
// on the first; Append writes the bytes that bring the second up to it. Nothing here opens a terminal, asks it
// anything or keeps a goroutine.
//
// # Where to find what
//
//	what is asked for     style.go, choose.go (what suits a terminal), paint.go and inks.go (colours)
//	the screen            canvas.go, text.go, picture.go (from pixels to cells)
//	choosing cells        painter.go (which painter draws a style)
//	  two samples         half.go
//	  grids of sub-cells  glyphgrid.go (the exact search), gridpaint.go (truecolor), joint.go (256 and 16), dotpaint.go (mono)
//	  all block shapes    blocks.go, corners.go, mask*.go (the exact search over masks), form.go (masks in plain Go)
//	  letters             letters.go, tone.go (mono), ramp.go
//	what is worth a byte  rate.go (noise and near colours), history.go (for how long), budget.go (how many)
//	bytes                 append.go (what differs)
//	pixels                image.go, kitty.go, still.go
//	vectors               vector_*.go, search_*.s, the one for amd64 written by internal/asm; letters.bin by internal/letters
//
// Below it:
//
//	internal/paint        the colours of cells, and the nearest ones of a palette
//	internal/cell         cells, glyphs and their shapes
//	internal/ansi         cells as the bytes that a terminal takes: colours, cursor, repetitions
//	internal/kitty        kitty's graphics protocol
//	internal/sixel        sixels, and the 256 colours that a picture is reduced to
//
// docs/rendering.md says how it works and what was measured.
package render
