// Command asm writes the AVX2 passes of the Scaler.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	addRows()
	addColumns()
	Generate()
}

// addRows sums 32 columns at a time. Two rows are interleaved byte by byte and widened to words, so that one
// multiply-and-add takes a column of both. What is left over at the right is done again with the last 32.
func addRows() {
	TEXT("addRowsAVX2", NOSPLIT, "func(dst *int16, rows *byte, n, stride int, w *int16, pairs int)")
	Doc("addRowsAVX2 is addRows for n ≥ 32 columns and 2*pairs rows.")
	dst, rows := Load(Param("dst"), GP64()), Load(Param("rows"), GP64())
	n, stride := Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	w, pairs := Load(Param("w"), GP64()), Load(Param("pairs"), GP64())
	zero, round := YMM(), YMM()
	VPXOR(zero, zero, zero)
	bit := GP32()
	MOVL(U32(1<<7), bit)
	x := XMM()
	VMOVD(bit, x)
	VPBROADCASTD(x, round)
	at, last := GP64(), GP64()
	XORQ(at, at)
	MOVQ(n, last)
	SUBQ(Imm(32), last)

	Label("block")
	acc := [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
	for _, a := range acc {
		VMOVDQA(round, a)
	}
	row, weight, left := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: rows, Index: at, Scale: 1}, row)
	MOVQ(w, weight)
	MOVQ(pairs, left)

	Label("pair")
	a, b, lo, hi, t, ws := YMM(), YMM(), YMM(), YMM(), YMM(), YMM()
	VPBROADCASTD(Mem{Base: weight}, ws)
	VMOVDQU(Mem{Base: row}, a)
	VMOVDQU(Mem{Base: row, Index: stride, Scale: 1}, b)
	VPUNPCKLBW(b, a, lo)
	VPUNPCKHBW(b, a, hi)
	for i, half := range []VecVirtual{lo, hi} {
		VPUNPCKLBW(zero, half, t)
		VPMADDWD(ws, t, t)
		VPADDD(t, acc[2*i], acc[2*i])
		VPUNPCKHBW(zero, half, t)
		VPMADDWD(ws, t, t)
		VPADDD(t, acc[2*i+1], acc[2*i+1])
	}
	LEAQ(Mem{Base: row, Index: stride, Scale: 2}, row)
	ADDQ(Imm(4), weight)
	DECQ(left)
	JNZ(LabelRef("pair"))

	for _, a := range acc {
		VPSRAD(Imm(8), a, a)
	}
	VPACKSSDW(acc[1], acc[0], acc[0])
	VPACKSSDW(acc[3], acc[2], acc[2])
	first, second := YMM(), YMM()
	VPERM2I128(Imm(0x20), acc[2], acc[0], first)
	VPERM2I128(Imm(0x31), acc[2], acc[0], second)
	VMOVDQU(first, Mem{Base: dst, Index: at, Scale: 2})
	VMOVDQU(second, Mem{Base: dst, Index: at, Scale: 2, Disp: 32})
	CMPQ(at, last)
	JGE(LabelRef("done"))
	ADDQ(Imm(32), at)
	CMPQ(at, last)
	CMOVQGT(last, at)
	JMP(LabelRef("block"))

	Label("done")
	VZEROUPPER()
	RET()
}

// addColumns makes four samples at a time while they lie side by side, then what is left one at a time. Four taps are a
// step: two pixels in each half of a register, shuffled so that each channel's pair lies side by side.
func addColumns() {
	TEXT("addColumnsAVX2", NOSPLIT, "func(out *byte, row *int16, start *int32, w *int16, count, groups, step int)")
	Doc("addColumnsAVX2 is addColumns for count samples of 4*groups taps, with weights as spread lays them out.",
		"It reads up to eight bytes beyond the last pixel and writes four bytes a sample, step apart.")
	out, row := Load(Param("out"), GP64()), Load(Param("row"), GP64())
	start, w := Load(Param("start"), GP64()), Load(Param("w"), GP64())
	count, groups := Load(Param("count"), GP64()), Load(Param("groups"), GP64())
	step := Load(Param("step"), GP64())
	shuffle, round := YMM(), YMM()
	VMOVDQU(pairsOfChannels(), shuffle)
	bit := GP32()
	MOVL(U32(1<<19), bit)
	VMOVD(bit, round.AsX())
	VPBROADCASTD(round.AsX(), round)
	CMPQ(step, Imm(4))
	JNE(LabelRef("sample"))
	fourColumns(out, row, start, w, count, groups, shuffle, round)

	Label("sample")
	px, left := GP64(), GP64()
	windowOf(start, 0, row, px)
	MOVQ(groups, left)
	acc := YMM()
	VPXOR(acc, acc, acc)

	Label("group")
	v := YMM()
	fourTaps(px, w, 0, shuffle, v)
	VPADDD(v, acc, acc)
	ADDQ(Imm(24), px)
	ADDQ(Imm(32), w)
	DECQ(left)
	JNZ(LabelRef("group"))

	hi := XMM()
	VEXTRACTI128(Imm(1), acc, hi)
	VPADDD(hi, acc.AsX(), hi)
	VPADDD(round.AsX(), hi, hi)
	VPSRAD(Imm(20), hi, hi)
	VPACKSSDW(hi, hi, hi)
	VPACKUSWB(hi, hi, hi)
	// The fourth lane is the rounding alone, which the shift makes 0.
	VMOVD(hi, Mem{Base: out})
	ADDQ(step, out)
	ADDQ(Imm(4), start)
	DECQ(count)
	JNZ(LabelRef("sample"))

	Label("done")
	VZEROUPPER()
	RET()
}

// windowOf finds the first pixel of a sample's window.
func windowOf(start Register, sample int, row, px Register) {
	MOVLQSX(Mem{Base: start, Disp: 4 * sample}, px)
	LEAQ(Mem{Base: px, Index: px, Scale: 2}, px)
	LEAQ(Mem{Base: row, Index: px, Scale: 2}, px)
}

// fourTaps weights four pixels.
func fourTaps(px Register, w Register, at int, shuffle, v VecVirtual) {
	VBROADCASTI128(Mem{Base: px}, v)
	VINSERTI128(Imm(1), Mem{Base: px, Disp: 12}, v, v)
	VPSHUFB(shuffle, v, v)
	VPMADDWD(Mem{Base: w, Disp: at}, v, v)
}

// fourColumns makes four samples a time, and leaves count below four; it goes on to done when that is 0. The weights of
// samples that need only four taps lie within reach of one address.
func fourColumns(out, row, start, w, count, groups Register, shuffle, round VecVirtual) {
	var acc [4]VecVirtual
	for i := range acc {
		acc[i] = YMM()
	}
	CMPQ(count, Imm(4))
	JL(LabelRef("sample"))
	CMPQ(groups, Imm(1))
	JNE(LabelRef("long"))

	Label("short")
	for i := range acc {
		px := GP64()
		windowOf(start, i, row, px)
		fourTaps(px, w, 32*i, shuffle, acc[i])
	}
	SUBQ(I32(-128), w)
	storeFour(acc, round, out)
	ADDQ(Imm(16), start)
	SUBQ(Imm(4), count)
	CMPQ(count, Imm(4))
	JGE(LabelRef("short"))
	TESTQ(count, count)
	JZ(LabelRef("done"))
	JMP(LabelRef("sample"))

	Label("long")
	for i := range acc {
		px, left := GP64(), GP64()
		windowOf(start, i, row, px)
		fourTaps(px, w, 0, shuffle, acc[i])
		ADDQ(Imm(32), w)
		MOVQ(groups, left)
		DECQ(left)
		more := []string{"more0", "more1", "more2", "more3"}[i]
		Label(more)
		v := YMM()
		ADDQ(Imm(24), px)
		fourTaps(px, w, 0, shuffle, v)
		VPADDD(v, acc[i], acc[i])
		ADDQ(Imm(32), w)
		DECQ(left)
		JNZ(LabelRef(more))
	}
	storeFour(acc, round, out)
	ADDQ(Imm(16), start)
	SUBQ(Imm(4), count)
	CMPQ(count, Imm(4))
	JGE(LabelRef("long"))
	TESTQ(count, count)
	JZ(LabelRef("done"))
}

// storeFour adds the halves of four samples, and stores them as bytes side by side.
func storeFour(acc [4]VecVirtual, round VecVirtual, out Register) {
	var pair [2]VecVirtual
	for i := range pair {
		a, b, hi := acc[2*i], acc[2*i+1], YMM()
		pair[i] = YMM()
		VPERM2I128(Imm(0x31), b, a, hi)
		VINSERTI128(Imm(1), b.AsX(), a, pair[i])
		VPADDD(hi, pair[i], pair[i])
		VPADDD(round, pair[i], pair[i])
		VPSRAD(Imm(20), pair[i], pair[i])
	}
	VPACKSSDW(pair[1], pair[0], pair[0])
	VPACKUSWB(pair[0], pair[0], pair[0])
	hi := XMM()
	VEXTRACTI128(Imm(1), pair[0], hi)
	VPUNPCKLDQ(hi, pair[0].AsX(), hi)
	VMOVDQU(hi, Mem{Base: out})
	ADDQ(Imm(16), out)
}

// pairsOfChannels shuffles the words R0 G0 B0 R1 G1 B1 … into R0 R1 G0 G1 B0 B1 and two zeros, in both halves.
func pairsOfChannels() Mem {
	m := GLOBL("pairsOfChannels", RODATA|NOPTR)
	for half := range 2 {
		for i, b := range []byte{0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, 0x80, 0x80, 0x80, 0x80} {
			DATA(half*16+i, U8(b))
		}
	}
	return m
}
