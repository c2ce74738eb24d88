package pool

// slots are the places of a pool. The free ones are a stack: the slot that was freed last is used next.
type slots struct {
	total int
	free  []int
}

// newSlots returns slots that are all free, the first on top.
func newSlots(total int) slots {
	s := slots{total: total, free: make([]int, total)}
	for i := range s.free {
		s.free[i] = total - 1 - i
	}
	return s
}

// take returns a free slot; ok is false if there is none.
func (s *slots) take() (slot int, ok bool) {
	last := len(s.free) - 1
	if last < 0 {
		return 0, false
	}
	slot = s.free[last]
	s.free = s.free[:last]
	return slot, true
}

// give frees a slot. Each take is matched by one give.
func (s *slots) give(slot int) { s.free = append(s.free, slot) }

// used returns how many are taken.
func (s *slots) used() int { return s.total - len(s.free) }
