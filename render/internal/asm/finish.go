package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Where the parts of a gridTable lie.
const (
	tableShape      = 32 + 4*256
	tableFilled     = tableShape + 4*256
	tableReciprocal = tableFilled + 4*256
	tablePattern    = tableReciprocal + 4*64
)

// halves are sums or colours of eight cells: red with blue in the upper half of a lane, and green.
type channels struct{ rb, g VecVirtual }

func newChannels() channels { return channels{YMM(), YMM()} }

// finishGrid gives the patterns of eight cells their colours, and compares them with what is shown.
func finishGrid() {
	TEXT("finishGridPass", NOSPLIT, "func(cells *uint32, gain *float32, samples *byte, stride, rows int, best, shown *uint32, table *int16, groups int)")
	Doc("finishGridPass is gridPainter.finishPlain for 8*groups cells of a glyphGrid of two columns and some rows, which lie",
		"stride bytes apart in samples.")
	cells, gain := Load(Param("cells"), GP64()), Load(Param("gain"), GP64())
	samples, stride := Load(Param("samples"), GP64()), Load(Param("stride"), GP64())
	best, shown := Load(Param("best"), GP64()), Load(Param("shown"), GP64())
	table, groups := Load(Param("table"), GP64()), Load(Param("groups"), GP64())
	kept := AllocLocal(6 * 32) // the shown patterns, which of them are known, and the shown colours

	Label("group")
	shownCells(shown, table, kept)
	all, in, was := newChannels(), newChannels(), newChannels()
	sumPatterns(samples, stride, best, table, kept, all, in, was)

	// The error of what is shown.
	error, t := YMM(), YMM()
	area := YMM()
	lookUp(table, tableFilled, kept, area)
	fg, bg := newChannels(), newChannels()
	loadChannels(kept.Offset(64), fg)
	partError(was, area, fg, error)
	VPSUBW(was.rb, all.rb, was.rb)
	VPSUBW(was.g, all.g, was.g)
	restOf(area)
	loadChannels(kept.Offset(128), bg)
	partError(was, area, bg, t)
	VPADDD(t, error, error)

	// The means, and what they leave.
	lookUp(table, tableFilled, Mem{Base: best}, area)
	mean(in, area, table, fg)
	VPSUBW(in.rb, all.rb, all.rb)
	VPSUBW(in.g, all.g, all.g)
	partError(in, area, fg, t)
	VPSUBD(t, error, error)
	VPXOR(t, t, t)
	VPCMPEQD(t, area, in.rb)
	restOf(area)
	mean(all, area, table, bg)
	partError(all, area, bg, t)
	VPSUBD(t, error, error)
	VCVTDQ2PS(error, error)
	VMULPS(same("perArea", math.Float32bits(1./(3*cellArea))), error, error)

	c := columns{YMM(), YMM(), YMM(), YMM()}
	paintOf(fg, c.fg)
	paintOf(bg, c.bg)
	VPBLENDVB(in.rb, c.bg, c.fg, c.fg)
	lookUp(table, tableShape, Mem{Base: best}, c.glyph)
	assignFlat(c)
	known := YMM()
	VMOVDQU(kept.Offset(32), known)
	compare(c, shown, known, error)
	VMOVUPS(error, Mem{Base: gain})
	storeCells(c, cells)

	ADDQ(Imm(64), samples)
	ADDQ(Imm(32), best)
	ADDQ(Imm(32), gain)
	nextGroup(shown, cells, groups)
}

// shownCells finds the patterns of what is shown, which of them can be compared, and the colours.
func shownCells(shown, table Register, kept Mem) {
	c := loadCells(shown)
	blanks, known, t := YMM(), YMM(), YMM()
	VPCMPEQD(same("blanks", blank), c.glyph, blanks)
	VPSRLD(Imm(24), c.glyph, t)
	VPCMPEQD(same("kindsShape", upperHalf>>24), t, t)
	VPAND(same("shapeNumbers", 0x3ff), c.glyph, c.glyph)
	VPAND(t, c.glyph, c.glyph) // what is no shape finds that of nothing, which has no pattern
	pattern := YMM()
	VMOVDQU(same("everyBit", 1<<32-1), t)
	VPXOR(pattern, pattern, pattern)
	VPGATHERDD(t, Mem{Base: table, Index: c.glyph, Scale: 4, Disp: tablePattern}, pattern)
	VMOVDQU(pattern, kept)
	VPXOR(t, t, t)
	VPCMPGTD(t, pattern, known)
	VPOR(blanks, known, known)
	VPCMPEQD(t, c.rest, t)
	VPAND(t, known, known)
	VPSRLD(Imm(24), c.bg, t)
	VPCMPEQD(same("kindsRGB", paintRGB>>24), t, t)
	VPAND(t, known, known)
	VMOVDQU(known, kept.Offset(32))
	for i, p := range []VecVirtual{c.fg, c.bg} {
		VPSHUFB(dwords("blueLast", func(lane int) uint32 { return uint32(0x80008002 + 0x40004*(lane%4)) }), p, t)
		VMOVDQU(t, kept.Offset(64+64*i))
		VPSRLD(Imm(8), p, p)
		VPAND(same("lowBytesOnly", 0xff), p, p)
		VMOVDQU(p, kept.Offset(96+64*i))
	}
}

func loadChannels(from Mem, to channels) {
	VMOVDQU(from, to.rb)
	VMOVDQU(from.Offset(32), to.g)
}

// sumPatterns sums all sub-cells, those of the best patterns, and those of the shown ones.
func sumPatterns(samples, stride, best, table Register, kept Mem, all, in, was channels) {
	patterns := [2]VecVirtual{YMM(), YMM()}
	VMOVDQU(Mem{Base: best}, patterns[0])
	VMOVDQU(kept, patterns[1])
	for _, c := range []channels{all, in, was} {
		VPXOR(c.rb, c.rb, c.rb)
		VPXOR(c.g, c.g, c.g)
	}
	row, area, left := GP64(), GP64(), GP64()
	MOVQ(samples, row)
	MOVQ(table, area)
	Load(Param("rows"), left)

	Label("row")
	for side, pick := range []uint64{0x88, 0xdd} {
		px, g, m := YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: row}, px)
		VSHUFPS(Imm(pick), Mem{Base: row, Disp: 32}, px, px)
		VPERMQ(Imm(0xd8), px, px)
		VPBROADCASTD(Mem{Base: area, Disp: 4 * side}, m)
		VPSRLD(Imm(8), px, g)
		VPAND(same("evenBytes", 0x00ff00ff), px, px)
		VPAND(same("lowBytesOnly", 0xff), g, g)
		VPMULLW(m, px, px)
		VPMULLW(m, g, g)
		VPADDW(px, all.rb, all.rb)
		VPADDW(g, all.g, all.g)
		for k, c := range []channels{in, was} {
			t := YMM()
			VPSLLD(Imm(31), patterns[k], m)
			VPSRAD(Imm(31), m, m)
			VPSRLD(Imm(1), patterns[k], patterns[k])
			VPAND(px, m, t)
			VPADDW(t, c.rb, c.rb)
			VPAND(g, m, t)
			VPADDW(t, c.g, c.g)
		}
	}
	ADDQ(stride, row)
	ADDQ(Imm(8), area)
	DECQ(left)
	JNZ(LabelRef("row"))
}

// lookUp looks up eight numbers in a part of the table.
func lookUp(table Register, part int, numbers Mem, dst VecVirtual) {
	index, t := YMM(), YMM()
	VMOVDQU(numbers, index)
	VMOVDQU(same("everyBit", 1<<32-1), t)
	VPXOR(dst, dst, dst)
	VPGATHERDD(t, Mem{Base: table, Index: index, Scale: 4, Disp: part}, dst)
}

// restOf makes an area that of the other part.
func restOf(area VecVirtual) {
	t := YMM()
	VMOVDQU(same("cellAreas", cellArea), t)
	VPSUBD(area, t, area)
}

// partError is sums.part: the squared error of an area that sums up to s in a colour.
func partError(s channels, area VecVirtual, colour channels, dst VecVirtual) {
	t := YMM()
	VPMADDWD(colour.rb, colour.rb, dst)
	VPMADDWD(colour.g, colour.g, t)
	VPADDD(t, dst, dst)
	VPMULLD(area, dst, dst)
	VPMADDWD(colour.rb, s.rb, t)
	VPADDD(t, t, t)
	VPSUBD(t, dst, dst)
	VPMADDWD(colour.g, s.g, t)
	VPADDD(t, t, t)
	VPSUBD(t, dst, dst)
}

// mean is sums.mean.
func mean(s channels, area VecVirtual, table Register, dst channels) {
	by, t := YMM(), YMM()
	VMOVDQU(same("everyBit", 1<<32-1), t)
	VPXOR(by, by, by)
	VPGATHERDD(t, Mem{Base: table, Index: area, Scale: 4, Disp: tableReciprocal}, by)
	round := same("halves", 1<<15)
	VPSLLD(Imm(16), s.rb, dst.rb)
	VPSRLD(Imm(16), dst.rb, dst.rb)
	VPMULLD(by, dst.rb, dst.rb)
	VPADDD(round, dst.rb, dst.rb)
	VPSRLD(Imm(16), dst.rb, dst.rb)
	VPSRLD(Imm(16), s.rb, t)
	VPMULLD(by, t, t)
	VPADDD(round, t, t)
	VPBLENDW(Imm(0xaa), t, dst.rb, dst.rb)
	VPAND(same("evenBytes", 0x00ff00ff), dst.rb, dst.rb)
	VPMULLD(by, s.g, dst.g)
	VPADDD(round, dst.g, dst.g)
	VPSRLD(Imm(16), dst.g, dst.g)
	VPAND(same("lowBytesOnly", 0xff), dst.g, dst.g)
}

// paintOf makes paints of colours.
func paintOf(c channels, dst VecVirtual) {
	t := YMM()
	VPSLLD(Imm(16), c.rb, dst)
	VPSRLD(Imm(16), c.rb, t)
	VPOR(t, dst, dst)
	VPSLLD(Imm(8), c.g, t)
	VPOR(t, dst, dst)
	VPOR(same("kindRGB", paintRGB), dst, dst)
}

// assignFlat makes cells in one colour blanks without a foreground, and gives all of them nothing else.
func assignFlat(c columns) {
	flat, t := YMM(), YMM()
	VPCMPEQD(c.fg, c.bg, flat)
	VMOVDQU(same("blanks", blank), t)
	VPBLENDVB(flat, t, c.glyph, c.glyph)
	VPANDN(c.fg, flat, c.fg)
	VPXOR(c.rest, c.rest, c.rest)
}

// compare makes the error that cells gain nothing where they are shown already, and all where what is shown is unknown.
func compare(c columns, shown Register, known, error VecVirtual) {
	was := loadCells(shown)
	t := YMM()
	VMOVDQU(same("infinite", math.Float32bits(float32(math.Inf(1)))), t)
	VPBLENDVB(known, error, t, error)
	VPCMPEQD(c.glyph, was.glyph, was.glyph)
	VPCMPEQD(c.fg, was.fg, was.fg)
	VPCMPEQD(c.bg, was.bg, was.bg)
	VPCMPEQD(c.rest, was.rest, was.rest)
	VPAND(was.fg, was.glyph, t)
	VPAND(was.bg, t, t)
	VPAND(was.rest, t, t)
	VPANDN(error, t, error)
}
