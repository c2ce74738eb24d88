package ycc

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// noisy is n bytes, half of them at an end of their range.
func noisy(r *rand.Rand, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(r.Uint32()) | byte(r.IntN(2)*255)
	}
	return p
}

// The vector passes and the plain ones make the same bytes, at every width, and touch nothing beside them.
func TestVectorPassesAgreeWithPlainOnes(t *testing.T) {
	if !hasVector {
		t.Skip("no vector passes here")
	}
	r := rand.New(rand.NewPCG(9, 10))
	for name, m := range map[string]Matrix{"limited": BT601(), "full": JFIF()} {
		plain := m
		plain.pure = true
		for w := 1; w < 150; w++ {
			top, bottom := noisy(r, w*3), noisy(r, w*3)
			if a, b := forth(&m, top, bottom), forth(&plain, top, bottom); !bytes.Equal(a, b) {
				t.Fatalf("%s, %d wide: Y'CbCr differs\n%v\n%v", name, w, a, b)
			}
			luma, near, far := noisy(r, w), noisy(r, (w+1)/2), noisy(r, (w+1)/2)
			if a, b := back(&m, luma, near, far), back(&plain, luma, near, far); !bytes.Equal(a, b) {
				t.Fatalf("%s, %d wide: RGB differs\n%v\n%v", name, w, a, b)
			}
		}
	}
}

// guard stands behind each slice that a pass writes.
const guard = 0xA5

// forth converts two rows into Y, Y, Cb and Cr, each with a guard behind it.
func forth(m *Matrix, top, bottom []byte) []byte {
	w := len(top) / 3
	c := (w + 1) / 2
	out := bytes.Repeat([]byte{guard}, 2*w+2*c+4*32)
	cut := func(n int) (part []byte) {
		part, out = out[:n:n], out[n+32:]
		return part
	}
	all := out
	y0, y1, u, v := cut(w), cut(w), cut(c), cut(c)
	m.FromRGB(y0, y1, u, v, slices.Clip(top), slices.Clip(bottom))
	return all
}

// back converts a row, with the same chroma for both.
func back(m *Matrix, luma, near, far []byte) []byte {
	var row Chroma
	row.Resize(len(luma))
	m.Fill(&row, row.U, near, far)
	m.Fill(&row, row.V, far, near)
	all := bytes.Repeat([]byte{guard}, len(luma)*3+32)
	m.ToRGB(all[:len(luma)*3], luma, row.U, row.V)
	return all
}
