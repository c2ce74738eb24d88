// Command asm writes the AVX2 passes of the shrinker.
package main

import (
	"fmt"

	"acip/internal/asm/rgbasm"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	addRows()
	addEven()
	addFours()
	addEights()
	widen()
	toRGB()
	Generate()
}

// function begins a function that keeps none of its pointers.
func function(name, signature, doc string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc)
}

// again goes back to the label block while left, counted down, is not zero, and else returns.
func again(left Register) {
	DECQ(left)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// blocks starts at the first of n elements; last is where the last whole block of size begins. See overlap.
func blocks(n Register, size uint64) (at, last Register) {
	at, last = GP64(), GP64()
	XORQ(at, at)
	MOVQ(n, last)
	SUBQ(Imm(size), last)
	return at, last
}

// everywhere is a register with v in each dword.
func everywhere(v uint32) VecVirtual {
	bit, x, y := GP32(), XMM(), YMM()
	MOVL(U32(v), bit)
	VMOVD(bit, x)
	VPBROADCASTD(x, y)
	return y
}

// overlap goes to the next block of size elements, the last one overlapping what was done before, or to done.
func overlap(at, last Register, size uint64, next string) {
	CMPQ(at, last)
	JGE(LabelRef("done"))
	ADDQ(Imm(size), at)
	CMPQ(at, last)
	CMOVQGT(last, at)
	JMP(LabelRef(next))
	Label("done")
	VZEROUPPER()
	RET()
}

// addRows sums columns in 16 bits, which the weights cannot overflow.
func addRows() {
	rowsOf("addRowsPass", 32)
	rowsOf("addManyRowsPass", 64)
}

// rowsOf writes the pass for blocks of so many columns.
func rowsOf(name string, columns int) {
	const block, row = "block", "row"
	function(name, "func(dst *int16, rows *byte, n, stride int, w *int16, count int)", fmt.Sprintf("%s is addRows for n ≥ %d columns and count rows.", name, columns))
	dst, rows := Load(Param("dst"), GP64()), Load(Param("rows"), GP64())
	n, stride := Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	w, count := Load(Param("w"), GP64()), Load(Param("count"), GP64())
	round := everywhere(0x00020002)
	// The rows of the next window are asked for meanwhile: the processor does not foresee jumps from row to row.
	ahead := GP64()
	MOVQ(count, ahead)
	DECQ(ahead)
	IMULQ(stride, ahead)
	at, last := blocks(n, uint64(columns))

	Label(block)
	acc := make([]VecVirtual, columns/16)
	for i := range acc {
		acc[i] = YMM()
		VMOVDQA(round, acc[i])
	}
	px, weight, left := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: rows, Index: at, Scale: 1}, px)
	MOVQ(w, weight)
	MOVQ(count, left)

	Label(row)
	ws := YMM()
	VPBROADCASTW(Mem{Base: weight}, ws)
	PREFETCHT0(Mem{Base: px, Index: ahead, Scale: 1})
	for i, a := range acc {
		t := YMM()
		VPMOVZXBW(Mem{Base: px, Disp: 16 * i}, t)
		VPMULLW(ws, t, t)
		VPADDW(t, a, a)
	}
	ADDQ(stride, px)
	ADDQ(Imm(2), weight)
	DECQ(left)
	JNZ(LabelRef(row))

	for i, a := range acc {
		VPSRLW(Imm(2), a, a)
		VMOVDQU(a, Mem{Base: dst, Index: at, Scale: 2, Disp: 32 * i})
	}
	overlap(at, last, uint64(columns), block)
}

// window is the address of the words of the window that start[i] names.
func window(row, start Register, i int) Mem {
	at := GP64()
	MOVLQSX(Mem{Base: start, Disp: 4 * i}, at)
	return Mem{Base: row, Index: at, Scale: 2}
}

// addEven makes eight sums at a time.
func addEven() {
	function("addPairsPass", "func(dst, row *int16, eights int)", "addPairsPass is the mean of 8*eights pairs of words that lie side by side.")
	dst, row, left := Load(Param("dst"), GP64()), Load(Param("row"), GP64()), Load(Param("eights"), GP64())
	ones, round := everywhere(0x00010001), everywhere(1)
	Label("block")
	v := YMM()
	VPMADDWD(Mem{Base: row}, ones, v)
	VPADDD(round, v, v)
	VPSRLD(Imm(1), v, v)
	VPACKSSDW(v, v, v)
	VPERMQ(Imm(0xD8), v, v)
	VMOVDQU(v.AsX(), Mem{Base: dst})
	ADDQ(Imm(32), row)
	ADDQ(Imm(16), dst)
	again(left)

	function("addQuadsPass", "func(dst, row *int16, eights int)", "addQuadsPass is the mean of 8*eights fours of words that lie side by side.")
	dst, row, left = Load(Param("dst"), GP64()), Load(Param("row"), GP64()), Load(Param("eights"), GP64())
	ones, round = everywhere(0x00010001), everywhere(2)
	Label("block")
	a, b := YMM(), YMM()
	VPMADDWD(Mem{Base: row}, ones, a)
	VPMADDWD(Mem{Base: row, Disp: 32}, ones, b)
	VPHADDD(b, a, a) // 0 1 4 5 | 2 3 6 7
	VPADDD(round, a, a)
	VPSRLD(Imm(2), a, a)
	hi := XMM()
	VPERMQ(Imm(0xD8), a, a)
	VEXTRACTI128(Imm(1), a, hi)
	VPACKSSDW(hi, a.AsX(), a.AsX())
	VMOVDQU(a.AsX(), Mem{Base: dst})
	ADDQ(Imm(64), row)
	ADDQ(Imm(16), dst)
	again(left)
}

// addFours makes eight sums at a time.
func addFours() {
	function("addFoursPass", "func(dst, row *int16, start *int32, w *int16, eights int)", "addFoursPass is addColumns for 8*eights windows of 4 words.")
	dst, row := Load(Param("dst"), GP64()), Load(Param("row"), GP64())
	start, w, left := Load(Param("start"), GP64()), Load(Param("w"), GP64()), Load(Param("eights"), GP64())
	round := everywhere(1 << 13)

	Label("block")
	v := [2]VecVirtual{YMM(), YMM()}
	for i := range v {
		hi := XMM()
		VMOVQ(window(row, start, 4*i), v[i].AsX())
		VPINSRQ(Imm(1), window(row, start, 4*i+1), v[i].AsX(), v[i].AsX())
		VMOVQ(window(row, start, 4*i+2), hi)
		VPINSRQ(Imm(1), window(row, start, 4*i+3), hi, hi)
		VINSERTI128(Imm(1), hi, v[i], v[i])
		VPMADDWD(Mem{Base: w, Disp: 32 * i}, v[i], v[i])
	}
	VPHADDD(v[1], v[0], v[0])
	VPERMQ(Imm(0xD8), v[0], v[0])
	VPADDD(round, v[0], v[0])
	VPSRAD(Imm(14), v[0], v[0])
	hi := XMM()
	VEXTRACTI128(Imm(1), v[0], hi)
	VPACKSSDW(hi, v[0].AsX(), v[0].AsX())
	VMOVDQU(v[0].AsX(), Mem{Base: dst})
	ADDQ(Imm(16), dst)
	ADDQ(Imm(32), start)
	ADDQ(Imm(64), w)
	again(left)
}

// addEights makes four sums at a time, each eight words a step.
func addEights() {
	function("addEightsPass", "func(dst, row *int16, start *int32, w *int16, fours, steps int)", "addEightsPass is addColumns for 4*fours windows of 8*steps words.")
	dst, row := Load(Param("dst"), GP64()), Load(Param("row"), GP64())
	start, w, left := Load(Param("start"), GP64()), Load(Param("w"), GP64()), Load(Param("fours"), GP64())
	steps := Load(Param("steps"), GP64())
	size := GP64() // of a window's weights in bytes
	MOVQ(steps, size)
	SHLQ(Imm(4), size)
	round := everywhere(1 << 13)

	Label("block")
	var at [4]Register
	var acc [4]VecVirtual
	for i := range acc {
		p := GP64()
		LEAQ(window(row, start, i), p)
		at[i], acc[i] = p, XMM()
		VPXOR(acc[i], acc[i], acc[i])
	}
	weights, count := GP64(), GP64()
	MOVQ(w, weights)
	MOVQ(steps, count)

	Label("step")
	ws := GP64()
	MOVQ(weights, ws)
	for i := range acc {
		t := XMM()
		VMOVDQU(Mem{Base: at[i]}, t)
		VPMADDWD(Mem{Base: ws}, t, t)
		VPADDD(t, acc[i], acc[i])
		ADDQ(Imm(16), at[i])
		if i < 3 {
			ADDQ(size, ws)
		}
	}
	ADDQ(Imm(16), weights)
	DECQ(count)
	JNZ(LabelRef("step"))

	VPHADDD(acc[1], acc[0], acc[0])
	VPHADDD(acc[3], acc[2], acc[2])
	VPHADDD(acc[2], acc[0], acc[0])
	VPADDD(round.AsX(), acc[0], acc[0])
	VPSRAD(Imm(14), acc[0], acc[0])
	VPACKSSDW(acc[0], acc[0], acc[0])
	VMOVQ(acc[0], Mem{Base: dst})
	ADDQ(Imm(8), dst)
	ADDQ(Imm(16), start)
	LEAQ(Mem{Base: w, Index: size, Scale: 4}, w)
	again(left)
}

// widen makes sixteen words at a time.
func widen() {
	function("widenPass", "func(dst *int16, src *byte, n int)", "widenPass is widen for n ≥ 16 samples that stand for one picture column each.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	at, last := blocks(n, 16)
	Label("block")
	v := YMM()
	VPMOVZXBW(Mem{Base: src, Index: at, Scale: 1}, v)
	VPSLLW(Imm(6), v, v)
	VMOVDQU(v, Mem{Base: dst, Index: at, Scale: 2})
	overlap(at, last, 16, "block")

	function("widenTwicePass", "func(dst *int16, src *byte, n int)", "widenTwicePass is widen for n ≥ 8 samples that stand for two picture columns each.")
	dst, src, n = Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	at, last = blocks(n, 8)
	Label("block")
	x, y := XMM(), YMM()
	VMOVQ(Mem{Base: src, Index: at, Scale: 1}, x)
	VPUNPCKLBW(x, x, x)
	VPMOVZXBW(x, y)
	VPSLLW(Imm(6), y, y)
	VMOVDQU(y, Mem{Base: dst, Index: at, Scale: 4})
	overlap(at, last, 8, "block")
}

// toRGB makes sixteen pixels at a time.
func toRGB() {
	function("toRGBAVX2", "func(dst *byte, y, cb, cr *int16, n int, c *int16, rounding int)", "toRGBAVX2 is toRGB for n ≥ 16 pixels. c is the pairs y rv, y gu, gv 0, y bu, then black and 128 as dwords of two words.")
	dst := Load(Param("dst"), GP64())
	ys, cbs, crs := Load(Param("y"), GP64()), Load(Param("cb"), GP64()), Load(Param("cr"), GP64())
	n, c := Load(Param("n"), GP64()), Load(Param("c"), GP64())
	var coef [6]VecVirtual
	for i := range coef {
		coef[i] = YMM()
		VPBROADCASTD(Mem{Base: c, Disp: 4 * i}, coef[i])
	}
	round := YMM()
	VPBROADCASTD(NewParamAddr("rounding", 48), round)
	at, last := blocks(n, 16)

	Label("block")
	l, u, v := YMM(), YMM(), YMM()
	VMOVDQU(Mem{Base: ys, Index: at, Scale: 2}, l)
	VMOVDQU(Mem{Base: cbs, Index: at, Scale: 2}, u)
	VMOVDQU(Mem{Base: crs, Index: at, Scale: 2}, v)
	VPSUBW(coef[4], l, l)
	VPSUBW(coef[5], u, u)
	VPSUBW(coef[5], v, v)
	rgbasm.Pixels(l, u, v, coef[:4], round, 19, dst, at)
	overlap(at, last, 16, "block")
}
