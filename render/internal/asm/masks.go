package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// sumMasks parts the pixels of a cell into planes of 128 bytes, four registers a channel, and multiplies those with the
// bytes of each mask. Two neighbours of 255*64 fit a signed word; pairs of words go to 32 bits before more are added.
func sumMasks() {
	TEXT("sumMasksAVX2", NOSPLIT, "func(sums *int32, samples *byte, cells, stride int, masks *byte, count int)")
	Doc("sumMasksAVX2 adds up a row of cells under count masks, whose bytes lie as maskSet.laid puts them.")
	sums, samples := Load(Param("sums"), GP64()), Load(Param("samples"), GP64())
	stride, masks := Load(Param("stride"), GP64()), Load(Param("masks"), GP64())
	ones := dwords("onesInWords", func(int) uint32 { return 1<<16 | 1 })

	Label("cell")
	row := GP64()
	MOVQ(samples, row)
	var plane [3][4]VecPhysical
	for i := range 12 {
		plane[i%3][i/3] = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11}[i]
	}
	for quarter := range 4 {
		part(row, stride, [3]VecPhysical{plane[0][quarter], plane[1][quarter], plane[2][quarter]})
	}
	m, left := GP64(), GP64()
	MOVQ(masks, m)
	MOVQ(NewParamAddr("count", 40), left)

	Label("mask")
	acc := [3]VecPhysical{Y12, Y13, Y14}
	for ch := range 3 {
		for quarter := range 4 {
			t := Register(Y15)
			if quarter == 0 {
				t = acc[ch]
			}
			VPMADDUBSW(Mem{Base: m, Disp: 32 * quarter}, plane[ch][quarter], t)
			VPMADDWD(ones, t, t)
			if quarter > 0 {
				VPADDD(t, acc[ch], acc[ch])
			}
		}
	}
	VPHADDD(acc[1], acc[0], acc[0])
	VPXOR(Y15, Y15, Y15)
	VPHADDD(Y15, acc[2], acc[2])
	VPHADDD(acc[2], acc[0], acc[0])
	VEXTRACTI128(Imm(1), acc[0], X15)
	VPADDD(X15, acc[0].AsX(), X15)
	VMOVDQU(X15, Mem{Base: sums})
	ADDQ(Imm(16), sums)
	SUBQ(I32(-128), m)
	DECQ(left)
	JNZ(LabelRef("mask"))

	ADDQ(Imm(32), samples)
	DECQ(NewParamAddr("cells", 16))
	JNZ(LabelRef("cell"))
	VZEROUPPER()
	RET()
}

// part reads four rows of eight pixels and puts each channel of them into one register: in each half four pixels of
// every row.
func part(row, stride Register, dst [3]VecPhysical) {
	v := [4]VecPhysical{dst[0], dst[1], Y12, Y13}
	shuffle := channelsApart()
	for i := range v {
		VMOVDQU(Mem{Base: row}, v[i])
		VPSHUFB(shuffle, v[i], v[i])
		ADDQ(stride, row)
	}
	VPUNPCKHDQ(v[1], v[0], Y14) // blue of rows 0 and 1
	VPUNPCKLDQ(v[1], v[0], v[0])
	VPUNPCKHDQ(v[3], v[2], Y15) // blue of rows 2 and 3
	VPUNPCKLDQ(v[3], v[2], v[2])
	VPUNPCKLQDQ(Y15, Y14, dst[2])
	VPUNPCKHQDQ(v[2], v[0], dst[1])
	VPUNPCKLQDQ(v[2], v[0], dst[0])
}

var apart *Mem

// channelsApart shuffles four pixels of four bytes into four reds, four greens, four blues and four zeros.
func channelsApart() Mem {
	if apart == nil {
		m := GLOBL("channelsApart", RODATA|NOPTR)
		for i := range 32 {
			DATA(i, U8(i%4*4+i/4%4))
		}
		apart = &m
	}
	return *apart
}

// scoreMasks scores eight masks at a time. Adding neighbours twice leaves those with even numbers in the lower half and
// those with odd ones in the upper, so the tables come in that order.
func scoreMasks() {
	TEXT("scoreMasksAVX2", NOSPLIT, "func(best *uint32, sums *int32, cells, pitch int, table *int32, groups int)")
	Doc("scoreMasksAVX2 is maskSet.best for a row of cells of pitch masks each, of which the last covers everything and the",
		"first 8*groups are scored.")
	best, sums := Load(Param("best"), GP64()), Load(Param("sums"), GP64())
	cells, pitch := Load(Param("cells"), GP64()), Load(Param("pitch"), GP64())
	SHLQ(Imm(4), pitch)
	scoreMask := dwords("maskScoreBits", func(int) uint32 { return 1<<32 - 128 })

	Label("cell")
	total, greatest := YMM(), YMM()
	VBROADCASTI128(Mem{Base: sums, Index: pitch, Scale: 1, Disp: -16}, total)
	VPSRAD(Imm(6), total, total)
	VPXOR(greatest, greatest, greatest)
	at, table, left := GP64(), GP64(), GP64()
	MOVQ(sums, at)
	Load(Param("table"), table)
	Load(Param("groups"), left)

	Label("group")
	var v [4]VecVirtual
	for i := range v {
		v[i] = YMM()
		t := YMM()
		VMOVDQU(Mem{Base: at, Disp: 32 * i}, v[i])
		VPSLLD(Imm(7), v[i], v[i])
		VPMULLD(Mem{Base: table, Disp: 32 * i}, total, t)
		VPSUBD(t, v[i], v[i])
		VCVTDQ2PS(v[i], v[i])
		VMULPS(v[i], v[i], v[i])
	}
	VHADDPS(v[1], v[0], v[0])
	VHADDPS(v[3], v[2], v[2])
	VHADDPS(v[2], v[0], v[0])
	VMULPS(Mem{Base: table, Disp: 128}, v[0], v[0])
	VPAND(scoreMask, v[0], v[0])
	VPOR(Mem{Base: table, Disp: 160}, v[0], v[0])
	VPMAXUD(v[0], greatest, greatest)
	SUBQ(I32(-128), at)
	ADDQ(U32(192), table)
	DECQ(left)
	JNZ(LabelRef("group"))

	hi, t := XMM(), XMM()
	VEXTRACTI128(Imm(1), greatest, hi)
	VPMAXUD(hi, greatest.AsX(), hi)
	for _, swap := range []uint64{0x4e, 0xb1} {
		VPSHUFD(Imm(swap), hi, t)
		VPMAXUD(t, hi, hi)
	}
	VMOVD(hi, Mem{Base: best})
	ADDQ(Imm(4), best)
	ADDQ(pitch, sums)
	DECQ(cells)
	JNZ(LabelRef("cell"))
	VZEROUPPER()
	RET()
}
