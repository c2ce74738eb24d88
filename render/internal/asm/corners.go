package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Sums of corners: of all pixels of a cell that are not right of a pixel nor below it. Eight cells lie side by side in
// a register, and each word of a lane holds one of two rows.
const positionBytes = 3 * 32 // red, green and blue of eight cells

// sumCorners adds up the corners of eight cells of 8x16 samples.
func sumCorners() {
	TEXT("sumCornersPass", NOSPLIT, "func(samples *byte, stride int, pairs, rb, green, px *uint32)")
	Pragma("noescape")
	Doc("sumCornersPass is cornerGroup.sumPlain for eight cells, whose rows of samples are stride bytes apart.")
	row, stride := Load(Param("samples"), GP64()), Load(Param("stride"), GP64())
	pairs := Load(Param("pairs"), GP64())
	above := AllocLocal(8 * 64) // red with blue, and green, of the row above
	zero := YMM()
	VPXOR(zero, zero, zero)
	for i := range 16 {
		VMOVDQU(zero, above.Offset(32*i))
	}
	left := GP64()
	MOVQ(U32(8), left)

	Label("rows")
	for second := range 2 {
		rb, g := YMM(), YMM()
		VPXOR(rb, rb, rb)
		VPXOR(g, g, g)
		for half := range 2 {
			for i, px := range fourPixels(row, half) {
				addPixel(px, rb, g, above.Offset(64*(4*half+i)), pairs, (4*half+i)*positionBytes, second == 1)
			}
		}
		ADDQ(stride, row)
	}
	ADDQ(U32(8*positionBytes), pairs)
	DECQ(left)
	JNZ(LabelRef("rows"))
	Load(Param("pairs"), pairs)
	subCells(pairs)
	VZEROUPPER()
	RET()
}

// fourPixels loads half a row of eight cells and turns it so that a register has the same pixel of all of them.
func fourPixels(row Register, half int) (px [4]VecVirtual) {
	var v [4]VecVirtual
	for i := range v {
		v[i] = YMM()
		VBROADCASTI128(Mem{Base: row, Disp: 32*i + 16*half}, v[i])
		VINSERTI128(Imm(1), Mem{Base: row, Disp: 32*(i+4) + 16*half}, v[i], v[i])
	}
	return turned(v)
}

// turned exchanges rows and columns of four by four words, in both halves.
func turned(v [4]VecVirtual) (t [4]VecVirtual) {
	a, b, c, d := YMM(), YMM(), YMM(), YMM()
	VPUNPCKLDQ(v[1], v[0], a)
	VPUNPCKLDQ(v[3], v[2], b)
	VPUNPCKHDQ(v[1], v[0], c)
	VPUNPCKHDQ(v[3], v[2], d)
	t = [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
	VPUNPCKLQDQ(b, a, t[0])
	VPUNPCKHQDQ(b, a, t[1])
	VPUNPCKLQDQ(d, c, t[2])
	VPUNPCKHQDQ(d, c, t[3])
	return t
}

// addPixel adds a pixel to the sums rb and g of its row, those to the row above, and stores what both rows come to.
func addPixel(px, rb, g VecVirtual, above Mem, pairs Register, at int, second bool) {
	t := YMM()
	VPSRLD(Imm(8), px, t)
	VPAND(same("evenBytes", 0x00ff00ff), px, px)
	VPAND(same("lowBytesOnly", 0xff), t, t)
	VPADDW(px, rb, rb)
	VPADDW(t, g, g)
	if !second {
		VPADDW(above, rb, px)
		VPADDW(above.Offset(32), g, t)
		VMOVDQU(px, above)
		VMOVDQU(t, above.Offset(32))
		return
	}
	upperRB, upperG, v := YMM(), YMM(), YMM()
	VMOVDQU(above, upperRB)
	VMOVDQU(above.Offset(32), upperG)
	VPADDW(upperRB, rb, px)
	VPADDW(upperG, g, t)
	VMOVDQU(px, above)
	VMOVDQU(t, above.Offset(32))
	VPSLLD(Imm(16), px, v)
	VPBLENDW(Imm(0xaa), v, upperRB, v)
	VMOVDQU(v, Mem{Base: pairs, Disp: at})
	VPSLLD(Imm(16), t, t)
	VPOR(t, upperG, t)
	VMOVDQU(t, Mem{Base: pairs, Disp: at + 32})
	VPSRLD(Imm(16), upperRB, upperRB)
	VPBLENDW(Imm(0xaa), px, upperRB, px)
	VMOVDQU(px, Mem{Base: pairs, Disp: at + 64})
}

// less subtracts the sums in b from those in a, for red with blue and for green, and returns b's registers.
func less(a, b [2]VecVirtual) [2]VecVirtual {
	for k := range b {
		VPSUBW(b[k], a[k], b[k])
	}
	return b
}

// subCells makes sums and means of octants and sextants out of corners.
func subCells(pairs Register) {
	rb, g := Load(Param("rb"), GP64()), Load(Param("green"), GP64())
	number := 0
	put := func(vrb, vg VecVirtual) {
		VMOVDQU(vrb, Mem{Base: rb, Disp: 32 * number})
		VMOVDQU(vg, Mem{Base: g, Disp: 32 * number})
		number++
	}
	var all [2]VecVirtual
	for _, ys := range [][]int{{3, 7, 11, 15}, {4, 10, 15}} {
		var before [2][2]VecVirtual
		for i, y := range ys {
			var here [2][2]VecVirtual // left and right, of red with blue and of green
			here[0][0], here[0][1] = corner(pairs, 3, y)
			all[0], all[1] = corner(pairs, 7, y)
			for k := range 2 {
				here[1][k] = YMM()
				VPSUBW(here[0][k], all[k], here[1][k])
			}
			for side := range 2 {
				out := here[side]
				if i > 0 {
					out = less(here[side], before[side])
				}
				put(out[0], out[1])
			}
			before = here
		}
	}
	put(all[0], all[1])
	px := Load(Param("px"), GP64())
	means(rb, g, px, 0, func(rb, g VecVirtual, _ int) {
		VPSRLW(Imm(4), rb, rb)
		VPSRLW(Imm(4), g, g)
	})
	SUBQ(I32(-256), px)
	means(rb, g, px, 8, func(rb, g VecVirtual, i int) {
		by := same("per20", 3280|3280<<16) // 1<<16/20, as subReciprocals has it
		if i/2 == 1 {
			by = same("per24", 2736|2736<<16)
		}
		VPMULHUW(by, rb, rb)
		VPMULHUW(by, g, g)
	})
}

// corner returns the sum of a corner: red and blue side by side, and green.
func corner(pairs Register, x, y int) (rb, g VecVirtual) {
	at := func(ch int) Mem { return Mem{Base: pairs, Disp: (y/2*8+x)*positionBytes + 32*ch} }
	rb, g = YMM(), YMM()
	b := YMM()
	VMOVDQU(at(0), rb)
	VMOVDQU(at(1), g)
	VMOVDQU(at(2), b)
	if y%2 == 0 {
		VPSLLD(Imm(16), b, b)
		VPBLENDW(Imm(0xaa), b, rb, rb)
		VPAND(same("lowWords", 0xffff), g, g)
		return rb, g
	}
	VPSRLD(Imm(16), rb, rb)
	VPBLENDW(Imm(0xaa), b, rb, rb)
	VPSRLD(Imm(16), g, g)
	return rb, g
}

// means divides the sub-cells from first on by their areas, and stores them cell by cell, eight words each.
func means(rb, g, px Register, first int, divide func(rb, g VecVirtual, i int)) {
	for half := range 2 {
		var v [4]VecVirtual
		for i := range v {
			v[i] = YMM()
			k := 4*half + i
			if first+k >= 14 {
				VPXOR(v[i], v[i], v[i])
				continue
			}
			t := YMM()
			VMOVDQU(Mem{Base: rb, Disp: 32 * (first + k)}, v[i])
			VMOVDQU(Mem{Base: g, Disp: 32 * (first + k)}, t)
			divide(v[i], t, k)
			VPSLLD(Imm(8), t, t)
			VPOR(t, v[i], v[i])
		}
		for i, t := range turned(v) {
			VMOVDQU(t.AsX(), Mem{Base: px, Disp: 32*i + 16*half})
			VEXTRACTI128(Imm(1), t, Mem{Base: px, Disp: 32*(i+4) + 16*half})
		}
	}
}

// scoreCorners adds up corners to what the pixels under each mask deviate from the cell's mean, and scores that.
func scoreCorners() {
	TEXT("scoreCornersPass", NOSPLIT, "func(best *uint32, deviations *int32, pairs *uint32, steps, heads *int32, masks int)")
	Pragma("noescape")
	Doc("scoreCornersPass is cornerGroup.scorePlain for eight cells: a head for each mask says how many double steps lead to it,",
		"and what its squared deviation is worth; a step is where two corners lie, and their weights.")
	deviations, pairs := Load(Param("deviations"), GP64()), Load(Param("pairs"), GP64())
	step, head := Load(Param("steps"), GP64()), Load(Param("heads"), GP64())
	masks := Load(Param("masks"), GP64())
	number, greatest := YMM(), YMM()
	VPXOR(number, number, number)
	VPXOR(greatest, greatest, greatest)

	Label("mask")
	left := GP32()
	MOVL(Mem{Base: head}, left)
	acc := [3]VecVirtual{YMM(), YMM(), YMM()}
	for _, a := range acc {
		VPXOR(a, a, a)
	}

	Label("step")
	for i := range 2 {
		at, weights, t := GP64(), YMM(), YMM()
		MOVL(Mem{Base: step, Disp: 8 * i}, at.As32())
		VPBROADCASTD(Mem{Base: step, Disp: 8*i + 4}, weights)
		for ch, a := range acc {
			VPMADDWD(Mem{Base: pairs, Index: at, Scale: 1, Disp: 32 * ch}, weights, t)
			VPADDD(t, a, a)
		}
	}
	ADDQ(Imm(16), step)
	DECL(left)
	JNZ(LabelRef("step"))

	for ch, a := range acc {
		VMOVDQU(a, Mem{Base: deviations, Disp: 32 * ch})
		VCVTDQ2PS(a, a)
		VMULPS(a, a, a)
	}
	t := YMM()
	VADDPS(acc[1], acc[0], acc[0])
	VADDPS(acc[2], acc[0], acc[0])
	VBROADCASTSS(Mem{Base: head, Disp: 4}, t)
	VMULPS(t, acc[0], acc[0])
	VPAND(same("maskScoreBits", 1<<32-128), acc[0], acc[0])
	VPOR(number, acc[0], acc[0])
	VPMAXUD(acc[0], greatest, greatest)
	VPADDD(same("one", 1), number, number)
	ADDQ(Imm(8), head)
	ADDQ(Imm(3*32), deviations)
	DECQ(masks)
	JNZ(LabelRef("mask"))
	best := Load(Param("best"), GP64())
	VMOVDQU(greatest, Mem{Base: best})
	VZEROUPPER()
	RET()
}
