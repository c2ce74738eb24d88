package main

import (
	"math/bits"

	"acip/internal/asm/neonasm"
)

// searchGrid scores sixteen patterns at a time: the lanes of two registers a channel are the patterns of the first four
// sub-cells, and a walk through the Gray code of the others adds or takes away one sub-cell a step.
func searchGrid(f *neonasm.File) {
	p := newPass(f.Func("searchGridPass", "best, px *uint32, cells int, table *int16, patterns int", "",
		"searchGridPass is glyphGrid.search for a row of cells and 8, 32 or 128 patterns."))
	best, px, cells := p.Load("best"), p.Load("px"), p.Load("cells")
	table, patterns, numbers, answer := p.Load("table"), p.Load("patterns"), p.Reg(), p.Reg()
	var lanes [16]uint32
	for i := range lanes {
		lanes[i] = uint32(i)
	}
	p.Data(numbers, lanes[:])
	number := p.Splat(127) // the bits of a score that carry the pattern
	var low [3]vec
	for bit := range low {
		var words [4]uint32
		for lane := range 8 {
			words[lane/2] |= uint32(lane>>bit&1*0xffff) << (lane % 2 * 16)
		}
		low[bit] = p.Const(words)
	}
	p.Go("VLD2 (%v), [V0.H8, V1.H8]", table)
	area := p.Do("orr.16b", neonasm.V(0), neonasm.V(0))

	p.Go("cell:")
	deviations := p.centre(px, area)
	var sum [3][2]vec // patterns 0…7 and 8…15
	for ch, d := range deviations {
		first := p.Do("and.16b", p.sub(d, 0), low[0])
		for bit := 1; bit < 3; bit++ {
			first = p.Do("add.8h", first, p.Do("and.16b", p.sub(d, bit), low[bit]))
		}
		sum[ch] = [2]vec{first, p.Do("add.8h", first, p.sub(d, 3))}
	}
	p.Go("VLD1 (%v), [V4.S4, V5.S4, V6.S4, V7.S4]", numbers)
	greatest := [2]vec{p.Splat(0), p.Splat(0)}
	for step := range 8 {
		if step == 1 || step == 2 {
			p.Go("CMP $%d, %v", 16*step, patterns)
			p.Go("BLE reduce")
		}
		if step > 0 {
			p.turnOver(step, sum, deviations)
		}
		p.Go("ADD $%d, %v, %v", 32+64*(step^step>>1), table, neonasm.Temp)
		p.Go("VLD1 (%v), [V0.S4, V1.S4, V2.S4, V3.S4]", neonasm.Temp)
		for four := range 4 {
			p.score(sum, four, number, greatest[four%2])
		}
	}

	p.Go("reduce:")
	p.To(greatest[0], "umax.4s", greatest[0], greatest[1])
	p.To(greatest[0], "umaxv", greatest[0])
	p.Go("VMOV %v.S[0], %v", greatest[0], answer)
	p.Go("SUB $1, %v, %v", patterns, neonasm.Temp)
	p.Go("AND %v, %v, %v", neonasm.Temp, answer, answer)
	p.Go("MOVW.P %v, 4(%v)", answer, best)
	p.loop("cell", cells)
	p.End()
}

// sub returns the deviation of one sub-cell, everywhere.
func (p *pass) sub(deviations vec, i int) vec {
	v := p.Vec()
	p.Go("VDUP %v.H[%d], %v.H8", deviations, i, v)
	return v
}

// centre is glyphGrid.deviations, a channel a register.
func (p *pass) centre(px neonasm.Reg, area vec) (d channels) {
	p.Go("VLD4.P 32(%v), [V0.B8, V1.B8, V2.B8, V3.B8]", px)
	for ch := range d {
		v := p.Do("ushll", neonasm.V(ch), 0)
		all := p.sub(p.Do("addv.8h", p.Do("mul.8h", v, area)), 0)
		v = p.Do("sshr.8h", p.Do("sub.8h", p.Do("shl.8h", v, 5), all), 1)
		d[ch] = p.Do("sshr.8h", p.Do("mul.8h", v, area), 1)
	}
	return d
}

// turnOver takes the sub-cell that changes in step of the Gray code in or out of all sums and numbers.
func (p *pass) turnOver(step int, sum [3][2]vec, deviations channels) {
	bit := bits.TrailingZeros(uint(step))
	op := "sub.8h"
	if (step^step>>1)>>bit&1 == 1 {
		op = "add.8h"
	}
	for ch, d := range deviations {
		t := p.sub(d, 4+bit)
		for _, s := range sum[ch] {
			p.To(s, op, s, t)
		}
	}
	changed := p.Splat(16 << bit)
	for four := range 4 {
		n := neonasm.V(4 + four)
		p.To(n, "eor.16b", n, changed)
	}
}

// score scores four of the sixteen patterns, whose weights and numbers are in registers 0 and 4 and those that follow.
func (p *pass) score(sum [3][2]vec, four int, number, greatest vec) {
	suffix := [2]string{"", "2"}[four%2]
	s := p.Do("smull"+suffix, sum[0][four/2], sum[0][four/2])
	for ch := 1; ch < 3; ch++ {
		p.To(s, "smlal"+suffix, sum[ch][four/2], sum[ch][four/2])
	}
	s = p.Do("fmul.4s", p.Do("scvtf.4s", s), neonasm.V(four))
	p.To(s, "bit.16b", neonasm.V(4+four), number)
	p.To(greatest, "umax.4s", greatest, s)
}
