package main

import (
	"fmt"

	"acip/internal/asm/neonasm"
)

// sumMasks multiplies a channel of a cell's 128 pixels, eight registers, with the bytes of each mask. Four products of
// 255*64 fit 16 bits; then they go to 32.
func sumMasks(f *neonasm.File) {
	p := newPass(f.Func("sumMasksNEON", "sums *int32, samples *byte, cells, stride int, masks *byte, count int", "",
		"sumMasksNEON adds up a row of cells under count masks of 128 bytes."))
	sums, samples, cells := p.Load("sums"), p.Load("samples"), p.Load("cells")
	stride, masks, count := p.Load("stride"), p.Load("masks"), p.Load("count")
	row, mask, left, to, sum := p.Reg(), p.Reg(), p.Reg(), p.Reg(), p.Reg()

	p.Go("cell:")
	for ch := range 3 {
		plane := p.plane(samples, stride, row, ch)
		p.Go("MOVD %v, %v", masks, mask)
		p.Go("MOVD %v, %v", count, left)
		p.Go("ADD $%d, %v, %v", 4*ch, sums, to)
		label := fmt.Sprintf("channel%d", ch)
		p.Go(label + ":")
		p.Go("VLD1.P 64(%v), [V0.B16, V1.B16, V2.B16, V3.B16]", mask)
		p.Go("VLD1.P 64(%v), [V4.B16, V5.B16, V6.B16, V7.B16]", mask)
		var all vec
		for part := range 4 {
			first, upper := part/2*4, [2]string{"", "2"}[part%2]
			acc := p.Do("umull"+upper, plane[first], neonasm.V(first))
			for k := first + 1; k < first+4; k++ {
				p.To(acc, "umlal"+upper, plane[k], neonasm.V(k))
			}
			if part == 0 {
				all = p.Do("uaddlp", acc)
			} else {
				p.To(all, "uadalp", acc)
			}
		}
		p.Go("VMOV %v.S[0], %v", p.Do("addv.4s", all), sum)
		p.Go("MOVW %v, (%v)", sum, to)
		p.Go("ADD $16, %v, %v", to, to)
		p.loop(label, left)
	}
	p.Go("ADD $32, %v, %v", samples, samples)
	p.Go("ADD %v<<4, %v, %v", count, sums, sums)
	p.loop("cell", cells)
	p.End()
}

// plane returns a channel of a cell, two rows of eight pixels a register.
func (p *pass) plane(samples, stride, row neonasm.Reg, ch int) (plane [8]vec) {
	p.Go("MOVD %v, %v", samples, row)
	for k := range plane {
		for _, first := range []int{0, 4} {
			p.Go("VLD4 (%v), [V%d.B8, V%d.B8, V%d.B8, V%d.B8]", row, first, first+1, first+2, first+3)
			p.Go("ADD %v, %v, %v", stride, row, row)
		}
		plane[k] = p.Do("zip1.2d", neonasm.V(ch), neonasm.V(4+ch))
	}
	return plane
}

// scoreMasks scores four masks at a time.
func scoreMasks(f *neonasm.File) {
	p := newPass(f.Func("scoreMasksNEON", "best *uint32, sums *int32, cells, pitch int, table *int32, fours int", "",
		"scoreMasksNEON is maskSet.best for a row of cells of pitch masks each, of which the last covers everything and the first",
		"4*fours are scored. table is each mask's area and weight."))
	best, sums, cells := p.Load("best"), p.Load("sums"), p.Load("cells")
	pitch, table, fours := p.Load("pitch"), p.Load("table"), p.Load("fours")
	at, weights, left := p.Reg(), p.Reg(), p.Reg()
	low, four, lanes := p.Splat(127), p.Splat(4), p.Const([4]uint32{0, 1, 2, 3})

	p.Go("cell:")
	p.Go("MOVD %v, %v", sums, at)
	p.Go("MOVD %v, %v", table, weights)
	p.Go("MOVD %v, %v", fours, left)
	p.Go("ADD %v<<4, %v, %v", pitch, sums, sums)
	p.Go("SUB $16, %v, %v", sums, neonasm.Temp)
	p.Go("VLD1 (%v), [V0.S4]", neonasm.Temp)
	whole := p.Do("ushr.4s", neonasm.V(0), 6)
	var total [3]vec
	for ch := range total {
		total[ch] = p.Vec()
		p.Go("VDUP %v.S[%d], %v.S4", whole, ch, total[ch])
	}
	number, greatest := p.Do("orr.16b", lanes, lanes), p.Splat(0)

	p.Go("four:")
	p.Go("VLD4.P 64(%v), [V0.S4, V1.S4, V2.S4, V3.S4]", at)
	p.Go("VLD2.P 32(%v), [V4.S4, V5.S4]", weights)
	var score vec
	for ch := range total {
		d := p.Do("shl.4s", neonasm.V(ch), 7)
		p.To(d, "mls.4s", neonasm.V(4), total[ch])
		d = p.Do("scvtf.4s", d)
		d = p.Do("fmul.4s", d, d)
		if ch > 0 {
			d = p.Do("fadd.4s", score, d)
		}
		score = d
	}
	score = p.Do("fmul.4s", score, neonasm.V(5))
	p.To(score, "bit.16b", number, low)
	p.To(greatest, "umax.4s", greatest, score)
	p.To(number, "add.4s", number, four)
	p.loop("four", left)

	p.To(greatest, "umaxv", greatest)
	p.Go("VMOV %v.S[0], %v", greatest, neonasm.Temp)
	p.Go("MOVW.P %v, 4(%v)", neonasm.Temp, best)
	p.loop("cell", cells)
	p.End()
}
