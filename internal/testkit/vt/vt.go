// Package vt is a small terminal emulator for tests: strict, so that a sequence it does not know is an error.
package vt

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// Cell is one character position as the emulator shows it.
type Cell struct {
	Text                                  string // a character and what combines with it; " " where blank, "" in the right half of a wide one
	FG, BG                                Color
	Bold, Dim, Italic, Underline, Reverse bool
}

// Color is the terminal's own (Kind Default), palette entry R, or RGB.
type Color struct{ Kind, R, G, B uint8 }

// The kinds of Color.
const (
	Default uint8 = iota
	Palette
	RGB
)

// Terminal is a screen of cells. It is not for concurrent use.
type Terminal struct {
	cols, rows int
	cells      []Cell
	x, y       int
	savedX     int
	savedY     int
	pending    bool // a character was written in the last column and the next one wraps
	pen        Cell
	wrap       bool
	modes      map[int]bool
	last       string // the last character, for REP
	input      []byte // what is left of an unfinished sequence
	graphics   []string
	kitty      kitty
	err        error
}

// New returns a blank terminal of cols by rows, with wrapping on, as terminals start.
func New(cols, rows int) *Terminal {
	t := &Terminal{modes: map[int]bool{}, wrap: true, kitty: kitty{images: map[int]*Image{}}}
	t.Resize(cols, rows)
	return t
}

// Resize gives the terminal another size. Its content is then rubbish on purpose, as after a real terminal's reflow.
func (t *Terminal) Resize(cols, rows int) {
	t.cols, t.rows, t.cells = cols, rows, make([]Cell, cols*rows)
	for i := range t.cells {
		t.cells[i] = Cell{Text: "?", FG: Color{Kind: Palette, R: 5}, Underline: true}
	}
	t.x, t.y, t.pending = cols/2, rows/2, false
}

// Clear blanks the screen and puts the cursor at home.
func (t *Terminal) Clear() {
	for i := range t.cells {
		t.cells[i] = Cell{Text: " "}
	}
	t.x, t.y, t.pending = 0, 0, false
}

// Write feeds bytes to the terminal. The error, which stays, names the first thing that a terminal would not
// understand, or that would scroll the screen.
func (t *Terminal) Write(b []byte) (int, error) {
	t.input = append(t.input, b...)
	for len(t.input) > 0 && t.err == nil {
		n := t.step(t.input)
		if n == 0 {
			break
		}
		t.input = t.input[n:]
	}
	return len(b), t.err
}

// Pending reports whether the bytes so far end inside a sequence.
func (t *Terminal) Pending() bool { return len(t.input) > 0 }

// Cell is the cell at column x, row y.
func (t *Terminal) Cell(x, y int) Cell { return t.cells[y*t.cols+x] }

// Cursor is the cursor's column and row, from 0.
func (t *Terminal) Cursor() (x, y int) { return t.x, t.y }

// Mode reports whether the private mode n was set and not reset again; 7 (wrap) starts set.
func (t *Terminal) Mode(n int) bool { return n == 7 && t.wrap || t.modes[n] }

// Graphics are the kitty (ESC _) and sixel (ESC P) strings received, without their ends.
func (t *Terminal) Graphics() []string { return t.graphics }

// String is the text of the screen, rows separated by newlines, trailing blanks kept.
func (t *Terminal) String() string {
	var s strings.Builder
	for i, c := range t.cells {
		s.WriteString(c.Text)
		if (i+1)%t.cols == 0 {
			s.WriteByte('\n')
		}
	}
	return s.String()
}

func (t *Terminal) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

// step takes the first thing off b and returns its length, 0 if it is not all there.
func (t *Terminal) step(b []byte) int {
	switch c := b[0]; {
	case c == 0x1b:
		return t.escape(b)
	case c == '\r':
		t.x, t.pending = 0, false
	case c == '\n':
		t.lineFeed()
	case c < 0x20 || c == 0x7f:
		t.fail("control byte %#02x", c)
	default:
		return t.text(b)
	}
	return 1
}

func (t *Terminal) lineFeed() {
	t.pending = false
	if t.y++; t.y >= t.rows {
		t.y = t.rows - 1
		t.fail("line feed in the last row scrolls the screen")
	}
}

// text takes the characters up to the next control byte.
func (t *Terminal) text(b []byte) int {
	end := 0
	for end < len(b) && b[end] >= 0x20 && b[end] != 0x7f {
		end++
	}
	rest, state := string(b[:end]), -1
	for len(rest) > 0 {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if cluster == "\uFFFD" || strings.ContainsRune(cluster, 0xFFFD) {
			t.fail("broken UTF-8 in %q", b[:end])
		}
		t.put(cluster, max(1, min(width, 2)))
	}
	return end
}

// put shows one character at the cursor.
func (t *Terminal) put(s string, width int) {
	if t.pending && t.wrap {
		t.x = 0
		t.lineFeed()
	}
	if t.x+width > t.cols {
		t.fail("wide %q in the last column", s)
		return
	}
	for i := range width {
		t.cut(t.x + i)
		c := t.pen
		if c.Text = s; i > 0 {
			c.Text = ""
		}
		t.cells[t.y*t.cols+t.x+i] = c
	}
	t.last = s
	if t.x += width; t.x >= t.cols {
		t.x, t.pending = t.cols-1, true
	}
}

// cut blanks the other half of a wide character that is about to lose one.
func (t *Terminal) cut(x int) {
	row := t.cells[t.y*t.cols:][:t.cols]
	if row[x].Text == "" && x > 0 {
		row[x-1].Text = " "
	}
	if x+1 < t.cols && row[x+1].Text == "" {
		row[x+1].Text = " "
	}
}
