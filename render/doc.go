// Package render turns pictures into character cells, or into terminal graphics, with the fewest bytes.
//
// A Canvas holds two screens: the one that is wanted and the one that the terminal shows. Picture, Text and Fill draw
// on the first; Append writes the bytes that bring the second up to it. Nothing here opens a terminal, asks it
// anything or keeps a goroutine.
package render
