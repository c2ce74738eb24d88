package codec

// bitWriter appends bits, most significant first, with JPEG's zero byte after each 0xFF.
type bitWriter struct {
	out  []byte
	acc  uint64
	free int // bits of acc not yet taken
}

func (w *bitWriter) reset(dst []byte) { w.out, w.acc, w.free = dst, 0, 64 }

// put appends the n low bits of v, n ≤ 32.
func (w *bitWriter) put(v uint32, n int) {
	if n > w.free {
		w.drain()
	}
	w.free -= n
	w.acc |= uint64(v) << w.free
}

// drain moves the whole bytes out.
func (w *bitWriter) drain() {
	for w.free <= 56 {
		b := byte(w.acc >> 56)
		w.out = append(w.out, b)
		if b == 0xFF {
			w.out = append(w.out, 0)
		}
		w.acc <<= 8
		w.free += 8
	}
}

// end pads the last byte with ones.
func (w *bitWriter) end() []byte {
	w.drain()
	if w.free < 64 {
		w.put(1<<(w.free-56)-1, w.free-56)
		w.drain()
	}
	return w.out
}
