package render

import (
	"encoding/binary"
	"math"
	"math/bits"

	"acip/frame"
	"acip/render/internal/cell"
)

const (
	maxSubs        = 9   // sub-cells of the finest grid: braille's dots and what is between them
	maxPatterns    = 256 // patterns of them with the last sub-cell in the background; the others are these turned over
	cellStride     = 8   // sub-cells of a cell in a row of them, if the grid has no more than that
	wideCellStride = 16  // and if it has

	scorePatterns = 128 // patterns that a vector search tells apart
	cellArea      = 32  // the area of a cell, in units of 4 of its 8x16 pixels
)

// glyphGrid is a set of glyphs that are all the patterns of a grid of sub-cells.
type glyphGrid struct {
	subs       int
	xs, ys     []int                  // where the sub-cells begin in a cell of 8x16 pixels
	cellStride int                    // from one cell's sub-cells to the next
	area       [wideCellStride]uint64 // of each sub-cell; they sum to cellArea
	shape      [maxPatterns]uint16    // the shape of each pattern
	filled     [maxPatterns]uint8     // the area of each pattern's foreground
	areas      []uint8                // the distinct ones of those
	perArea    [cellArea]float32      // filled*(cellArea-filled), the reciprocal of the weight, by area
	table      gridTable
	// pattern maps a shape back to its pattern; 0 for shapes of other sets.
	pattern [cell.ShapeCount]uint8
}

// gridTable is what vectors read: much of the glyphGrid again, in words.
type gridTable struct {
	area       [2 * cellStride]int16 // each twice: for red and green, which lie side by side
	weight     [maxPatterns]float32
	shape      [maxPatterns]Glyph
	filled     [maxPatterns]int32
	reciprocal [64]uint32     // of areas
	pattern    [1 << 10]int32 // of shapes
}

var (
	quadrants = newGlyphGrid([]int{0, 4}, []int{0, 8}, func(p int) int {
		return p&1*0x05 | p>>1&1*0x0a | p>>2&1*0x50 | p>>3&1*0xa0
	})
	sextants = newGlyphGrid([]int{0, 4}, []int{0, 5, 11}, func(p int) int { return cell.SextantShapes + p })
	halves   = newGlyphGrid([]int{0}, []int{0, 8}, func(p int) int { return p&1*0x0f | p>>1*0xf0 })
	octants  = newGlyphGrid([]int{0, 4}, []int{0, 4, 8, 12}, func(p int) int { return cell.OctantShapes + p })
)

func newGlyphGrid(xs, ys []int, shape func(pattern int) int) *glyphGrid {
	l := &glyphGrid{subs: len(xs) * len(ys), xs: xs, ys: ys, cellStride: cellStride}
	for i := range l.subs {
		w, h := 8/len(xs), 16
		if row := i / len(xs); row+1 < len(ys) {
			h = ys[row+1]
		}
		l.area[i] = uint64(w * (h - ys[i/len(xs)]) / 4)
		l.table.area[2*i], l.table.area[2*i+1] = int16(l.area[i]), int16(l.area[i])
	}
	copy(l.table.reciprocal[:], reciprocals[:])
	l.number(shape)
	for n, v := range l.perArea {
		if v > 0 {
			l.areas = append(l.areas, uint8(n))
		}
	}
	return l
}

// number fills in what depends on the pattern.
func (l *glyphGrid) number(shape func(pattern int) int) {
	for p := range 1 << (l.subs - 1) {
		n := 0
		for i := range l.subs {
			n += int(l.area[i]) * (p >> i & 1)
		}
		l.shape[p], l.filled[p] = uint16(shape(p)), uint8(n)
		l.pattern[shape(p)] = uint8(p)
		l.table.shape[p], l.table.filled[p], l.table.pattern[shape(p)] = cell.KindShape|Glyph(shape(p)), int32(n), int32(p)
		if p > 0 {
			l.table.weight[p] = float32(1 / float64(n*(cellArea-n)))
			l.perArea[n] = float32(n * (cellArea - n))
		}
	}
}

// axes cuts a picture into the sub-cells.
func (l *glyphGrid) axes(cols, rows int) (x, y frame.Axis) {
	return frame.Cut(cols, 8, l.xs...), frame.Cut(rows, 16, l.ys...)
}

// gather collects the sub-cells of one row of cells, cellStride per cell.
func (l *glyphGrid) gather(dst []uint32, samples []byte, cols int) {
	if l.cellStride == wideCellStride {
		gatherDots(dst, samples, cols)
		return
	}
	if len(l.xs) == 2 {
		gatherPairs(dst, samples, cols, len(l.ys))
		return
	}
	for y := range len(l.ys) {
		row := samples[y*cols*4:][:cols*4]
		for x := range cols {
			dst[x*cellStride+y] = le32(row[x*4:])
		}
	}
}

// gatherPairs is gather for two sub-cells side by side.
func gatherPairs(dst []uint32, samples []byte, cols, rows int) {
	for y := range rows {
		row := samples[y*cols*8:][:cols*8]
		d := dst[2*y:]
		for len(row) >= 8 {
			v := binary.LittleEndian.Uint64(row)
			row = row[8:]
			d[0], d[1] = uint32(v), uint32(v>>32)
			if len(d) <= cellStride {
				break
			}
			d = d[cellStride:]
		}
	}
}

// search returns the pattern whose two mean colours leave the least squared error: the one that maximizes
// |Σ (p − mean)|² over its foreground, divided by the areas of both parts. It scores every pattern. The square splits into
// what the first four sub-cells contribute, what the others contribute, and twice the product of the two sums, which
// takes one product for each of the first four. The lowest bits of a score hold its pattern, so that the greatest score
// is the answer.
func (l *glyphGrid) search(px []uint32) uint32 {
	var d [maxSubs][3]int32
	l.deviations(px, &d)
	patterns := uint32(1) << (l.subs - 1)
	r := argmax{mask: max(scorePatterns, patterns) - 1}
	var low [16][3]int32
	var square [16]int32
	for i := 1; i < 16; i++ {
		low[i] = add3(&low[i&(i-1)], &d[bits.TrailingZeros(uint(i))&7])
		square[i] = dot3(&low[i], &low[i])
	}
	for high := uint32(0); high < patterns; high += 16 {
		var sum [3]int32
		for k := 4; k < l.subs-1; k++ {
			if high>>k&1 == 1 {
				sum = add3(&sum, &d[k])
			}
		}
		own := dot3(&sum, &sum)
		a, b := 2*dot3(&sum, &d[0]), 2*dot3(&sum, &d[1])
		mixed := [4]int32{own, own + a, own + b, own + a + b}
		c, e := 2*dot3(&sum, &d[2]), 2*dot3(&sum, &d[3])
		filled := l.filled[high:][:16]
		for i, m := range [4]int32{0, c, e, c + e} {
			of, areas := square[4*i:][:4], filled[4*i:][:4]
			for k := range 4 {
				if v := of[k] + mixed[k] + m; v >= r.least[areas[k]&(cellArea-1)] {
					r.consider(l, v, high|uint32(4*i+k))
				}
			}
		}
	}
	return r.best & (patterns - 1)
}

// argmax holds the best score so far, and for each area the least square that could beat it.
type argmax struct {
	best, mask uint32
	least      [cellArea]int32
}

// consider scores the square of a pattern and keeps it if it is the best.
func (r *argmax) consider(l *glyphGrid, square int32, pattern uint32) {
	score := math.Float32bits(float32(square)*l.table.weight[pattern&(maxPatterns-1)])&^r.mask | pattern
	if score <= r.best {
		return
	}
	r.best = score
	beaten := math.Float32frombits(score&^r.mask) * (1 - 1./(1<<20))
	for _, n := range l.areas {
		r.least[n&(cellArea-1)] = int32(beaten * l.perArea[n&(cellArea-1)])
	}
}

func add3(a, b *[3]int32) [3]int32 { return [3]int32{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }

func dot3(a, b *[3]int32) int32 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// deviations sets d to each sub-cell's sum minus what the cell's mean would make it, times the cell's area, divided by
// four so that it fits 16 bits.
func (l *glyphGrid) deviations(px []uint32, d *[maxSubs][3]int32) {
	px = px[:l.subs]
	var all sums
	for i, p := range px {
		all += spread(p) * sums(l.area[i&(wideCellStride-1)])
	}
	r, g, b := all.r(), all.g(), all.b()
	for i, p := range px {
		n := int32(l.area[i&(wideCellStride-1)])
		d[i%maxSubs] = [3]int32{n * ((cellArea*red(p) - r) >> 1) >> 1, n * ((cellArea*green(p) - g) >> 1) >> 1, n * ((cellArea*blue(p) - b) >> 1) >> 1}
	}
}

func red(p uint32) int32   { return int32(p & 0xff) }
func green(p uint32) int32 { return int32(p >> 8 & 0xff) }
func blue(p uint32) int32  { return int32(p >> 16 & 0xff) }

// searchRow searches every cell of a row.
func (l *glyphGrid) searchRow(best, px []uint32) {
	if hasVector && l.cellStride == cellStride {
		searchGridVector(best, px, l)
		return
	}
	l.searchPlain(best, px)
}

// searchPlain is searchRow in plain Go; the vector version agrees with it bit for bit.
func (l *glyphGrid) searchPlain(best, px []uint32) {
	for i := range best {
		best[i] = l.search(px[i*l.cellStride:][:l.cellStride])
	}
}
