package codec

// huffman counts symbols and then holds the best code for them, of at most 16 bits.
type huffman struct {
	count  [257]int // the last one is a reserved symbol, so that no code is all ones
	bits   [17]uint8
	values []uint8 // symbols by length of code
	code   [256]uint16
	size   [256]uint8
}

func (h *huffman) reset() {
	h.count = [257]int{256: 1}
	h.bits = [17]uint8{}
	h.values = h.values[:0]
}

// build makes the code, by the procedures of ITU T.81 annex K.2 and C.2.
func (h *huffman) build() {
	length := h.lengths()
	var bits [33]int
	for _, n := range length {
		bits[n]++
	}
	limit(&bits)
	for i := 1; i <= 16; i++ {
		h.bits[i] = uint8(bits[i])
	}
	h.order(&length)
	h.assign()
}

// lengths joins the two rarest trees until one is left; K.1.
func (h *huffman) lengths() (length [257]uint8) {
	count := h.count
	var next [257]int // rest of the chain of a tree's symbols, plus one
	for {
		a, b := rarest(&count)
		if b < 0 {
			return length
		}
		count[a] += count[b]
		count[b] = 0
		last := a
		for length[a]++; next[last] != 0; {
			last = next[last] - 1
			length[last]++
		}
		next[last] = b + 1
		for length[b]++; next[b] != 0; {
			b = next[b] - 1
			length[b]++
		}
	}
}

// rarest returns the two trees that occur least; the second is -1 where there is only one.
func rarest(count *[257]int) (a, b int) {
	a, b = -1, -1
	for i, n := range count {
		switch {
		case n == 0:
		case a < 0 || n <= count[a]:
			a, b = i, a
		case b < 0 || n <= count[b]:
			b = i
		}
	}
	return a, b
}

// limit shortens codes of more than 16 bits and takes out the reserved symbol; K.3.
func limit(bits *[33]int) {
	for i := 32; i > 16; i-- {
		for bits[i] > 0 {
			j := i - 2
			for bits[j] == 0 {
				j--
			}
			bits[i] -= 2
			bits[i-1]++
			bits[j+1] += 2
			bits[j]--
		}
	}
	for i := 16; i > 0; i-- {
		if bits[i] > 0 {
			bits[i]--
			return
		}
	}
}

// order lists the symbols by the length of their codes.
func (h *huffman) order(length *[257]uint8) {
	for n := uint8(1); n <= 32; n++ {
		for i, l := range length[:256] {
			if l == n {
				h.values = append(h.values, uint8(i))
			}
		}
	}
}

// assign numbers the codes.
func (h *huffman) assign() {
	code, k := uint16(0), 0
	for n := 1; n <= 16; n++ {
		for range h.bits[n] {
			h.code[h.values[k]], h.size[h.values[k]] = code, uint8(n)
			code++
			k++
		}
		code <<= 1
	}
}
