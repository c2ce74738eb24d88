package main

import (
	"math"

	"acip/internal/asm/neonasm"
)

// nextCandidate looks for the next cell that may be worth going to. What a cell leaves and takes is what
// sgrState.nearShape says, but for what introduces colours; a blank is a shape of which nothing is covered.
func nextCandidate(f *neonasm.File) {
	p := newPass(f.Func("nextCandidatePass", "differs *uint8, want *uint32, gain *float32, kept *uint32, shares *int32, rendition *uint32, errorPerByte float32, groups int",
		"group int, cells uint32",
		"nextCandidatePass returns the first of the groups of eight cells in which a cell whose bit is set may be worth going to, and the",
		"bits of those in the same half of it; no bits if there is none."))
	differs, want, gain := p.Load("differs"), p.Load("want"), p.Load("gain")
	kept, shares, rendition := p.Load("kept"), p.Load("shares"), p.Load("rendition")
	groups, number, bits, r, shift := p.Load("groups"), p.Reg(), p.Reg(), p.Reg(), p.Reg()
	v, fg, bg := p.errorPerByte(), p.Vec(), p.Vec()
	p.Go("MOVWU.P 4(%v), %v", rendition, r)
	p.Go("VDUP %v, %v.S4", r, fg)
	p.Go("MOVWU (%v), %v", rendition, r)
	p.Go("VDUP %v, %v.S4", r, bg)
	p.keep(0, 0xff, 0x3ff, 0xffffff, blank, rgbKind, shapeKind, cellArea)
	weights := p.Const([4]uint32{1, 2, 4, 8})
	p.Go("LSL $1, %v, %v", groups, groups)
	p.Go("MOVD ZR, %v", number)

	p.Go("half:")
	p.Go("LSR $1, %v, %v", number, r)
	p.Go("AND $1, %v, %v", number, shift)
	p.Go("LSL $2, %v, %v", shift, shift)
	p.Go("MOVBU (%v)(%v), %v", differs, r, bits)
	p.Go("LSR %v, %v, %v", shift, bits, bits)
	p.Go("ANDS $15, %v, %v", bits, bits)
	p.Go("BEQ next")
	found := p.Do("addv.4s", p.Do("and.16b", p.worthwhile(want, gain, kept, shares, number, [3]vec{v, fg, bg}), weights))
	p.Go("VMOV %v.S[0], %v", found, r)
	p.Go("ANDS %v, %v, %v", r, bits, bits)
	p.Go("BNE done")

	p.Go("next:")
	p.Go("ADD $1, %v, %v", number, number)
	p.Go("CMP %v, %v", groups, number)
	p.Go("BLT half")
	p.Go("MOVD ZR, %v", bits)

	p.Go("done:")
	p.Go("LSL %v, %v, %v", shift, bits, bits)
	p.Go("LSR $1, %v, %v", number, number)
	p.Go("MOVD %v, %v", number, p.Arg("group"))
	p.Go("MOVW %v, %v", bits, p.Arg("cells"))
	p.End()
}

// worthwhile reports which of the four cells of a number may be worth going to; rendition is what a byte is worth, and the
// rendition's foreground and background.
func (p *pass) worthwhile(want, gain, kept, shares, number neonasm.Reg, rendition [3]vec) vec {
	at := p.Reg()
	p.Go("ADD %v<<6, %v, %v", number, want, at)
	c := fixed(4)
	p.loadCells(c, at)
	isBlank := p.Do("cmeq.4s", c.glyph, p.word(blank))
	known := p.Do("orr.16b", p.both(p.ofKind(c.fg, rgbKind), p.ofKind(c.glyph, shapeKind)), isBlank)
	known = p.both(known, p.ofKind(c.bg, rgbKind))
	index := p.Do("bic.16b", p.both(c.glyph, p.word(0x3ff), known), isBlank)
	share := p.Gather(shares, index)
	rest := p.Do("sub.4s", p.word(cellArea), share)

	p.Go("ADD %v<<5, %v, %v", number, kept, at)
	_, state := p.loadMemory(at)
	v := p.Do("fmul.4s", p.tolerance(state), rendition[0])
	change := p.Do("fcvtzs.4s", p.Do("fmul.4s", v, p.Splat(math.Float32bits(colorBytes*errorUnit))))
	shorter := p.Do("fcvtzs.4s", p.Do("fmul.4s", v, p.Splat(math.Float32bits(2*errorUnit))))
	least := p.Do("scvtf.4s", p.leastOf(c, rendition[1], rendition[2], share, rest, change, shorter))
	least = p.Do("fmul.4s", least, p.Splat(math.Float32bits(1./errorUnit)))
	least = p.Do("fadd.4s", least, p.Do("fmul.4s", v, p.Splat(math.Float32bits(glyphBytes+cursorBytes))))
	least = p.Do("fmul.4s", least, p.Splat(math.Float32bits(1-1./4096)))

	error := p.Vec()
	p.Go("ADD %v<<4, %v, %v", number, gain, at)
	p.Go("VLD1 (%v), [%v.S4]", at, error)
	errorPerByte := p.Do("fcmgt.4s", error, least)
	errorPerByte = p.Do("orr.16b", errorPerByte, p.Do("fcmeq.4s", v, p.word(0)))
	return p.Do("orn.16b", errorPerByte, known)
}

// leastOf returns the least that cells in near colours leave and take, in errorUnit; change is what a colour takes,
// shorter how much less a blank does than a full block.
func (p *pass) leastOf(c columns, penFG, penBG, share, rest, change, shorter vec) vec {
	cost := func(rendition, part, area vec) vec { return p.Do("mul.4s", p.distance(rendition, part), area) }
	// One colour for both parts, then one of the rendition's for both, then those of the rendition for either.
	mean := p.Do("ushr.4s", p.Do("mul.4s", p.distance(c.fg, c.bg), p.Do("mul.4s", share, rest)), 5)
	least := p.Do("add.4s", mean, change)
	ff, fb := cost(penFG, c.fg, share), cost(penFG, c.bg, rest)
	full := p.Do("add.4s", ff, fb)
	bb, bf := cost(penBG, c.bg, rest), cost(penBG, c.fg, share)
	least = p.Do("umin.4s", least, p.Do("add.4s", bb, bf))
	least = p.Do("smin.4s", p.Do("sub.4s", least, shorter), full)
	within := func(a, b vec) vec { return p.Do("add.4s", p.Do("umin.4s", a, change), p.Do("umin.4s", b, change)) }
	least = p.Do("smin.4s", least, within(ff, bb))
	return p.Do("smin.4s", least, within(fb, bf))
}
