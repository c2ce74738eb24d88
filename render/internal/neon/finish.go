package main

import (
	"math"

	"acip/internal/asm/neonasm"
)

// Where the parts of a gridTable lie.
const (
	tableShape      = 32 + 4*256
	tableFilled     = tableShape + 4*256
	tableReciprocal = tableFilled + 4*256
	tablePattern    = tableReciprocal + 4*64
)

// channels are sums or colours of four cells: red, green, blue.
type channels [3]vec

// finishGrid gives the patterns of four cells their colours, and compares them with what is shown.
func finishGrid(f *neonasm.File) {
	p := newPass(f.Func("finishGridPass", "cells *uint32, gain *float32, samples *byte, stride, rows int, best, shown *uint32, table *int16, groups int", "",
		"finishGridPass is gridPainter.finishPlain for 4*groups cells of a glyphGrid of two columns and some rows, which lie",
		"stride bytes apart in samples."))
	cells, gain, samples, stride := p.Load("cells"), p.Load("gain"), p.Load("samples"), p.Load("stride")
	rows, bests, shown, table, groups := p.Load("rows"), p.Load("best"), p.Load("shown"), p.Load("table"), p.Load("groups")
	at := func(offset int) neonasm.Reg {
		r := p.Reg()
		p.Go("ADD $%d, %v, %v", offset, table, r)
		return r
	}
	shapes, filled, reciprocals, patterns := at(tableShape), at(tableFilled), at(tableReciprocal), at(tablePattern)
	p.keep(blank, 0xff)

	p.Go("group:")
	was := fixed(0)
	p.loadCells(was, shown)
	pattern, known := p.shownPattern(was, patterns)
	best := p.load(bests)
	all, in, wasIn := p.sumPatterns([3]neonasm.Reg{samples, table, rows}, stride, best, pattern)
	p.Go("ADD $32, %v, %v", samples, samples)

	// The error of what is shown, less that of the means.
	area := p.Gather(filled, pattern)
	error := p.partError(wasIn, area, p.colours(was.fg))
	rest := func(area vec) vec { return p.Do("sub.4s", p.Splat(cellArea), area) }
	p.To(error, "add.4s", error, p.partError(p.less(all, wasIn), rest(area), p.colours(was.bg)))
	area = p.Gather(filled, best)
	fg := p.mean(in, p.Gather(reciprocals, area))
	p.To(error, "sub.4s", error, p.partError(in, area, fg))
	out, others := p.less(all, in), rest(area)
	bg := p.mean(out, p.Gather(reciprocals, others))
	p.To(error, "sub.4s", error, p.partError(out, others, bg))
	error = p.Do("fmul.4s", p.Do("scvtf.4s", error), p.Splat(math.Float32bits(1./(3*cellArea))))

	back := p.paintOf(bg)
	front := p.Do("cmeq.4s", area, p.Splat(0))
	p.To(front, "bsl.16b", back, p.paintOf(fg))
	c := p.assignFlat(p.Gather(shapes, best), front, back)
	p.constants[math.Float32bits(float32(math.Inf(1)))] = p.Splat(math.Float32bits(float32(math.Inf(1))))
	p.store(p.compared(c, was, known, error), gain)
	p.storeCells(c, cells)
	p.loop("group", groups)
	p.End()
}

// shownPattern finds the patterns of what is shown, and which of them can be compared.
func (p *pass) shownPattern(c columns, patterns neonasm.Reg) (pattern, known vec) {
	isBlank := p.Do("cmeq.4s", c.glyph, p.word(blank))
	p.constants[shapeKind], p.constants[rgbKind] = p.Splat(shapeKind), p.Splat(rgbKind)
	index := p.both(c.glyph, p.Splat(0x3ff), p.ofKind(c.glyph, shapeKind)) // what is no shape finds that of nothing, which has no pattern
	pattern = p.Gather(patterns, index)
	known = p.Do("orr.16b", p.Do("cmgt.4s", pattern, p.Splat(0)), isBlank)
	return pattern, p.both(known, p.ofKind(c.bg, rgbKind), p.Do("cmeq.4s", c.rest, p.Splat(0)))
}

// sumPatterns sums all sub-cells, those of the best patterns, and those of the shown ones; from are samples, areas,
// rows.
func (p *pass) sumPatterns(from [3]neonasm.Reg, stride neonasm.Reg, best, shown vec) (all, in, was channels) {
	var rb, g [3]vec // red with blue in the upper half, and green, of each
	for i := range 3 {
		rb[i], g[i] = p.Splat(0), p.Splat(0)
	}
	at, areas, left, r := p.Reg(), p.Reg(), p.Reg(), p.Reg()
	p.Go("MOVD %v, %v", from[0], at)
	p.Go("MOVD %v, %v", from[1], areas)
	p.Go("MOVD %v, %v", from[2], left)
	bit, evenBytes := p.Splat(1), p.Splat(0x00ff00ff)

	p.Go("row:")
	p.Go("VLD2 (%v), [V4.S4, V5.S4]", at)
	p.Go("ADD %v, %v, %v", stride, at, at)
	for side := range 2 {
		area := p.Vec()
		p.Go("MOVWU.P 4(%v), %v", areas, r)
		p.Go("VDUP %v, %v.S4", r, area)
		px := neonasm.V(4 + side)
		green := p.Do("mul.8h", p.Do("and.16b", p.Do("ushr.4s", px, 8), p.word(0xff)), area)
		redBlue := p.Do("mul.8h", p.Do("and.16b", px, evenBytes), area)
		p.To(rb[0], "add.8h", rb[0], redBlue)
		p.To(g[0], "add.8h", g[0], green)
		for i, pattern := range []vec{best, shown} {
			under := p.Do("cmtst.4s", pattern, bit)
			p.To(rb[i+1], "add.8h", rb[i+1], p.Do("and.16b", redBlue, under))
			p.To(g[i+1], "add.8h", g[i+1], p.Do("and.16b", green, under))
		}
		p.To(bit, "shl.4s", bit, 1)
	}
	p.loop("row", left)
	low := p.Splat(0xffff)
	apart := func(i int) channels {
		return channels{p.Do("and.16b", rb[i], low), g[i], p.Do("ushr.4s", rb[i], 16)}
	}
	return apart(0), apart(1), apart(2)
}

// colours returns the channels of paints.
func (p *pass) colours(paint vec) channels {
	ff := p.word(0xff)
	return channels{p.Do("and.16b", p.Do("ushr.4s", paint, 16), ff), p.Do("and.16b", p.Do("ushr.4s", paint, 8), ff), p.Do("and.16b", paint, ff)}
}

func (p *pass) less(a, b channels) (c channels) {
	for i := range c {
		c[i] = p.Do("sub.4s", a[i], b[i])
	}
	return c
}

// partError is sums.part: the squared error of an area that sums up to s in a colour.
func (p *pass) partError(s channels, area vec, colour channels) vec {
	squares, products := p.Do("mul.4s", colour[0], colour[0]), p.Do("mul.4s", colour[0], s[0])
	for i := 1; i < 3; i++ {
		p.To(squares, "mla.4s", colour[i], colour[i])
		p.To(products, "mla.4s", colour[i], s[i])
	}
	return p.Do("sub.4s", p.Do("mul.4s", squares, area), p.Do("shl.4s", products, 1))
}

// mean is sums.mean.
func (p *pass) mean(s channels, by vec) (c channels) {
	half := p.Splat(1 << 15)
	for i := range c {
		sum := p.Do("orr.16b", half, half)
		p.To(sum, "mla.4s", s[i], by)
		c[i] = p.Do("and.16b", p.Do("ushr.4s", sum, 16), p.word(0xff))
	}
	return c
}

// paintOf makes paints of colours.
func (p *pass) paintOf(c channels) vec {
	v := p.Do("orr.16b", c[2], p.Splat(paintRGB))
	p.To(v, "orr.16b", v, p.Do("shl.4s", c[1], 8))
	p.To(v, "orr.16b", v, p.Do("shl.4s", c[0], 16))
	return v
}
