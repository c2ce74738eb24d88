package main

import "acip/internal/asm/neonasm"

// Sums of corners: of all pixels of a cell that are not right of a pixel nor below it. Four cells lie side by side in a
// register, and each half of a lane holds one of two rows. In memory it is eight.
const positionBytes = 3 * 32 // red, green and blue of eight cells

// sumCorners adds up the corners of eight cells of 8x16 samples, four at a time.
func sumCorners(f *neonasm.File) {
	p := newPass(f.Func("sumCornersPass", "samples *byte, stride int, pairs, rb, green, px *uint32", "",
		"sumCornersPass is cornerGroup.add and divide for eight cells, whose rows of samples are stride bytes apart."))
	samples, stride, pairs := p.Load("samples"), p.Load("stride"), p.Load("pairs")
	rb, green, px := p.Load("rb"), p.Load("green"), p.Load("px")
	row, at, left, halves := p.Reg(), p.Reg(), p.Reg(), p.Reg()
	p.Go("MOVD $2, %v", halves)

	p.Go("half:")
	p.Go("MOVD %v, %v", samples, row)
	p.Go("MOVD %v, %v", pairs, at)
	p.Go("MOVD $8, %v", left)
	var above [8][2]vec // red with blue, and green, of the row above
	for i := range above {
		above[i] = [2]vec{p.Splat(0), p.Splat(0)}
	}
	p.keep(0x00ff00ff)
	p.Go("rows:")
	for second := range 2 {
		p.addRow(row, &above, at, second == 1)
		p.Go("ADD %v, %v, %v", stride, row, row)
	}
	p.loop("rows", left)
	p.subCells(pairs, rb, green, px)
	for _, s := range []struct {
		r    neonasm.Reg
		step int
	}{{samples, 4 * 32}, {pairs, 16}, {rb, 16}, {green, 16}, {px, 4 * 32}} {
		p.Go("ADD $%d, %v, %v", s.step, s.r, s.r)
	}
	p.loop("half", halves)
	p.End()
}

// addRow adds a row of four cells to the one above; the second of two also stores what both come to.
func (p *pass) addRow(row neonasm.Reg, above *[8][2]vec, at neonasm.Reg, second bool) {
	r := neonasm.Temp
	p.Go("MOVD %v, %v", row, r)
	p.Go("VLD4.P 64(%v), [V0.S4, V1.S4, V2.S4, V3.S4]", r)
	p.Go("VLD4 (%v), [V4.S4, V5.S4, V6.S4, V7.S4]", r)
	rb, g := p.Splat(0), p.Splat(0)
	for x := range 8 {
		// Every fourth pixel of two cells stands together.
		px := p.Do([2]string{"uzp1.4s", "uzp2.4s"}[x/4], neonasm.V(x%4), neonasm.V(x%4+4))
		p.To(rb, "add.8h", rb, p.Do("and.16b", px, p.word(0x00ff00ff)))
		p.To(g, "add.8h", g, p.Do("and.16b", p.Do("ushr.4s", px, 8), p.word(0x00ff00ff)))
		up := above[x]
		if !second {
			p.To(up[0], "add.8h", up[0], rb)
			p.To(up[1], "add.8h", up[1], g)
			continue
		}
		here := [2]vec{p.Do("add.8h", up[0], rb), p.Do("add.8h", up[1], g)}
		for ch, v := range []vec{p.Do("trn1.8h", up[0], here[0]), p.Do("trn1.8h", up[1], here[1]), p.Do("trn2.8h", up[0], here[0])} {
			p.Go("ADD $%d, %v, %v", x*positionBytes+32*ch, at, r)
			p.Go("VST1 [%v.S4], (%v)", v, r)
		}
		p.To(up[0], "orr.16b", here[0], here[0])
		p.To(up[1], "orr.16b", here[1], here[1])
	}
	if second {
		p.Go("ADD $%d, %v, %v", 8*positionBytes, at, at)
	}
}

// subCells makes sums and means of octants and sextants out of corners.
func (p *pass) subCells(pairs, rb, green, px neonasm.Reg) {
	number := 0
	put := func(v [2]vec) {
		for i, to := range []neonasm.Reg{rb, green} {
			p.storeAt(v[i], to, 32*number)
		}
		number++
	}
	var all [2]vec
	for _, ys := range [][]int{{3, 7, 11, 15}, {4, 10, 15}} {
		var before [2][2]vec
		for i, y := range ys {
			var here [2][2]vec // left and right, of red with blue and of green
			here[0], all = p.corner(pairs, 3, y), p.corner(pairs, 7, y)
			for k := range 2 {
				here[1][k] = p.Do("sub.8h", all[k], here[0][k])
			}
			for side := range 2 {
				out := here[side]
				if i > 0 {
					out = [2]vec{p.Do("sub.8h", out[0], before[side][0]), p.Do("sub.8h", out[1], before[side][1])}
				}
				put(out)
			}
			before = here
		}
	}
	put(all)
	p.means(rb, green, px, 0)
	p.means(rb, green, px, 8)
}

func (p *pass) storeAt(v vec, base neonasm.Reg, offset int) {
	r := neonasm.Temp
	p.Go("ADD $%d, %v, %v", offset, base, r)
	p.Go("VST1 [%v.S4], (%v)", v, r)
}

func (p *pass) loadAt(base neonasm.Reg, offset int) vec {
	r, v := neonasm.Temp, p.Vec()
	p.Go("ADD $%d, %v, %v", offset, base, r)
	p.Go("VLD1 (%v), [%v.S4]", r, v)
	return v
}

// corner returns the sum of a corner: red and blue side by side, and green.
func (p *pass) corner(pairs neonasm.Reg, x, y int) [2]vec {
	at := (y/2*8 + x) * positionBytes
	red, green, blue := p.loadAt(pairs, at), p.loadAt(pairs, at+32), p.loadAt(pairs, at+64)
	zero := p.Splat(0)
	half := [2]string{"trn1.8h", "trn2.8h"}[y%2]
	return [2]vec{p.Do(half, red, blue), p.Do(half, green, zero)}
}

// means divides the sub-cells from first on by their areas, and stores them cell by cell, eight words each.
func (p *pass) means(rb, green, px neonasm.Reg, first int) {
	for half := range 2 {
		var v [4]vec
		for i := range v {
			k := 4*half + i
			if first+k >= 14 {
				v[i] = p.Splat(0)
				continue
			}
			v[i] = p.loadAt(rb, 32*(first+k))
			g := p.loadAt(green, 32*(first+k))
			if first == 0 {
				v[i], g = p.Do("ushr.8h", v[i], 4), p.Do("ushr.8h", g, 4)
			} else {
				by := p.Splat([3]uint32{1640 | 1640<<16, 1368 | 1368<<16, 1640 | 1640<<16}[k/2]) // 1<<15/20 or /24, as subReciprocals has it
				v[i], g = p.Do("sqdmulh.8h", v[i], by), p.Do("sqdmulh.8h", g, by)
			}
			p.To(v[i], "orr.16b", v[i], p.Do("shl.4s", g, 8))
		}
		for i, t := range p.turned(v) {
			p.storeAt(t, px, first*32+32*i+16*half)
		}
	}
}

// turned exchanges rows and columns of four by four words.
func (p *pass) turned(v [4]vec) [4]vec {
	a, b := p.Do("zip1.4s", v[0], v[2]), p.Do("zip1.4s", v[1], v[3])
	c, d := p.Do("zip2.4s", v[0], v[2]), p.Do("zip2.4s", v[1], v[3])
	return [4]vec{p.Do("zip1.4s", a, b), p.Do("zip2.4s", a, b), p.Do("zip1.4s", c, d), p.Do("zip2.4s", c, d)}
}

// scoreCorners adds up corners to what the pixels under each mask deviate from the cell's mean, and scores that.
func scoreCorners(f *neonasm.File) {
	p := newPass(f.Func("scoreCornersPass", "best *uint32, deviations *int32, pairs *uint32, steps, heads *int32, masks int", "",
		"scoreCornersPass is cornerGroup.score for eight cells: a head for each mask says how many double steps lead to it, and what",
		"its squared deviation is worth; a step is where two corners lie, and their weights."))
	best, deviations, pairs := p.Load("best"), p.Load("deviations"), p.Load("pairs")
	step, head, masks := p.Load("steps"), p.Load("heads"), p.Load("masks")
	left, at, weight := p.Reg(), p.Reg(), p.Reg()
	number, one, bits := p.Splat(0), p.Splat(1), p.Splat(1<<32-128)
	greatest := [2]vec{p.Splat(0), p.Splat(0)}

	p.Go("mask:")
	p.Go("MOVWU.P 4(%v), %v", head, left)
	p.Go("LSL $1, %v, %v", left, left)
	var acc [3][4]vec // two cells each
	for ch := range acc {
		for i := range acc[ch] {
			acc[ch][i] = p.Splat(0)
		}
	}

	p.Go("step:")
	weights := p.Vec()
	p.Go("MOVWU.P 4(%v), %v", step, at)
	p.Go("MOVWU.P 4(%v), %v", step, weight)
	p.Go("ADD %v, %v, %v", pairs, at, at)
	p.Go("VDUP %v, %v.S4", weight, weights)
	p.Go("VLD1.P 64(%v), [V0.S4, V1.S4, V2.S4, V3.S4]", at)
	p.Go("VLD1 (%v), [V4.S4, V5.S4]", at)
	for ch := range acc {
		for i := range acc[ch] {
			p.To(acc[ch][i], [2]string{"smlal", "smlal2"}[i%2], neonasm.V(2*ch+i/2), weights)
		}
	}
	p.loop("step", left)

	var square [2]vec
	for ch := range acc {
		for half := range square {
			d := p.Do("addp.4s", acc[ch][2*half], acc[ch][2*half+1])
			p.store(d, deviations)
			d = p.Do("scvtf.4s", d)
			d = p.Do("fmul.4s", d, d)
			if ch > 0 {
				d = p.Do("fadd.4s", square[half], d)
			}
			square[half] = d
		}
	}
	errorPerByte := p.Vec()
	p.Go("MOVWU.P 4(%v), %v", head, weight)
	p.Go("VDUP %v, %v.S4", weight, errorPerByte)
	for half, s := range square {
		s = p.Do("orr.16b", p.Do("and.16b", p.Do("fmul.4s", s, errorPerByte), bits), number)
		p.To(greatest[half], "umax.4s", greatest[half], s)
	}
	p.To(number, "add.4s", number, one)
	p.loop("mask", masks)
	p.store(greatest[0], best)
	p.store(greatest[1], best)
	p.End()
}
