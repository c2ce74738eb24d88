package main

import (
	"math"

	"acip/internal/asm/neonasm"
)

// These are the numbers of package render that passes over cells need.
const (
	blank     = ' '
	shapeKind = 1
	upperHalf = shapeKind<<24 | 0x0f
	rgbKind   = 2
	paintRGB  = rgbKind << 24

	fullTolerance, holdFull, holdFrames, stillFrames = 255, 90, 180, 60
	colorBytes, cursorBytes, glyphBytes              = 16, 4, 3
	cellArea, errorUnit                              = 32, 3 * 32
)

type vec = *neonasm.Vec

// columns are four cells: glyphs, foregrounds, backgrounds, and attributes with spans.
type columns struct{ glyph, fg, bg, rest vec }

// fixed returns the columns in registers n and those that follow, as loads and stores of several registers want them.
func fixed(n int) columns {
	return columns{neonasm.V(n), neonasm.V(n + 1), neonasm.V(n + 2), neonasm.V(n + 3)}
}

// pass is a function with the constants that it keeps in registers.
type pass struct {
	*neonasm.Func
	constants map[uint32]vec
}

func newPass(f *neonasm.Func) *pass { return &pass{f, map[uint32]vec{}} }

// keep loads constants, before the loop that uses them.
func (p *pass) keep(words ...uint32) {
	for _, w := range words {
		p.constants[w] = p.Splat(w)
	}
}

func (p *pass) word(w uint32) vec {
	v, ok := p.constants[w]
	if !ok {
		panic("a constant that is not kept") // a generator's own error
	}
	return v
}

func (p *pass) float(v float32) vec { return p.word(math.Float32bits(v)) }

func (p *pass) loadCells(c columns, from neonasm.Reg) {
	p.Go("VLD4.P 64(%v), [%v.S4, %v.S4, %v.S4, %v.S4]", from, c.glyph, c.fg, c.bg, c.rest)
}

func (p *pass) storeCells(c columns, to neonasm.Reg) {
	p.Go("VST4.P [%v.S4, %v.S4, %v.S4, %v.S4], 64(%v)", c.glyph, c.fg, c.bg, c.rest, to)
}

// load loads four words, and goes on.
func (p *pass) load(from neonasm.Reg) vec {
	v := p.Vec()
	p.Go("VLD1.P 16(%v), [%v.S4]", from, v)
	return v
}

func (p *pass) store(v vec, to neonasm.Reg) { p.Go("VST1.P [%v.S4], 16(%v)", v, to) }

// ofKind reports which words have a kind in their upper byte.
func (p *pass) ofKind(v vec, kind uint32) vec {
	return p.Do("cmeq.4s", p.Do("ushr.4s", v, 24), p.word(kind))
}

func (p *pass) both(v ...vec) vec {
	all := v[0]
	for _, w := range v[1:] {
		all = p.Do("and.16b", all, w)
	}
	return all
}

// loop closes the loop that began at label.
func (p *pass) loop(label string, left neonasm.Reg) {
	p.Go("SUBS $1, %v", left)
	p.Go("BNE " + label)
}

// paintHalves paints two rows of samples as half blocks.
func paintHalves(f *neonasm.File) {
	p := newPass(f.Func("paintHalvesPass", "cells *uint32, gain *float32, top, bottom *byte, shown *uint32, groups int", "",
		"paintHalvesPass is halvesPlain for 4*groups cells."))
	cells, gain := p.Load("cells"), p.Load("gain")
	rows := [2]neonasm.Reg{p.Load("top"), p.Load("bottom")}
	shown, groups := p.Load("shown"), p.Load("groups")
	p.keep(0, blank, upperHalf, paintRGB, rgbKind, 0xffffff, math.Float32bits(1./6), math.Float32bits(float32(math.Inf(1))))
	redLast := p.Const([4]uint32{0xff000102, 0xff040506, 0xff08090a, 0xff0c0d0e})

	p.Go("group:")
	was := fixed(0)
	p.loadCells(was, shown)
	fg, bg := p.paint(rows[0], redLast), p.paint(rows[1], redLast)
	isBlank := p.Do("cmeq.4s", was.glyph, p.word(blank))
	wasFG := p.Do("orr.16b", isBlank, isBlank)
	p.To(wasFG, "bsl.16b", was.bg, was.fg)
	error := p.Do("add.4s", p.distance(fg, wasFG), p.distance(bg, was.bg))
	error = p.Do("fmul.4s", p.Do("scvtf.4s", error), p.float(1./6))
	known := p.Do("orr.16b", p.Do("cmeq.4s", was.glyph, p.word(upperHalf)), isBlank)
	known = p.both(known, p.ofKind(was.bg, rgbKind), p.Do("cmeq.4s", was.rest, p.word(0)))
	c := p.assignFlat(p.word(upperHalf), fg, bg)
	p.store(p.compared(c, was, known, error), gain)
	p.storeCells(c, cells)
	p.loop("group", groups)
	p.End()
}

// paint makes paints of four pixels of a row of samples.
func (p *pass) paint(row neonasm.Reg, redLast vec) vec {
	return p.Do("orr.16b", p.Do("tbl", p.load(row), redLast), p.word(paintRGB))
}

// distance returns the squared distance of four paints, summed over the channels.
func (p *pass) distance(a, b vec) vec {
	d := p.Do("and.16b", p.Do("uabd.16b", a, b), p.word(0xffffff))
	low, high := p.Do("uaddlp", p.Do("umull", d, d)), p.Do("uaddlp", p.Do("umull2", d, d))
	return p.Do("addp.4s", low, high)
}

// assignFlat makes cells in one colour blanks without a foreground, and gives all of them nothing else.
func (p *pass) assignFlat(glyph, fg, bg vec) columns {
	c := fixed(4)
	flat := p.Do("cmeq.4s", fg, bg)
	p.To(c.glyph, "orr.16b", glyph, glyph)
	p.To(c.glyph, "bit.16b", p.word(blank), flat)
	p.To(c.fg, "bic.16b", fg, flat)
	p.To(c.bg, "orr.16b", bg, bg)
	p.To(c.rest, "movi.2d")
	return c
}

// compared returns the error, but that cells gain nothing where they are shown already, and all where what is shown is
// unknown.
func (p *pass) compared(c, was columns, known, error vec) vec {
	all := p.Do("orr.16b", known, known)
	p.To(all, "bsl.16b", error, p.float(float32(math.Inf(1))))
	same := p.both(p.Do("cmeq.4s", c.glyph, was.glyph), p.Do("cmeq.4s", c.fg, was.fg),
		p.Do("cmeq.4s", c.bg, was.bg), p.Do("cmeq.4s", c.rest, was.rest))
	return p.Do("bic.16b", all, same)
}

// loadMemory takes four memories apart: marks, and ages with what goes with them.
func (p *pass) loadMemory(from neonasm.Reg) (mark, state vec) {
	p.Go("VLD2.P 32(%v), [V0.S4, V1.S4]", from)
	return neonasm.V(0), neonasm.V(1)
}

// tolerance returns the third byte of states, as a float.
func (p *pass) tolerance(state vec) vec {
	return p.Do("scvtf.4s", p.Do("and.16b", p.Do("ushr.4s", state, 16), p.word(0xff)))
}

// updateHistory records what four cells want and how much error they tolerate.
func updateHistory(f *neonasm.File) {
	p := newPass(f.Func("updateHistoryPass", "kept, cells *uint32, gain *float32, groups, older int", "moves uint32",
		"updateHistoryPass is updateHistoryPlain for 4*groups cells; older is 1, or 0 if the frame is no news."))
	kept, cells, gain := p.Load("kept"), p.Load("cells"), p.Load("gain")
	groups, r := p.Load("groups"), p.Load("older")
	older, moved := p.Vec(), p.Splat(0)
	p.Go("VDUP %v, %v.S4", r, older)
	p.keep(0, 0xff, 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, stillFrames, holdFrames-1, holdFrames, perHold, math.Float32bits(float32(math.Inf(1))))

	p.Go("group:")
	mark, state := neonasm.V(0), neonasm.V(1)
	p.Go("VLD2 (%v), [V0.S4, V1.S4]", kept)
	c := fixed(4)
	p.loadCells(c, cells)
	m := p.Do("mul.4s", c.glyph, p.word(0x9e3779b1))
	m = p.Do("mul.4s", p.Do("eor.16b", m, c.fg), p.word(0x85ebca6b))
	m = p.Do("eor.16b", m, p.Do("mul.4s", c.bg, p.word(0xc2b2ae35)))
	equal := p.Do("cmeq.4s", m, mark)
	p.To(mark, "orr.16b", m, m)
	p.To(moved, "orn.16b", moved, equal)

	still := p.Do("and.16b", p.Do("ushr.4s", state, 8), p.word(0xff))
	still = p.Do("umin.4s", p.Do("add.4s", still, older), p.word(stillFrames))
	still = p.Do("and.16b", still, equal)
	age := p.Do("and.16b", state, p.word(0xff))
	p.grown(age, still, older, gain, state)
	p.Go("VST2.P [V0.S4, V1.S4], 32(%v)", kept)
	p.loop("group", groups)
	p.To(moved, "umaxv", moved)
	p.Go("VMOV %v.S[0], %v", moved, r)
	p.Go("MOVW %v, %v", r, p.Arg("moves"))
	p.End()
}

// perHold divides by holdFull and multiplies by fullTolerance, exactly below 1<<16.
const perHold = (1<<22 + holdFrames - holdFull - 1) / (holdFrames - holdFull)

// grown makes the states of cells of what they gain, their ages, and for how long they have been still.
func (p *pass) grown(age, still, older vec, gain neonasm.Reg, state vec) {
	error := p.Vec()
	p.Go("VLD1 (%v), [%v.S4]", gain, error)
	error = p.Do("fmax.4s", error, p.word(0))
	p.store(error, gain)
	done := p.Do("fcmeq.4s", error, p.word(0))
	nothing := p.Do("fcmeq.4s", error, p.float(float32(math.Inf(1))))
	p.To(nothing, "orr.16b", nothing, p.Do("cmeq.4s", still, p.word(stillFrames)))
	p.To(nothing, "orr.16b", nothing, p.Do("cmgt.4s", age, p.word(holdFrames-1)))

	left := p.Do("sub.4s", p.word(holdFrames), age)
	left = p.Do("sub.4s", p.Do("shl.4s", left, 8), left)
	tolerance := p.Do("umin.4s", p.Do("ushr.4s", p.Do("mul.4s", left, p.word(perHold)), 22), p.word(0xff))
	tolerance = p.Do("bic.16b", tolerance, nothing)
	p.To(tolerance, "bit.16b", p.word(0xff), done)
	p.To(state, "add.4s", age, p.Do("bic.16b", older, nothing))
	p.To(state, "bic.16b", state, done)
	p.To(state, "orr.16b", state, p.Do("shl.4s", still, 8))
	p.To(state, "orr.16b", state, p.Do("shl.4s", tolerance, 16))
}

// selectChanges looks for cells that may be written.
func selectChanges(f *neonasm.File) {
	p := newPass(f.Func("selectChangesPass", "differs *uint8, want, shown *uint32, gain *float32, kept *uint32, groups int, errorPerByte float32", "",
		"selectChangesPass is selectChangesPlain for 8*groups cells."))
	differs, want, shown := p.Load("differs"), p.Load("want"), p.Load("shown")
	gain, kept, groups := p.Load("gain"), p.Load("kept"), p.Load("groups")
	errorPerByte, r := p.errorPerByte(), p.Reg()
	p.keep(0xff)
	weights := [2]vec{p.Const([4]uint32{1, 2, 4, 8}), p.Const([4]uint32{16, 32, 64, 128})}

	p.Go("group:")
	var bits [2]vec
	for half, weight := range weights {
		p.Go("VLD1.P 64(%v), [V0.S4, V1.S4, V2.S4, V3.S4]", want)
		p.Go("VLD1.P 64(%v), [V4.S4, V5.S4, V6.S4, V7.S4]", shown)
		for i := range 4 {
			p.To(neonasm.V(i), "cmeq.4s", neonasm.V(i), neonasm.V(i+4))
		}
		// The least of a cell's four words is ones if all are.
		low, high := p.Do("uminp.4s", neonasm.V(0), neonasm.V(1)), p.Do("uminp.4s", neonasm.V(2), neonasm.V(3))
		equal := p.Do("uminp.4s", low, high)
		error := p.Vec()
		p.Go("VLD1 (%v), [%v.S4]", gain, error)
		error = p.Do("bic.16b", error, equal)
		p.store(error, gain)
		_, state := p.loadMemory(kept)
		less := p.Do("fcmgt.4s", p.Do("fmul.4s", p.tolerance(state), errorPerByte), error)
		bits[half] = p.Do("bic.16b", weight, p.Do("orr.16b", less, equal))
	}
	sum := p.Do("addv.4s", p.Do("orr.16b", bits[0], bits[1]))
	p.Go("VMOV %v.S[0], %v", sum, r)
	p.Go("MOVB.P %v, 1(%v)", r, differs)
	p.loop("group", groups)
	p.End()
}

// errorPerByte returns what a byte is worth, in all lanes.
func (p *pass) errorPerByte() vec {
	v, r := p.Vec(), p.Reg()
	p.Go("MOVWU %v, %v", p.Arg("errorPerByte"), r)
	p.Go("VDUP %v, %v.S4", r, v)
	return v
}

// remainingError sums the error that updates leave.
func remainingError(f *neonasm.File) {
	p := newPass(f.Func("remainingErrorPass", "sums *float32, counts *int32, gain *float32, kept *uint32, groups int", "",
		"remainingErrorPass is remainingErrorPlain for 8*groups cells."))
	sums, counts := p.Load("sums"), p.Load("counts")
	gain, kept, groups := p.Load("gain"), p.Load("kept"), p.Load("groups")
	p.keep(0, 0xff0000)
	sum, count := [2]vec{p.Splat(0), p.Splat(0)}, [2]vec{p.Splat(0), p.Splat(0)}

	p.Go("group:")
	for half := range 2 {
		_, state := p.loadMemory(kept)
		tolerance := p.Do("cmtst.4s", state, p.word(0xff0000))
		p.To(count[half], "sub.4s", count[half], tolerance)
		error := p.Do("fmax.4s", p.load(gain), p.word(0))
		p.To(sum[half], "fadd.4s", sum[half], p.Do("and.16b", error, tolerance))
	}
	p.loop("group", groups)
	for half := range 2 {
		p.store(sum[half], sums)
		p.store(count[half], counts)
	}
	p.End()
}
