package render

import "math"

// A corner's sum is that of all pixels of a cell that are not right of it nor below it. Under any mask the pixels sum
// up to as many corners, weighted, as the mask's edge has bends: ten pairs for a wedge, two for a bar, while the pixels
// sumUnder it are a hundred. So the corners are summed once, and every mask from them; octants and sextants are
// differences of a few.
const (
	subCells     = 15 // eight octants, six sextants, and the whole cell
	firstSextant = 8
	wholeCell    = 14
)

// cornerGroup is what up to eight cells' pixels come to, lanes side by side.
type cornerGroup struct {
	pairs      [64 * 3 * 8]uint32        // corners of two rows each, for vectors
	rb, g      [subCells][8]uint32       // sums of sub-cells: red with blue in the upper half, and green
	px         [2][8 * cellStride]uint32 // their means, as the searches of octants and sextants want them
	deviations [extraCount * 3 * 8]int32 // cellPixels*opaque times how far the pixels under each mask are from the mean
	best       [8]uint32                 // the mask with the greatest score
	packed     [cellPixels]packed        // a cell's corners, for plain Go
}

// cornerTable is a set of masks as weighted corners.
type cornerTable struct {
	set   *maskSet
	terms []cornerTerm // as plain Go adds them up, four at a time
	ends  []int        // of each mask's terms
	steps []cornerStep // as vectors do: pairs of rows, with what makes a deviation of a sum
	heads []cornerHead
}

type cornerTerm struct {
	weight packed // times opaque; what is less than nothing on the way is not in the end
	at     uint8  // y*8+x
}

type cornerStep struct{ at, weights int32 } // where in pairs, in bytes; two words

type cornerHead struct {
	steps  int32 // half of them
	weight float32
}

// newCornerTable takes the masks apart that have glyphs.
func newCornerTable(s *maskSet) *cornerTable {
	t := &cornerTable{set: s}
	for i := range s.glyphs {
		m := &s.masks[i]
		var weights [cellPixels]int32
		for at := range weights {
			weights[at] = m.cornerWeight(at%8, at/8)
			if weights[at] != 0 {
				t.terms = append(t.terms, cornerTerm{packed(int64(weights[at])), uint8(at)})
			}
			weights[at] *= cellPixels
		}
		for len(t.terms)%4 > 0 {
			t.terms = append(t.terms, cornerTerm{})
		}
		t.ends = append(t.ends, len(t.terms))
		weights[cellPixels-1] -= s.table[i].area
		t.appendSteps(&weights, s.table[i].weight)
	}
	return t
}

// appendSteps appends the steps of a mask.
func (t *cornerTable) appendSteps(weights *[cellPixels]int32, weight float32) {
	began := len(t.steps)
	for y := 0; y < 16; y += 2 {
		for x := range 8 {
			upper, lower := weights[y*8+x], weights[y*8+8+x]
			if upper != 0 || lower != 0 {
				t.steps = append(t.steps, cornerStep{int32((y/2*8 + x) * 3 * 8 * 4), upper&0xffff | lower<<16})
			}
		}
	}
	if (len(t.steps)-began)%2 == 1 {
		t.steps = append(t.steps, cornerStep{})
	}
	t.heads = append(t.heads, cornerHead{int32(len(t.steps)-began) / 2, weight})
}

// cornerWeight returns the weight of the corner at x, y: how the mask changes there both across and down.
func (m *mask) cornerWeight(x, y int) int32 {
	at := func(x, y int) int32 {
		if x > 7 || y > 15 {
			return 0
		}
		return int32(m[y*8+x])
	}
	return at(x, y) - at(x+1, y) - at(x, y+1) + at(x+1, y+1)
}

// search sums and scores count cells of 8x16 samples, of which rows are stride bytes apart; eight at least where there
// are vectors for it.
func (g *cornerGroup) search(t *cornerTable, samples []byte, stride, count int) {
	if hasCellVector && count == 8 {
		searchCornersVector(g, t, samples, stride)
		return
	}
	g.searchPlain(t, samples, stride, count)
}

// searchPlain is search in plain Go; the vector one agrees with it bit by bit.
func (g *cornerGroup) searchPlain(t *cornerTable, samples []byte, stride, count int) {
	for lane := range count {
		g.add(samples[lane*8*4:], stride)
		g.divide(lane)
		g.best[lane] = g.score(t, lane)
	}
}

// add sums up a cell's corners.
func (g *cornerGroup) add(samples []byte, stride int) {
	var above [8]packed
	for y := range 16 {
		row, here := samples[y*stride:][:32], g.packed[y*8:][:8]
		var sum packed
		for x := range above {
			sum += pack(le32(row[x*4:]))
			above[x] += sum
			here[x] = above[x]
		}
	}
}

// divide makes the sums and the means of one lane's sub-cells.
func (g *cornerGroup) divide(lane int) {
	k := 0
	for side, l := range blockGrids {
		var left, right packed
		for i := range l.subs / 2 {
			bottom := 15
			if i+1 < len(l.ys) {
				bottom = l.ys[i+1] - 1
			}
			nextLeft, nextRight := g.packed[bottom*8+3], g.packed[bottom*8+7]-g.packed[bottom*8+3]
			g.put(k, lane, nextLeft-left)
			g.put(k+1, lane, nextRight-right)
			left, right = nextLeft, nextRight
			k += 2
		}
		for i := range cellStride {
			p := uint32(0)
			if i < l.subs {
				s, by := g.sub(side*firstSextant+i, lane), subReciprocals[l.area[i]&7]
				p = uint32(s.r())*by>>12 | uint32(s.g())*by>>12<<8 | uint32(s.b())*by>>12<<16
			}
			g.px[side][lane*cellStride+i] = p
		}
	}
	g.put(wholeCell, lane, g.packed[cellPixels-1])
}

// subReciprocals divide a sum of n times 4 pixels: 1<<12 are one.
var subReciprocals = [8]uint32{4: 1 << 12 / 16, 5: 1<<12/20 + 1, 6: 1<<12/24 + 1}

func (g *cornerGroup) put(k, lane int, p packed) {
	s := p.sum()
	g.rb[k][lane], g.g[k][lane] = uint32(s[0])|uint32(s[2])<<16, uint32(s[1])
}

// sub returns the sum of sub-cell k.
func (g *cornerGroup) sub(k, lane int) sums {
	return sums(g.rb[k][lane]) | sums(g.g[k][lane])<<32
}

// score finds one lane's deviations, and the mask that they make the best.
func (g *cornerGroup) score(t *cornerTable, lane int) (best uint32) {
	total := g.packed[cellPixels-1].sum()
	from := 0
	for i, end := range t.ends {
		var p packed
		for terms := t.terms[from:end]; len(terms) >= 4; terms = terms[4:] {
			a, b, c, d := &terms[0], &terms[1], &terms[2], &terms[3]
			p += g.packed[a.at&(cellPixels-1)]*a.weight + g.packed[b.at&(cellPixels-1)]*b.weight +
				g.packed[c.at&(cellPixels-1)]*c.weight + g.packed[d.at&(cellPixels-1)]*d.weight
		}
		from = end
		s, w := p.sum(), &t.set.table[i]
		d := g.deviations[i*3*8+lane:][:17]
		d[0], d[8], d[16] = cellPixels*s[0]-w.area*total[0], cellPixels*s[1]-w.area*total[1], cellPixels*s[2]-w.area*total[2]
		r, g, b := float32(d[0]), float32(d[8]), float32(d[16])
		saves := float32(float32(float32(r*r)+float32(g*g))+float32(b*b)) * w.weight
		best = max(best, math.Float32bits(saves)&^(maxMasks-1)|uint32(i))
	}
	return best
}

// sumUnder returns the sum of the pixels under mask i, times opaque.
func (g *cornerGroup) sumUnder(t *cornerTable, i, lane int, total maskSum) maskSum {
	d, area := g.deviations[i*3*8+lane:][:17], t.set.table[i].area
	return maskSum{(d[0] + area*total[0]) / cellPixels, (d[8] + area*total[1]) / cellPixels, (d[16] + area*total[2]) / cellPixels}
}
