package cell

// ExtraRunes are the shapes beyond grids: eighths, wedges and triangles, each pair of complements as two runes. A
// second rune of 0 means that nothing looks like the first turned over.
//
// Eighths that are also octants (a quarter, a half) are not repeated.
var ExtraRunes = func() (t [][2]rune) {
	t = append(t, [][2]rune{
		{0x2581, 0x1fb86}, {0x2583, 0x1fb84}, {0x2585, 0x1fb83}, {0x2587, 0x2594}, // lower and upper eighths
		{0x2589, 0x2595}, {0x258a, 0x1fb87}, {0x258b, 0x1fb88}, {0x258d, 0x1fb89}, {0x258e, 0x1fb8a}, {0x258f, 0x1fb8b}, // left and right
	}...)
	for r := rune(0x1fb70); r <= 0x1fb81; r++ { // single eighths inside the cell, corners, stripes
		t = append(t, [2]rune{r, 0})
	}
	for r := rune(0x1fb3c); r <= 0x1fb51; r++ { // wedges
		t = append(t, [2]rune{r, r + 0x16})
	}
	for r := rune(0x1fb68); r <= 0x1fb6b; r++ { // three quarters, and the quarter that is left
		t = append(t, [2]rune{r, r + 4})
	}
	return append(t, [2]rune{0x25e2, 0x25e4}, [2]rune{0x25e3, 0x25e5}, [2]rune{0x1fb9a, 0x1fb9b})
}()

// Region reports whether a point of the unit cell is foreground.
type Region func(x, y float64) bool

// ExtraRegion returns the form of the first rune of each pair of ExtraRunes.
// Source: Unicode 16, chart U+1FB00, and the names of the characters.
func ExtraRegion(r rune) Region {
	switch {
	case r >= 0x2581 && r <= 0x2587:
		return Box(0, 1-float64(r-0x2580)/8, 1, 1)
	case r >= 0x2589 && r <= 0x258f:
		return Box(0, 0, float64(0x2590-r)/8, 1)
	case r >= 0x1fb70 && r <= 0x1fb75:
		k := float64(r-0x1fb70+1) / 8
		return Box(k, 0, k+.125, 1)
	case r >= 0x1fb76 && r <= 0x1fb7b:
		k := float64(r-0x1fb76+1) / 8
		return Box(0, k, 1, k+.125)
	case r >= 0x1fb7c && r <= 0x1fb81:
		return edges(r)
	case r >= 0x1fb3c && r <= 0x1fb51:
		return wedge(wedgeLines[r-0x1fb3c])
	}
	return triangle(r)
}

// Box returns the region from x0, y0 to before x1, y1.
func Box(x0, y0, x1, y1 float64) Region {
	return func(x, y float64) bool { return x >= x0 && x < x1 && y >= y0 && y < y1 }
}

// edges returns the eighths along more than one side.
func edges(r rune) Region {
	left, right := Box(0, 0, .125, 1), Box(.875, 0, 1, 1)
	top, bottom := Box(0, 0, 1, .125), Box(0, .875, 1, 1)
	third, fifth := Box(0, .25, 1, .375), Box(0, .5, 1, .625)
	return anyOf([...][]Region{
		{left, bottom}, {left, top}, {right, top}, {right, bottom}, {top, bottom}, {top, third, fifth, bottom},
	}[r-0x1fb7c])
}

func anyOf(of []Region) Region {
	return func(x, y float64) bool {
		for _, in := range of {
			if in(x, y) {
				return true
			}
		}
		return false
	}
}

// line is where a wedge's edge meets the cell's border, twice, in units of half the width and a third of the height,
// and the corner that is foreground.
type line struct{ x0, y0, x1, y1, cx, cy float64 }

var wedgeLines = [22]line{
	{0, 2, 1, 3, 0, 3}, {0, 2, 2, 3, 0, 3}, {0, 1, 1, 3, 0, 3}, {0, 1, 2, 3, 0, 3}, {0, 0, 1, 3, 0, 3},
	{0, 1, 1, 0, 2, 3}, {0, 1, 2, 0, 2, 3}, {0, 2, 1, 0, 2, 3}, {0, 2, 2, 0, 2, 3}, {0, 3, 1, 0, 2, 3}, {0, 2, 2, 1, 2, 3},
	{1, 3, 2, 2, 2, 3}, {0, 3, 2, 2, 2, 3}, {1, 3, 2, 1, 2, 3}, {0, 3, 2, 1, 2, 3}, {1, 3, 2, 0, 2, 3},
	{1, 0, 2, 1, 0, 3}, {0, 0, 2, 1, 0, 3}, {1, 0, 2, 2, 0, 3}, {0, 0, 2, 2, 0, 3}, {1, 0, 2, 3, 0, 3}, {0, 1, 2, 2, 0, 3},
}

func wedge(l line) Region {
	side := func(x, y float64) float64 { return (l.x1-l.x0)*(y-l.y0) - (l.y1-l.y0)*(x-l.x0) }
	corner := side(l.cx, l.cy)
	return func(x, y float64) bool { return side(2*x, 3*y)*corner > 0 }
}

// triangle returns a cell cut along its diagonals.
func triangle(r rune) Region {
	left := func(x, y float64) bool { return x < y && x < 1-y }
	right := func(x, y float64) bool { return x > y && x > 1-y }
	upper := func(x, y float64) bool { return y < x && y < 1-x }
	lower := func(x, y float64) bool { return y > x && y > 1-x }
	switch r {
	case 0x1fb68, 0x1fb69, 0x1fb6a, 0x1fb6b:
		missing := [...]Region{left, upper, right, lower}[r-0x1fb68]
		return func(x, y float64) bool { return !missing(x, y) }
	case 0x25e2:
		return func(x, y float64) bool { return x+y > 1 }
	case 0x25e3:
		return func(x, y float64) bool { return y > x }
	}
	return anyOf([]Region{upper, lower}) // 1FB9A
}
