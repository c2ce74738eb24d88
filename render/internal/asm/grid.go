package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// searchGrid scores sixteen patterns at a time: the lanes of two registers are the patterns of the first four
// sub-cells, and a walk through the Gray code of the others adds or takes away one sub-cell a step. Red and green lie
// side by side in the words of a lane, blue beside nothing, so that multiplying a register with itself and adding
// neighbours gives the squares.
func searchGrid() {
	TEXT("searchGridPass", NOSPLIT, "func(best, px *uint32, cells int, table *int16, patterns int)")
	Doc("searchGridPass is glyphGrid.search for a row of cells and 8, 32 or 128 patterns.")
	best, px := Load(Param("best"), GP64()), Load(Param("px"), GP64())
	cells, table := Load(Param("cells"), GP64()), Load(Param("table"), GP64())
	patterns := Load(Param("patterns"), GP64())
	low := [3]Mem{}
	for bit := range low {
		low[bit] = dwords(fmt.Sprintf("lanesWithBit%d", bit), func(lane int) uint32 { return either(lane>>bit&1 == 1, 1<<32-1, 0) })
	}
	number := dwords("laneNumbers", func(lane int) uint32 { return uint32(lane) })
	byteMask := dwords("lowBytes", func(int) uint32 { return 0xff })
	scoreMask := dwords("scoreBits", func(int) uint32 { return 1<<32 - 128 })
	deviations := AllocLocal(64)

	Label("cell")
	centre(px, table, byteMask, deviations)
	deviation := func(sub, half int) Mem { return deviations.Offset(4*sub + 32*half) }
	var sum [4]VecVirtual // red and green of patterns 0…7 and 8…15, then blue of both
	for half := range 2 {
		sum[2*half], sum[2*half+1] = YMM(), YMM()
		t := YMM()
		VPBROADCASTD(deviation(0, half), sum[2*half])
		VPAND(low[0], sum[2*half], sum[2*half])
		for bit := 1; bit < 3; bit++ {
			VPBROADCASTD(deviation(bit, half), t)
			VPAND(low[bit], t, t)
			VPADDW(t, sum[2*half], sum[2*half])
		}
		VPBROADCASTD(deviation(3, half), t)
		VPADDW(t, sum[2*half], sum[2*half+1])
	}
	greatest := YMM()
	VPXOR(greatest, greatest, greatest)
	for step := range 8 {
		if step == 1 || step == 2 {
			CMPQ(patterns, U8(16*step))
			JLE(LabelRef("reduce"))
		}
		if step > 0 {
			turnOver(step, sum, deviation)
		}
		gray := step ^ step>>1
		score(sum[0], sum[2], gray*16, table, number, scoreMask, greatest)
		score(sum[1], sum[3], gray*16+8, table, number, scoreMask, greatest)
	}

	Label("reduce")
	hi := XMM()
	VEXTRACTI128(Imm(1), greatest, hi)
	VPMAXUD(hi, greatest.AsX(), hi)
	t := XMM()
	VPSHUFD(Imm(0x4e), hi, t)
	VPMAXUD(t, hi, hi)
	VPSHUFD(Imm(0xb1), hi, t)
	VPMAXUD(t, hi, hi)
	answer := GP32()
	VMOVD(hi, answer)
	mask := GP64()
	LEAQ(Mem{Base: patterns, Disp: -1}, mask)
	ANDL(mask.As32(), answer)
	MOVL(answer, Mem{Base: best})
	ADDQ(Imm(4), best)
	ADDQ(Imm(32), px)
	DECQ(cells)
	JNZ(LabelRef("cell"))
	VZEROUPPER()
	RET()
}

// centre is glyphGrid.deviations: red and green of the eight sub-cells into the first half of dst, blue into the
// second.
func centre(px, table Register, byteMask, dst Mem) {
	p, rg, b, area := YMM(), YMM(), YMM(), YMM()
	VMOVDQU(Mem{Base: px}, p)
	VMOVDQU(Mem{Base: table}, area)
	VPSRLD(Imm(8), p, b)
	VPAND(byteMask, b, b)
	VPSLLD(Imm(16), b, b)
	VPAND(byteMask, p, rg)
	VPOR(b, rg, rg)
	VPSRLD(Imm(16), p, b)
	VPAND(byteMask, b, b)
	for half, v := range []VecVirtual{rg, b} {
		t, all := YMM(), YMM()
		VPMULLW(area, v, t)
		VEXTRACTI128(Imm(1), t, all.AsX())
		VPADDW(all.AsX(), t.AsX(), all.AsX())
		for _, swap := range []uint64{0x4e, 0xb1} {
			VPSHUFD(Imm(swap), all.AsX(), t.AsX())
			VPADDW(t.AsX(), all.AsX(), all.AsX())
		}
		VPBROADCASTD(all.AsX(), all)
		VPSLLW(Imm(5), v, v)
		VPSUBW(all, v, v)
		VPSRAW(Imm(1), v, v)
		VPMULLW(area, v, v)
		VPSRAW(Imm(1), v, v)
		VMOVDQU(v, dst.Offset(32*half))
	}
}

// turnOver takes the sub-cell that changes in step of the Gray code in or out of all sums.
func turnOver(step int, sum [4]VecVirtual, deviation func(sub, half int) Mem) {
	bit := bits.TrailingZeros(uint(step))
	in := (step^step>>1)>>bit&1 == 1
	for half := range 2 {
		t := YMM()
		VPBROADCASTD(deviation(4+bit, half), t)
		for _, s := range sum[2*half : 2*half+2] {
			if in {
				VPADDW(t, s, s)
			} else {
				VPSUBW(t, s, s)
			}
		}
	}
}

// score scores the eight patterns from first on.
func score(rg, b VecVirtual, first int, table Register, number, scoreMask Mem, greatest VecVirtual) {
	t, u := YMM(), YMM()
	VPMADDWD(rg, rg, t)
	VPMADDWD(b, b, u)
	VPADDD(u, t, t)
	VCVTDQ2PS(t, t)
	VMULPS(Mem{Base: table, Disp: 32 + 4*first}, t, t)
	VPAND(scoreMask, t, t)
	VPOR(numbersFrom(first, number), t, t)
	VPMAXUD(t, greatest, greatest)
}

var numbers = map[int]Mem{}

// numbersFrom returns the constant first, first+1, … first+7.
func numbersFrom(first int, zero Mem) Mem {
	if first == 0 {
		return zero
	}
	if _, ok := numbers[first]; !ok {
		numbers[first] = dwords(fmt.Sprintf("numbersFrom%d", first), func(lane int) uint32 { return uint32(first + lane) })
	}
	return numbers[first]
}
