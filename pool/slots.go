package pool

// slots is the places of a pool. Which are free is kept as a stack, so that one
// given back is the next to be used.
type slots struct {
	total int
	free  []int
}

// newSlots has all places free, the first on top.
func newSlots(total int) slots {
	s := slots{total: total, free: make([]int, total)}
	for i := range s.free {
		s.free[i] = total - 1 - i
	}
	return s
}

// take is a free place; ok is false when there is none.
func (s *slots) take() (slot int, ok bool) {
	last := len(s.free) - 1
	if last < 0 {
		return 0, false
	}
	slot = s.free[last]
	s.free = s.free[:last]
	return slot, true
}

// give frees a place. Each take is matched by one give.
func (s *slots) give(slot int) { s.free = append(s.free, slot) }

// used is how many are taken.
func (s *slots) used() int { return s.total - len(s.free) }
