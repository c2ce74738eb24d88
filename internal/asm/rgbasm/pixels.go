// Package rgbasm holds what generators of vector passes write where RGB24 pixels come out.
package rgbasm

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Pixels writes what makes sixteen RGB24 pixels of signed words and stores them at dst + 3·at: l is luma above black, u
// and v are both colour differences. coef is dwords of two factors: luma and v for red, luma and u for green, v and
// nothing for green, luma and u for blue. Sums are rounded by adding round, and shifted down.
func Pixels(l, u, v VecVirtual, coef []VecVirtual, round VecVirtual, shift uint64, dst, at Register) {
	zero := YMM()
	VPXOR(zero, zero, zero)
	r := dot(l, v, coef[0], round, shift, nil)
	b := dot(l, u, coef[3], round, shift, nil)
	more := [2]VecVirtual{YMM(), YMM()}
	VPUNPCKLWD(zero, v, more[0])
	VPUNPCKHWD(zero, v, more[1])
	for _, m := range more {
		VPMADDWD(coef[2], m, m)
	}
	store(r, dot(l, u, coef[1], round, shift, &more), b, dst, at)
}

// dot is a colour's words: pairs of a and b times the pair of coefficients, plus more, rounded.
func dot(a, b, coef, round VecVirtual, shift uint64, more *[2]VecVirtual) VecVirtual {
	lo, hi := YMM(), YMM()
	VPUNPCKLWD(b, a, lo)
	VPUNPCKHWD(b, a, hi)
	for i, half := range []VecVirtual{lo, hi} {
		VPMADDWD(coef, half, half)
		if more != nil {
			VPADDD(more[i], half, half)
		}
		VPADDD(round, half, half)
		VPSRAD(Imm(shift), half, half)
	}
	VPACKSSDW(hi, lo, lo)
	return lo
}

// store writes the words of three colours as pixels.
func store(r, g, b VecVirtual, dst, at Register) {
	VPACKUSWB(g, r, r) // in each half: eight reds, eight greens
	VPACKUSWB(b, b, b)
	first, second, t := YMM(), YMM(), YMM()
	order := interleave()
	VPSHUFB(order.Offset(0), r, first)
	VPSHUFB(order.Offset(32), b, t)
	VPOR(t, first, first)
	VPSHUFB(order.Offset(64), r, second)
	VPSHUFB(order.Offset(96), b, t)
	VPOR(t, second, second)
	out := GP64()
	LEAQ(Mem{Base: at, Index: at, Scale: 2}, out)
	ADDQ(dst, out)
	VMOVDQU(first.AsX(), Mem{Base: out})
	VMOVQ(second.AsX(), Mem{Base: out, Disp: 16})
	VEXTRACTI128(Imm(1), first, Mem{Base: out, Disp: 24})
	VEXTRACTI128(Imm(1), second, t.AsX())
	VMOVQ(t.AsX(), Mem{Base: out, Disp: 40})
}

// interleave is four shuffles, the same in both halves: where reds and greens, then blues, go in the first 16 bytes of
// eight pixels, and the same for the other 8.
func interleave() Mem {
	m := GLOBL("interleave", RODATA|NOPTR)
	at := 0
	for _, span := range [2][2]int{{0, 16}, {16, 24}} {
		for _, blue := range []bool{false, true} {
			for i := range 32 {
				DATA(at+i, U8(origin(span[0]+i%16, span[1], blue)))
			}
			at += 32
		}
	}
	return m
}

// origin is where byte k of eight RGB pixels comes from, or 0x80 for a zero.
func origin(k, end int, blue bool) byte {
	px, channel := k/3, k%3
	if k >= end || blue != (channel == 2) {
		return 0x80
	}
	if channel == 1 {
		return byte(8 + px)
	}
	return byte(px)
}
