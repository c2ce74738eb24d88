package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Cells go through registers eight at a time, as four columns: glyphs, foregrounds, backgrounds, and attributes with
// spans. These are the numbers of package render that they need.
const (
	blank     = ' '
	upperHalf = 1<<24 | 0x0f
	paintRGB  = 2 << 24

	fullTolerance, holdFull, holdFrames, stillFrames = 255, 90, 180, 60
)

// columns are eight cells.
type columns struct{ glyph, fg, bg, rest VecVirtual }

// loadCells takes eight cells apart.
func loadCells(from Register) (c columns) {
	var v [4]VecVirtual // cells 0 and 4, 1 and 5, …
	for i := range v {
		v[i] = YMM()
		VBROADCASTI128(Mem{Base: from, Disp: 16 * i}, v[i])
		VINSERTI128(Imm(1), Mem{Base: from, Disp: 16*i + 64}, v[i], v[i])
	}
	c = columns{YMM(), YMM(), YMM(), YMM()}
	a, b := YMM(), YMM()
	VPUNPCKLDQ(v[1], v[0], a)
	VPUNPCKLDQ(v[3], v[2], b)
	VPUNPCKLQDQ(b, a, c.glyph)
	VPUNPCKHQDQ(b, a, c.fg)
	VPUNPCKHDQ(v[1], v[0], a)
	VPUNPCKHDQ(v[3], v[2], b)
	VPUNPCKLQDQ(b, a, c.bg)
	VPUNPCKHQDQ(b, a, c.rest)
	return c
}

// storeCells puts eight cells together.
func storeCells(c columns, to Register) {
	a, b, v := YMM(), YMM(), YMM()
	store := func(i int) {
		VMOVDQU(v.AsX(), Mem{Base: to, Disp: 16 * i})
		VEXTRACTI128(Imm(1), v, Mem{Base: to, Disp: 16*i + 64})
	}
	VPUNPCKLDQ(c.fg, c.glyph, a)
	VPUNPCKLDQ(c.rest, c.bg, b)
	VPUNPCKLQDQ(b, a, v)
	store(0)
	VPUNPCKHQDQ(b, a, v)
	store(1)
	VPUNPCKHDQ(c.fg, c.glyph, a)
	VPUNPCKHDQ(c.rest, c.bg, b)
	VPUNPCKLQDQ(b, a, v)
	store(2)
	VPUNPCKHQDQ(b, a, v)
	store(3)
}

// same returns a constant of eight equal words.
func same(name string, v uint32) Mem { return dwords(name, func(int) uint32 { return v }) }

// paintHalves paints two rows of samples as half blocks.
func paintHalves() {
	TEXT("paintHalvesPass", NOSPLIT, "func(cells *uint32, gain *float32, top, bottom *byte, shown *uint32, groups int)")
	Doc("paintHalvesPass is halvesPlain for 8*groups cells.")
	cells, gain := Load(Param("cells"), GP64()), Load(Param("gain"), GP64())
	top, bottom := Load(Param("top"), GP64()), Load(Param("bottom"), GP64())
	shown, groups := Load(Param("shown"), GP64()), Load(Param("groups"), GP64())
	swap := dwords("redLast", func(lane int) uint32 { return uint32(0x80000102 + 0x40404*(lane%4)) })
	kind, blanks, uppers := same("kindRGB", paintRGB), same("blanks", blank), same("upperHalves", upperHalf)
	sixth := same("sixth", math.Float32bits(1./6))

	Label("group")
	c := columns{YMM(), YMM(), YMM(), YMM()}
	for _, p := range []struct {
		from Register
		to   VecVirtual
	}{{top, c.fg}, {bottom, c.bg}} {
		VMOVDQU(Mem{Base: p.from}, p.to)
		VPSHUFB(swap, p.to, p.to)
		VPOR(kind, p.to, p.to)
	}
	was := loadCells(shown)
	t, error := YMM(), YMM()
	isBlank, fg := YMM(), YMM()
	VPCMPEQD(blanks, was.glyph, isBlank)
	VPBLENDVB(isBlank, was.bg, was.fg, fg)
	distance(c.fg, fg, error)
	distance(c.bg, was.bg, t)
	VPADDD(t, error, error)
	VCVTDQ2PS(error, error)
	VMULPS(sixth, error, error)

	known := YMM()
	VPCMPEQD(uppers, was.glyph, known)
	VPOR(isBlank, known, known)
	VPSRLD(Imm(24), was.bg, t)
	VPCMPEQD(same("kindsRGB", paintRGB>>24), t, t)
	VPAND(t, known, known)
	VPXOR(t, t, t)
	VPCMPEQD(t, was.rest, t)
	VPAND(t, known, known)
	VMOVDQU(uppers, c.glyph)
	assignFlat(c)
	compare(c, shown, known, error)
	VMOVUPS(error, Mem{Base: gain})
	storeCells(c, cells)

	ADDQ(Imm(32), top)
	ADDQ(Imm(32), bottom)
	ADDQ(Imm(32), gain)
	nextGroup(shown, cells, groups)
}

// distance is the squared distance of eight paints, summed over the channels.
func distance(p, q, dst VecVirtual) {
	t := YMM()
	VPSUBUSB(p, q, t)
	VPSUBUSB(q, p, dst)
	VPOR(t, dst, dst)
	VPSRLD(Imm(8), dst, t)
	VPAND(same("evenBytes", 0x00ff00ff), dst, dst)
	VPAND(same("lowBytesOnly", 0xff), t, t)
	VPMADDWD(dst, dst, dst)
	VPMADDWD(t, t, t)
	VPADDD(t, dst, dst)
}

// loadMemory takes eight memories apart: marks, and ages with what goes with them.
func loadMemory(from Register, mark, state VecVirtual) {
	a, b := YMM(), YMM()
	VMOVUPS(Mem{Base: from}, a)
	VMOVUPS(Mem{Base: from, Disp: 32}, b)
	if mark != nil {
		VSHUFPS(Imm(0x88), b, a, mark)
		VPERMQ(Imm(0xd8), mark, mark)
	}
	VSHUFPS(Imm(0xdd), b, a, state)
	VPERMQ(Imm(0xd8), state, state)
}

// updateHistory records what eight cells want and how much error they tolerate.
func updateHistory() {
	TEXT("updateHistoryPass", NOSPLIT, "func(kept, cells *uint32, gain *float32, groups, older int) (moves uint32)")
	Doc("updateHistoryPass is updateHistoryPlain for 8*groups cells; older is 1, or 0 if the frame is no news.")
	kept, cells := Load(Param("kept"), GP64()), Load(Param("cells"), GP64())
	gain, groups := Load(Param("gain"), GP64()), Load(Param("groups"), GP64())
	moved, older, zero := YMM(), YMM(), YMM()
	VPBROADCASTD(NewParamAddr("older", 32), older)
	VPXOR(zero, zero, zero)
	VPXOR(moved, moved, moved)
	low := same("lowBytesOnly", 0xff)

	Label("group")
	mark, state := YMM(), YMM()
	loadMemory(kept, mark, state)
	c := loadCells(cells)
	t := YMM()
	VPMULLD(same("markGlyph", 0x9e3779b1), c.glyph, c.glyph)
	VPXOR(c.fg, c.glyph, c.glyph)
	VPMULLD(same("markForeground", 0x85ebca6b), c.glyph, c.glyph)
	VPMULLD(same("markBackground", 0xc2b2ae35), c.bg, t)
	VPXOR(t, c.glyph, c.glyph)
	equal := c.fg
	VPCMPEQD(c.glyph, mark, equal)
	VMOVDQA(c.glyph, mark)
	VPCMPEQD(zero, equal, t)
	VPOR(t, moved, moved)

	age, still := c.bg, c.rest
	VPAND(low, state, age)
	VPSRLD(Imm(8), state, still)
	VPAND(low, still, still)
	VPADDD(older, still, still)
	VPMINUD(same("stillFrames", stillFrames), still, still)
	VPAND(equal, still, still)

	error, done, nothing, tolerance := YMM(), YMM(), YMM(), YMM()
	VMOVUPS(Mem{Base: gain}, error)
	VMAXPS(zero, error, error)
	VMOVUPS(error, Mem{Base: gain})
	VCMPPS(Imm(0), zero, error, done)
	VCMPPS(Imm(0), same("infinite", math.Float32bits(float32(math.Inf(1)))), error, nothing)
	VPCMPEQD(same("stillFrames", stillFrames), still, t)
	VPOR(t, nothing, nothing)
	VPCMPGTD(same("holdAlmost", holdFrames-1), age, t)
	VPOR(t, nothing, nothing)

	toleranceAfter(age, tolerance)
	VPANDN(tolerance, nothing, tolerance)
	VPANDN(older, nothing, t)
	VPADDD(t, age, age)
	VPANDN(age, done, age)
	VMOVDQU(low, t)
	VPBLENDVB(done, t, tolerance, tolerance)

	VPSLLD(Imm(8), still, still)
	VPSLLD(Imm(16), tolerance, tolerance)
	VPOR(still, age, age)
	VPOR(tolerance, age, age)
	VPERMQ(Imm(0xd8), mark, mark)
	VPERMQ(Imm(0xd8), age, age)
	VPUNPCKLDQ(age, mark, t)
	VMOVDQU(t, Mem{Base: kept})
	VPUNPCKHDQ(age, mark, t)
	VMOVDQU(t, Mem{Base: kept, Disp: 32})

	ADDQ(Imm(64), kept)
	ADDQ(Imm(32), gain)
	SUBQ(I32(-128), cells)
	DECQ(groups)
	JNZ(LabelRef("group"))
	result := GP32()
	VMOVMSKPS(moved, result)
	Store(result, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// toleranceAfter is fullTolerance*(holdFrames-age)/(holdFrames-holdFull), at most fullTolerance, by a reciprocal that is exact below
// 1<<16.
func toleranceAfter(age, tolerance VecVirtual) {
	t := YMM()
	VMOVDQU(same("holdFrames", holdFrames), tolerance)
	VPSUBD(age, tolerance, tolerance)
	VPSLLD(Imm(8), tolerance, t)
	VPSUBD(tolerance, t, tolerance)
	VPMULHUW(same("perHold", (1<<22+holdFrames-holdFull-1)/(holdFrames-holdFull)), tolerance, tolerance)
	VPSRLD(Imm(6), tolerance, tolerance)
	VPMINUD(same("lowBytesOnly", 0xff), tolerance, tolerance)
}

// selectChanges looks for cells that may be written.
func selectChanges() {
	TEXT("selectChangesPass", NOSPLIT, "func(differs *uint8, want, shown *uint32, gain *float32, kept *uint32, groups int, errorPerByte float32)")
	Doc("selectChangesPass is selectChangesPlain for 8*groups cells.")
	differs, want := Load(Param("differs"), GP64()), Load(Param("want"), GP64())
	shown, gain := Load(Param("shown"), GP64()), Load(Param("gain"), GP64())
	kept, groups := Load(Param("kept"), GP64()), Load(Param("groups"), GP64())
	errorPerByte, all, order := YMM(), YMM(), YMM()
	VBROADCASTSS(NewParamAddr("errorPerByte", 48), errorPerByte)
	VMOVDQU(same("everyBit", 1<<32-1), all)
	VMOVDQU(dwords("evenCellsFirst", func(lane int) uint32 { return uint32(lane/2 + lane%2*4) }), order)

	Label("group")
	var v [4]VecVirtual
	for i := range v {
		v[i] = YMM()
		VMOVDQU(Mem{Base: want, Disp: 32 * i}, v[i])
		VPCMPEQQ(Mem{Base: shown, Disp: 32 * i}, v[i], v[i])
	}
	// Each half of a cell becomes two bytes, and four bytes of ones are a cell that is the same.
	equal := v[0]
	VPACKSSDW(v[1], v[0], v[0])
	VPACKSSDW(v[3], v[2], v[2])
	VPACKSSWB(v[2], v[0], v[0])
	VPCMPEQD(all, equal, equal)
	VPERMD(equal, order, equal)
	error, tolerance := YMM(), YMM()
	VMOVUPS(Mem{Base: gain}, error)
	VPANDN(error, equal, error)
	VMOVUPS(error, Mem{Base: gain})
	loadMemory(kept, nil, tolerance)
	VPSRLD(Imm(16), tolerance, tolerance)
	VPAND(same("lowBytesOnly", 0xff), tolerance, tolerance)
	VCVTDQ2PS(tolerance, tolerance)
	VMULPS(errorPerByte, tolerance, tolerance)
	VCMPPS(Imm(5), tolerance, error, tolerance) // not less
	VPANDN(tolerance, equal, tolerance)
	bits := GP32()
	VMOVMSKPS(tolerance, bits)
	MOVB(bits.As8(), Mem{Base: differs})

	INCQ(differs)
	SUBQ(I32(-128), want)
	SUBQ(I32(-128), shown)
	ADDQ(Imm(32), gain)
	ADDQ(Imm(64), kept)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// remainingError sums the error that updates leave.
func remainingError() {
	TEXT("remainingErrorPass", NOSPLIT, "func(sums *float32, counts *int32, gain *float32, kept *uint32, groups int)")
	Pragma("noescape")
	Doc("remainingErrorPass is remainingErrorPlain for 8*groups cells.")
	gain, kept := Load(Param("gain"), GP64()), Load(Param("kept"), GP64())
	groups := Load(Param("groups"), GP64())
	sum, count, zero := YMM(), YMM(), YMM()
	VPXOR(sum, sum, sum)
	VPXOR(count, count, count)
	VPXOR(zero, zero, zero)

	Label("group")
	error, tolerance := YMM(), YMM()
	loadMemory(kept, nil, tolerance)
	VPSRLD(Imm(16), tolerance, tolerance)
	VPAND(same("lowBytesOnly", 0xff), tolerance, tolerance)
	VPCMPGTD(zero, tolerance, tolerance)
	VPSUBD(tolerance, count, count)
	VMOVUPS(Mem{Base: gain}, error)
	VMAXPS(zero, error, error)
	VPAND(tolerance, error, error)
	VADDPS(error, sum, sum)
	ADDQ(Imm(32), gain)
	ADDQ(Imm(64), kept)
	DECQ(groups)
	JNZ(LabelRef("group"))
	sums, counts := Load(Param("sums"), GP64()), Load(Param("counts"), GP64())
	VMOVUPS(sum, Mem{Base: sums})
	VMOVDQU(count, Mem{Base: counts})
	VZEROUPPER()
	RET()
}

// The bytes of parts of a cell, as package render's rate has them.
const (
	colorBytes, cursorBytes, glyphBytes = 16, 4, 3
	cellArea, errorUnit                 = 32, 3 * 32
)

// nextCandidate looks for the next cell that may be worth going to. What a cell leaves and takes is what
// sgrState.nearShape says, but for what introduces colours; a blank is a shape of which nothing is covered.
func nextCandidate() {
	TEXT("nextCandidatePass", NOSPLIT, "func(differs *uint8, want *uint32, gain *float32, kept *uint32, shares *int32, rendition *uint32, errorPerByte float32, groups int) (group int, cells uint32)")
	Pragma("noescape")
	Doc("nextCandidatePass returns the first of the groups of eight cells in which a cell whose bit is set may be worth going to, and the",
		"bits of those that are; no bits if there is none.")
	differs, want := Load(Param("differs"), GP64()), Load(Param("want"), GP64())
	gain, kept := Load(Param("gain"), GP64()), Load(Param("kept"), GP64())
	shares, groups := Load(Param("shares"), GP64()), Load(Param("groups"), GP64())
	rendition := Load(Param("rendition"), GP64())
	number, found := GP64(), GP32()
	XORQ(number, number)
	XORL(found, found)

	Label("group")
	bits := GP32()
	MOVBLZX(Mem{Base: differs}, bits)
	TESTL(bits, bits)
	JZ(LabelRef("next"))
	c := loadCells(want)
	blanks, known, t := YMM(), YMM(), YMM()
	nears(c, blanks, known)

	share, rest := YMM(), YMM()
	VPAND(same("shapeNumbers", 0x3ff), c.glyph, c.glyph)
	VPAND(known, c.glyph, c.glyph)
	VPANDN(c.glyph, blanks, c.glyph)
	VMOVDQU(same("everyBit", 1<<32-1), t)
	VPXOR(share, share, share)
	VPGATHERDD(t, Mem{Base: shares, Index: c.glyph, Scale: 4}, share)
	VMOVDQU(same("cellAreas", cellArea), rest)
	VPSUBD(share, rest, rest)

	// v is what a byte is worth, and change what a colour is.
	v, change, least := blanks, c.glyph, c.rest
	loadMemory(kept, nil, v)
	VPSRLD(Imm(16), v, v)
	VPAND(same("lowBytesOnly", 0xff), v, v)
	VCVTDQ2PS(v, v)
	VBROADCASTSS(NewParamAddr("errorPerByte", 48), t)
	VMULPS(t, v, v)
	VMULPS(same("perColor", math.Float32bits(colorBytes*errorUnit)), v, change)
	VCVTTPS2DQ(change, change)

	leastOf(c, rendition, share, rest, v, change, least)
	VCVTDQ2PS(least, least)
	VMULPS(same("perUnit", math.Float32bits(1./errorUnit)), least, least)
	VMULPS(same("perVisit", math.Float32bits(glyphBytes+cursorBytes)), v, t)
	VADDPS(t, least, least)
	VMULPS(same("nearly", math.Float32bits(1-1./4096)), least, least)
	VCMPPS(Imm(1), Mem{Base: gain}, least, least) // less
	VPXOR(t, t, t)
	VCMPPS(Imm(0), t, v, v)
	VPOR(v, least, least)
	VPCMPEQD(t, known, known)
	VPOR(known, least, least)
	VMOVMSKPS(least, found)
	ANDL(bits, found)
	JNZ(LabelRef("done"))

	Label("next")
	INCQ(number)
	INCQ(differs)
	SUBQ(I32(-128), want)
	ADDQ(Imm(32), gain)
	ADDQ(Imm(64), kept)
	CMPQ(number, groups)
	JL(LabelRef("group"))
	XORL(found, found)

	Label("done")
	Store(number, ReturnIndex(0))
	Store(found, ReturnIndex(1))
	VZEROUPPER()
	RET()
}

// nears finds the cells that are blank, and those that near colours can stand for.
func nears(c columns, blanks, known VecVirtual) {
	t := YMM()
	VPCMPEQD(same("blanks", blank), c.glyph, blanks)
	VPSRLD(Imm(24), c.fg, known)
	VPCMPEQD(same("kindsRGB", paintRGB>>24), known, known)
	VPSRLD(Imm(24), c.glyph, t)
	VPCMPEQD(same("kindsShape", upperHalf>>24), t, t)
	VPAND(t, known, known)
	VPOR(blanks, known, known)
	VPSRLD(Imm(24), c.bg, t)
	VPCMPEQD(same("kindsRGB", paintRGB>>24), t, t)
	VPAND(t, known, known)
}

// leastOf is the least that cells in near colours leave and take, in errorUnit; change is what a colour takes, v what a
// byte does.
func leastOf(c columns, rendition Register, share, rest, v, change, least VecVirtual) {
	t := YMM()
	// One colour for both parts, then one of the rendition's for both, then those of the rendition for either.
	VPMULLD(rest, share, t)
	distance(c.fg, c.bg, least)
	VPMULLD(t, least, least)
	VPSRLD(Imm(5), least, least)
	VPADDD(change, least, least)
	upright, turned, penFG, penBG := YMM(), YMM(), YMM(), YMM()
	cost := func(rendition, part, area, dst VecVirtual) {
		distance(rendition, part, dst)
		VPMULLD(area, dst, dst)
	}
	VPBROADCASTD(Mem{Base: rendition}, penFG)
	VPBROADCASTD(Mem{Base: rendition, Disp: 4}, penBG)
	cost(penFG, c.fg, share, upright)
	cost(penFG, c.bg, rest, turned)
	full := YMM()
	VPADDD(turned, upright, full)
	VPMINUD(change, upright, upright)
	VPMINUD(change, turned, turned)
	cost(penBG, c.bg, rest, penFG)
	cost(penBG, c.fg, share, rest)
	VPADDD(rest, penFG, penBG)
	VPMINUD(penBG, least, least)
	shorter := share
	VMULPS(same("perGlyph", math.Float32bits(2*errorUnit)), v, shorter)
	VCVTTPS2DQ(shorter, shorter)
	VPSUBD(shorter, least, least)
	VPMINSD(full, least, least)
	VPMINUD(change, penFG, penFG)
	VPADDD(penFG, upright, upright)
	VPMINSD(upright, least, least)
	VPMINUD(change, rest, rest)
	VPADDD(rest, turned, turned)
	VPMINSD(turned, least, least)
}

// nextGroup goes back to the label group for the next eight cells, or ends the function.
func nextGroup(shown, cells, groups Op) {
	SUBQ(I32(-128), shown)
	SUBQ(I32(-128), cells)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}
