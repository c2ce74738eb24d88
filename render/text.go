package render

import (
	"unicode"
	"unicode/utf8"

	"acip/frame"
	"acip/render/internal/cell"

	"github.com/rivo/uniseg"
)

// TextStyle is how text looks. The zero value is the terminal's own colours; others become the nearest that the
// canvas's colour depth has.
type TextStyle struct {
	FG, BG Paint
	Attr   Attr
}

// Text writes s at column x, row y, cut at the screen's edges, and returns the columns that it takes. Clusters of runes
// stay together and take one or two columns. Control bytes, bidirectional marks and broken UTF-8 never pass.
func (c *Canvas) Text(x, y int, s string, t TextStyle) int {
	t.FG, t.BG = c.style.Color.reduce(t.FG), c.style.Color.reduce(t.BG)
	start, state := x, -1
	for len(s) > 0 {
		var cluster string
		var width int
		cluster, s, width, state = uniseg.FirstGraphemeClusterInString(s, state)
		if width = min(width, 2); width > 0 && printable(cluster) {
			c.put(x, y, cluster, width, t)
			x += width
		}
	}
	return x - start
}

// put writes one cluster, or blanks for as much of it as the edge leaves.
func (c *Canvas) put(x, y int, cluster string, width int, t TextStyle) {
	if y < 0 || y >= c.rows || x+width <= 0 || x >= c.cols {
		return
	}
	char := Cell{Glyph: c.glyph(cluster), FG: t.FG, BG: t.BG, Attr: t.Attr}
	if width == 1 {
		c.set(x, y, char)
		return
	}
	if x < 0 || x+1 >= c.cols {
		c.set(x, y, Cell{Glyph: cell.Blank, BG: t.BG, Attr: t.Attr})
		c.set(x+1, y, Cell{Glyph: cell.Blank, BG: t.BG, Attr: t.Attr})
		return
	}
	char.Part = cell.Lead
	c.set(x, y, char)
	c.set(x+1, y, Cell{BG: t.BG, Part: cell.Tail})
	c.want[y*c.cols+x] = char // setting the tail took it for a lead that loses its other half
}

// set puts one cell and blanks the other half of a wide glyph that it cuts.
func (c *Canvas) set(x, y int, char Cell) {
	if x < 0 || x >= c.cols || y < 0 || y >= c.rows {
		return
	}
	i := y*c.cols + x
	switch c.want[i].Part {
	case cell.Lead:
		c.must(i+1, cell.Flat(c.want[i].BG))
	case cell.Tail:
		c.must(i-1, cell.Flat(c.want[i].BG))
	}
	c.must(i, char)
}

// must makes the terminal show a cell as it is.
func (c *Canvas) must(i int, char Cell) {
	c.want[i], c.gain[i], c.history[i].tolerance = char, incomparable, 0
}

// Fill blanks the cells of r, clipped to the screen.
func (c *Canvas) Fill(r frame.Rect, t TextStyle) {
	r, t.BG = r.Intersect(c.bounds()), c.style.Color.reduce(t.BG)
	for y := r.Y; y < r.Y+r.H; y++ {
		for x := r.X; x < r.X+r.W; x++ {
			c.set(x, y, Cell{Glyph: cell.Blank, BG: t.BG, Attr: t.Attr & cell.Reverse})
		}
	}
}

// Box draws a frame of light lines along the inner edge of r; in an ASCII style of dashes and bars.
func (c *Canvas) Box(r frame.Rect, t TextStyle) {
	if r.W < 2 || r.H < 2 {
		return
	}
	t.FG, t.BG = c.style.Color.reduce(t.FG), c.style.Color.reduce(t.BG)
	right, bottom := r.X+r.W-1, r.Y+r.H-1
	lines := [...]string{"─", "│", "┌", "┐", "└", "┘"}
	if c.style.Glyphs == ASCII {
		lines = [...]string{"-", "|", "+", "+", "+", "+"}
	}
	for x := r.X + 1; x < right; x++ {
		c.put(x, r.Y, lines[0], 1, t)
		c.put(x, bottom, lines[0], 1, t)
	}
	for y := r.Y + 1; y < bottom; y++ {
		c.put(r.X, y, lines[1], 1, t)
		c.put(right, y, lines[1], 1, t)
	}
	c.put(r.X, r.Y, lines[2], 1, t)
	c.put(right, r.Y, lines[3], 1, t)
	c.put(r.X, bottom, lines[4], 1, t)
	c.put(right, bottom, lines[5], 1, t)
}

// TextWidth returns the columns that Text takes for s.
func TextWidth(s string) int {
	n, state := 0, -1
	for len(s) > 0 {
		var cluster string
		var width int
		cluster, s, width, state = uniseg.FirstGraphemeClusterInString(s, state)
		if width > 0 && printable(cluster) {
			n += min(width, 2)
		}
	}
	return n
}

// maxCluster bounds what one cell can cost; longer clusters are only made to annoy.
const maxCluster = 32

// printable reports whether a cluster may reach a terminal.
func printable(cluster string) bool {
	if len(cluster) > maxCluster || !utf8.ValidString(cluster) {
		return false
	}
	if r, n := utf8.DecodeRuneInString(cluster); n == len(cluster) && unicode.Is(unicode.Regional_Indicator, r) {
		return false // half a flag would become whole with the half in the next cell
	}
	for _, r := range cluster {
		joins := r == 0x200d || r == 0xfe0f || r == 0xfe0e
		if !joins && !unicode.IsGraphic(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return false
		}
	}
	return true
}

// glyph returns the cluster's glyph: its rune, or its place in the canvas's list.
func (c *Canvas) glyph(cluster string) Glyph {
	if r, n := utf8.DecodeRuneInString(cluster); n == len(cluster) {
		return Glyph(r)
	}
	for i, s := range c.clusters {
		if s == cluster {
			return cell.KindCluster | Glyph(i)
		}
	}
	c.clusters = append(c.clusters, cluster)
	return cell.KindCluster | Glyph(len(c.clusters)-1)
}
