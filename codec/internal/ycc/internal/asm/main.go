// Command asm writes the AVX2 passes between RGB and Y'CbCr.
package main

import (
	"acip/internal/asm/rgbasm"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	fromRGB()
	mix()
	spread()
	toRGB()
	Generate()
}

// broadcast is a register with the dword at m everywhere.
func broadcast(m Mem) VecVirtual {
	y := YMM()
	VPBROADCASTD(m, y)
	return y
}

// blocks begins a loop over n elements, size at a time, of which the last overlaps what was done before; the function
// that it returns ends it.
func blocks(n Register, size uint64) (at Register, next func()) {
	i, last := GP64(), GP64()
	XORQ(i, i)
	MOVQ(n, last)
	SUBQ(Imm(size), last)
	Label("block")
	return i, func() {
		CMPQ(i, last)
		JGE(LabelRef("done"))
		ADDQ(Imm(size), i)
		CMPQ(i, last)
		CMOVQGT(last, i)
		JMP(LabelRef("block"))
		Label("done")
		VZEROUPPER()
		RET()
	}
}

// masks are the shuffles of four pixels: words R G, then words B 0, for 12 bytes at the beginning of each half, and the
// same where the upper half's begin four bytes later, so that nothing is read beyond the last pixel.
func masks() Mem {
	m := GLOBL("pixels", RODATA|NOPTR)
	for table := range 4 {
		blue, late := table%2 == 1, table >= 2
		for i := range 32 {
			px, odd, upper := i%16/4, i%4, i >= 16
			from := px*3 + odd/2
			if blue {
				from = px*3 + 2
			}
			if late && upper {
				from += 4
			}
			if odd%2 == 1 || blue && odd > 0 {
				from = 0x80
			}
			DATA(table*32+i, U8(uint8(from)))
		}
	}
	return m
}

// fromRGB makes sixteen columns of two rows at a time.
func fromRGB() {
	TEXT("fromRGBAVX2", NOSPLIT, "func(y0, y1, u, v, top, bottom *byte, n int, c *int16)")
	Pragma("noescape")
	Doc("fromRGBAVX2 is fromRGB for an even n ≥ 16 of columns. c is pairs: luma's of red and green, of blue and 0, then Cb's and Cr's.")
	out := [2]Register{Load(Param("y0"), GP64()), Load(Param("y1"), GP64())}
	us, vs := Load(Param("u"), GP64()), Load(Param("v"), GP64())
	in := [2]Register{Load(Param("top"), GP64()), Load(Param("bottom"), GP64())}
	n, c := Load(Param("n"), GP64()), Load(Param("c"), GP64())
	var coef [6]Mem
	for i := range coef {
		coef[i] = AllocLocal(32)
		VMOVDQU(broadcast(Mem{Base: c, Disp: 4 * i}), coef[i])
	}
	lumaRound, chromaRound := broadcast(Mem{Base: c, Disp: 24}), broadcast(Mem{Base: c, Disp: 28})
	m := masks()
	at, next := blocks(n, 16)

	px := GP64()
	LEAQ(Mem{Base: at, Index: at, Scale: 2}, px)
	var sums [2][2]VecVirtual // of both rows: eight pixels' R G words and B words
	for row := range 2 {
		var luma [2]VecVirtual
		for half, from := range []int{0, 24} {
			upper := from + 12
			rgMask, bMask := m.Offset(0), m.Offset(32)
			if half == 1 {
				upper, rgMask, bMask = from+8, m.Offset(64), m.Offset(96)
			}
			rg, b := YMM(), YMM()
			VMOVDQU(Mem{Base: in[row], Index: px, Scale: 1, Disp: from}, rg.AsX())
			VINSERTI128(Imm(1), Mem{Base: in[row], Index: px, Scale: 1, Disp: upper}, rg, rg)
			VPSHUFB(bMask, rg, b)
			VPSHUFB(rgMask, rg, rg)
			l, t := YMM(), YMM()
			VPMADDWD(coef[0], rg, l)
			VPMADDWD(coef[1], b, t)
			VPADDD(t, l, l)
			VPADDD(lumaRound, l, l)
			VPSRAD(Imm(15), l, l)
			luma[half] = l
			if row == 0 {
				sums[half] = [2]VecVirtual{rg, b}
			} else {
				VPADDW(rg, sums[half][0], sums[half][0])
				VPADDW(b, sums[half][1], sums[half][1])
			}
		}
		VPACKSSDW(luma[1], luma[0], luma[0])
		VPERMQ(Imm(0xD8), luma[0], luma[0])
		VPACKUSWB(luma[0], luma[0], luma[0])
		VPERMQ(Imm(0xD8), luma[0], luma[0])
		VMOVDQU(luma[0].AsX(), Mem{Base: out[row], Index: at, Scale: 1})
	}
	half := GP64()
	MOVQ(at, half)
	SHRQ(Imm(1), half)
	for i, dst := range []Register{us, vs} {
		var parts [2]VecVirtual
		for k := range parts {
			a, b := YMM(), YMM()
			VPMADDWD(coef[2+2*i], sums[k][0], a)
			VPMADDWD(coef[3+2*i], sums[k][1], b)
			VPADDD(b, a, a)
			parts[k] = a
		}
		// Pairs of columns: 0 1 4 5 | 2 3 6 7.
		VPHADDD(parts[1], parts[0], parts[0])
		VPERMQ(Imm(0xD8), parts[0], parts[0])
		VPADDD(chromaRound, parts[0], parts[0])
		VPSRAD(Imm(17), parts[0], parts[0])
		hi := XMM()
		VEXTRACTI128(Imm(1), parts[0], hi)
		lo := parts[0].AsX()
		VPACKSSDW(hi, lo, lo)
		VPACKUSWB(lo, lo, lo)
		VMOVQ(lo, Mem{Base: dst, Index: half, Scale: 1})
	}
	next()
}

// mix makes sixteen words at a time.
func mix() {
	TEXT("mixAVX2", NOSPLIT, "func(dst *int16, near, far *byte, n int)")
	Pragma("noescape")
	Doc("mixAVX2 is mix for n ≥ 16 samples.")
	dst := Load(Param("dst"), GP64())
	near, far, n := Load(Param("near"), GP64()), Load(Param("far"), GP64()), Load(Param("n"), GP64())
	bias, x := YMM(), XMM()
	bit := GP32()
	MOVL(U32(512<<16|512), bit)
	VMOVD(bit, x)
	VPBROADCASTD(x, bias)
	at, next := blocks(n, 16)
	a, b, t := YMM(), YMM(), YMM()
	VPMOVZXBW(Mem{Base: near, Index: at, Scale: 1}, a)
	VPMOVZXBW(Mem{Base: far, Index: at, Scale: 1}, b)
	VPADDW(a, a, t)
	VPADDW(t, a, a)
	VPADDW(b, a, a)
	VPSUBW(bias, a, a)
	VMOVDQU(a, Mem{Base: dst, Index: at, Scale: 2})
	next()
}

// spread makes thirty-two words at a time.
func spread() {
	TEXT("spreadAVX2", NOSPLIT, "func(dst, mixed *int16, n int)")
	Pragma("noescape")
	Doc("spreadAVX2 is spread for n ≥ 16 samples, which have a neighbour at both ends.")
	dst, mixed, n := Load(Param("dst"), GP64()), Load(Param("mixed"), GP64()), Load(Param("n"), GP64())
	at, next := blocks(n, 16)
	c, l, r := YMM(), YMM(), YMM()
	VMOVDQU(Mem{Base: mixed, Index: at, Scale: 2}, c)
	VPADDW(c, c, l)
	VPADDW(l, c, c)
	VPADDW(Mem{Base: mixed, Index: at, Scale: 2, Disp: -2}, c, l)
	VPADDW(Mem{Base: mixed, Index: at, Scale: 2, Disp: 2}, c, r)
	lo, hi, t := YMM(), YMM(), YMM()
	VPUNPCKLWD(r, l, lo)
	VPUNPCKHWD(r, l, hi)
	VPERM2I128(Imm(0x20), hi, lo, t)
	VPERM2I128(Imm(0x31), hi, lo, hi)
	VMOVDQU(t, Mem{Base: dst, Index: at, Scale: 4})
	VMOVDQU(hi, Mem{Base: dst, Index: at, Scale: 4, Disp: 32})
	next()
}

// toRGB makes sixteen pixels at a time.
func toRGB() {
	TEXT("toRGBAVX2", NOSPLIT, "func(dst, y *byte, u, v *int16, n int, c *int16)")
	Pragma("noescape")
	Doc("toRGBAVX2 is toRGB for n ≥ 16 pixels. c is the pairs y rv, y gu, gv 0, y bu, then twice luma's zero, and the rounding.")
	dst, ys := Load(Param("dst"), GP64()), Load(Param("y"), GP64())
	us, vs := Load(Param("u"), GP64()), Load(Param("v"), GP64())
	n, c := Load(Param("n"), GP64()), Load(Param("c"), GP64())
	var coef [6]VecVirtual
	for i := range coef {
		coef[i] = broadcast(Mem{Base: c, Disp: 4 * i})
	}
	at, next := blocks(n, 16)

	l, u, v := YMM(), YMM(), YMM()
	VPMOVZXBW(Mem{Base: ys, Index: at, Scale: 1}, l)
	VPSUBW(coef[4], l, l)
	VPSLLW(Imm(4), l, l)
	VMOVDQU(Mem{Base: us, Index: at, Scale: 2}, u)
	VMOVDQU(Mem{Base: vs, Index: at, Scale: 2}, v)
	rgbasm.Pixels(l, u, v, coef[:4], coef[5], 17, dst, at)
	next()
}
