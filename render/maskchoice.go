package render

// choose returns the best pair and glyph of a set, first being the one with the greatest score. The score takes every
// colour for possible, also beyond 0…255 and between inks, so that what it finds may be worse than it looks; then the
// next ones are tried, until nothing that is left could be better.
func (s *maskSet) choose(sums []maskSum, total maskSum, first int, ink ink) (pair, Glyph) {
	first = min(first, len(s.glyphs)-1) // where all score nothing, padding scores as much
	best := s.solve(first, &sums[first], total, ink)
	glyph := s.glyphs[first]
	if ink == nil && !best.limited() {
		return best, glyph
	}
	flat := flatError(total)
	for i, g := range s.glyphs {
		if i == first || flat-s.bound(i, &sums[i], total) >= best.error {
			continue
		}
		if q := s.solve(i, &sums[i], total, ink); q.error < best.error {
			best, glyph = q, g
		}
	}
	return best, glyph
}

// limited reports whether a colour is at the end of its range.
func (p pair) limited() bool {
	for shift := 0; shift < 24; shift += 8 {
		f, b := p.fg>>shift&0xff, p.bg>>shift&0xff
		if f == 0 || f == 255 || b == 0 || b == 255 {
			return true
		}
	}
	return false
}

// flatError returns the error of one colour, the mean.
func flatError(total maskSum) (e float32) {
	for ch := range 3 {
		e -= float32(total[ch]) * float32(total[ch]) / cellPixels
	}
	return e
}

// bound returns the most that mask i can save.
func (s *maskSet) bound(i int, sum *maskSum, total maskSum) float32 {
	var d float32
	for ch := range 3 {
		v := float32(cellPixels*sum[ch] - s.table[i].area*total[ch])
		d += v * v
	}
	return d * s.table[i].weight
}
