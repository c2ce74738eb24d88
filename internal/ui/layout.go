package ui

import "acip/frame"

// Layout is how the tiles share the screen.
type Layout uint8

// The layouts, in the order in which the key goes through them.
const (
	Grid    Layout = iota
	Speaker        // one large, the others in a strip
	Solo           // one alone
	layouts
)

// String is the layout's name.
func (l Layout) String() string {
	return [...]string{"grid", "speaker", "solo"}[l%layouts]
}

// shape is a grid of tiles.
type shape struct{ cols, rows int }

// gaps between tiles, about as wide as high on a screen.
const (
	gapX = 2
	gapY = 1
)

// gapsFor leaves gaps out where every cell counts.
func gapsFor(area frame.Size) (x, y int) {
	if area.W < 60 || area.H < 18 {
		return 1, 0
	}
	return gapX, gapY
}

// bestShape is the grid whose tiles show pictures of this aspect (width by height, in pixels) largest. Fewer rows win
// where it is the same.
func bestShape(area, cell frame.Size, n int, aspect float64) shape {
	best, most := shape{1, 1}, -1.0
	gx, gy := gapsFor(area)
	for cols := 1; cols <= n; cols++ {
		rows := (n + cols - 1) / cols
		if cols*rows-n >= cols { // a row would be empty
			continue
		}
		w := float64((area.W-(cols-1)*gx)/cols) * float64(cell.W)
		h := float64((area.H-(rows-1)*gy)/rows) * float64(cell.H)
		seen := min(w, h*aspect)
		if seen > most*1.001 || seen > most*0.999 && rows < best.rows {
			best, most = shape{cols, rows}, seen
		}
	}
	return best
}

// gridRects are the tiles of a grid, row by row, for slots 0 to n-1. Tiles are of the same size, with gaps of gx and gy
// between them; what is left over goes to the outer edges. The last row is centred.
func gridRects(area frame.Rect, s shape, n, gx, gy int) []frame.Rect {
	w := max(1, (area.W-(s.cols-1)*gx)/s.cols)
	h := max(1, (area.H-(s.rows-1)*gy)/s.rows)
	left := area.X + max(0, area.W-s.cols*w-(s.cols-1)*gx)/2
	top := area.Y + max(0, area.H-s.rows*h-(s.rows-1)*gy)/2
	rects := make([]frame.Rect, n)
	for i := range rects {
		x, y := i%s.cols, i/s.cols
		missing := s.cols - min(s.cols, n-y*s.cols)
		r := frame.Rect{X: left + missing*(w+gx)/2 + x*(w+gx), Y: top + y*(h+gy), W: w, H: h}
		rects[i] = r.Intersect(area)
	}
	return rects
}

// speakerRects are one large tile and a strip of n small ones: below where the area is tall, at the right where it is
// wide. Strips that cannot hold all are filled with as many as fit.
func speakerRects(area frame.Rect, cell frame.Size, n int) (large frame.Rect, strip []frame.Rect) {
	if n == 0 {
		return area, nil
	}
	if area.W*cell.W >= area.H*cell.H*3/2 {
		return sideStrip(area, cell, n)
	}
	h := max(3, area.H/4)
	if area.H-h < 3 {
		return area, nil
	}
	large = frame.Rect{X: area.X, Y: area.Y, W: area.W, H: area.H - h}
	fit := min(n, max(1, area.W/10))
	gx, gy := gapsFor(area.Size())
	return large, gridRects(frame.Rect{X: area.X, Y: area.Y + area.H - h + gy, W: area.W, H: h - gy}, shape{fit, 1}, fit, gx, gy)
}

func sideStrip(area frame.Rect, cell frame.Size, n int) (large frame.Rect, strip []frame.Rect) {
	w := area.W / 5
	if w < 8 {
		return area, nil
	}
	gx, gy := gapsFor(area.Size())
	large = frame.Rect{X: area.X, Y: area.Y, W: area.W - w - gx, H: area.H}
	h := max(3, w*cell.W*3/4/cell.H) // tiles of 4:3
	fit := min(n, max(1, (area.H+gy)/(h+gy)))
	column := frame.Rect{X: area.X + area.W - w, Y: area.Y, W: w, H: min(area.H, fit*(h+gy)-gy)}
	column.Y += (area.H - column.H) / 2
	return large, gridRects(column, shape{1, fit}, fit, gx, gy)
}

// cornerRect is the place of one's own picture over the others, at the bottom right of the area: a fifth of it, and a
// third of the tile below at most; empty where that would be too small to see anything.
func cornerRect(area, below frame.Rect, cell, picture frame.Size) frame.Rect {
	const leastW, leastH = 8, 3
	if picture.Empty() {
		picture = frame.Size{W: 4, H: 3}
	}
	w := min(max(min(area.W/5, below.W/3), 10), area.W)
	h := (w*cell.W*picture.H + picture.W*cell.H/2) / (picture.W * cell.H)
	if most := max(below.H/2, leastH); h > most {
		w, h = max(leastW, w*most/h), most
	}
	h = max(h, leastH)
	if below.W < 2*leastW || below.H < 2*leastH {
		return frame.Rect{}
	}
	return frame.Rect{X: area.X + area.W - w, Y: area.Y + area.H - h, W: w, H: h}
}

// middle is a rectangle of this size in the middle of area, cut to it.
func middle(area frame.Rect, w, h int) frame.Rect {
	w, h = min(w, area.W), min(h, area.H)
	return frame.Rect{X: area.X + (area.W-w)/2, Y: area.Y + (area.H-h)/2, W: w, H: h}
}
