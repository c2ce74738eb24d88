// Command neon writes the passes of the shrinker for arm64: what ../asm writes for amd64.
package main

import (
	"fmt"
	"log"

	"acip/internal/asm/neonasm"
)

//go:generate go run . -out ../../passes_arm64.s -stubs ../../passes_arm64.go

func main() {
	few := func(f *neonasm.File) { addRows(f, "addRowsPass", 32) }
	many := func(f *neonasm.File) { addRows(f, "addManyRowsPass", 64) }
	if err := neonasm.Generate("yuv", few, many, addPairs, addQuads, addFours, addEights,
		widen, widenTwice, toRGB); err != nil {
		log.Fatal(err)
	}
}

type (
	vec = *neonasm.Vec
	reg = neonasm.Reg
)

// again goes back to a label while left, counted down, is not zero.
func again(f *neonasm.Func, label string, left reg) {
	f.Go("SUBS $1, %v", left)
	f.Go("BNE " + label)
}

// blocks starts at the first of n elements; last is where the last whole block of size begins. See Overlap of neonasm.
func blocks(f *neonasm.Func, size int) (at, last reg) {
	at, last = f.Reg(), f.Load("n")
	f.Go("MOVD ZR, %v", at)
	f.Go("SUB $%d, %v, %v", size, last, last)
	return at, last
}

// store stores vectors one after the other from to + at on, and does not move on.
func store(f *neonasm.Func, to reg, all ...vec) {
	f.Go("MOVD %v, %v", to, neonasm.Temp)
	for _, v := range all {
		f.Go("VST1.P [%v.H8], 16(%v)", v, neonasm.Temp)
	}
}

// addRows sums columns in 16 bits, which the weights, bytes here, cannot overflow.
func addRows(file *neonasm.File, name string, columns int) {
	f := file.Func(name, "dst *int16, rows *byte, n, stride int, w *int16, count int", "",
		fmt.Sprintf("%s is addRows for n ≥ %d columns and count rows, whose weights are less than 256.", name, columns))
	dst, rows, stride, w, count := f.Load("dst"), f.Load("rows"), f.Load("stride"), f.Load("w"), f.Load("count")
	px, weight, left, out := f.Reg(), f.Reg(), f.Reg(), f.Reg()
	at, last := blocks(f, columns)

	f.Go("block:")
	acc := make([]vec, columns/8)
	for i := range acc {
		acc[i] = f.Splat(0x00020002)
	}
	f.Go("ADD %v, %v, %v", at, rows, px)
	f.Go("MOVD %v, %v", w, weight)
	f.Go("MOVD %v, %v", count, left)

	f.Go("row:")
	ws := f.Vec()
	f.Go("VLD1R (%v), [%v.B16]", weight, ws) // the lower byte
	if columns == 64 {
		f.Go("VLD1 (%v), [V0.B16, V1.B16, V2.B16, V3.B16]", px)
	} else {
		f.Go("VLD1 (%v), [V0.B16, V1.B16]", px)
	}
	f.Go("ADD $2, %v, %v", weight, weight)
	f.Go("ADD %v, %v, %v", stride, px, px)
	for i, a := range acc {
		f.To(a, [2]string{"umlal", "umlal2"}[i%2], neonasm.V(i/2), ws)
	}
	again(f, "row", left)

	for _, a := range acc {
		f.To(a, "ushr.8h", a, 2)
	}
	f.Go("ADD %v<<1, %v, %v", at, dst, out)
	store(f, out, acc...)
	f.Overlap(at, last, columns)
}

// addPairs and addQuads make eight sums at a time.
func addPairs(file *neonasm.File) {
	f := file.Func("addPairsPass", "dst, row *int16, eights int", "", "addPairsPass is the mean of 8*eights pairs of words that lie side by side.")
	dst, row, left := f.Load("dst"), f.Load("row"), f.Load("eights")
	f.Go("block:")
	f.Go("VLD2.P 32(%v), [V0.H8, V1.H8]", row)
	f.Go("VST1.P [%v.H8], 16(%v)", f.Do("urhadd.8h", neonasm.V(0), neonasm.V(1)), dst)
	again(f, "block", left)
	f.End()
}

func addQuads(file *neonasm.File) {
	f := file.Func("addQuadsPass", "dst, row *int16, eights int", "", "addQuadsPass is the mean of 8*eights fours of words that lie side by side, of no more than 14 bits.")
	dst, row, left := f.Load("dst"), f.Load("row"), f.Load("eights")
	f.Go("block:")
	f.Go("VLD4.P 64(%v), [V0.H8, V1.H8, V2.H8, V3.H8]", row)
	sum := f.Do("add.8h", f.Do("add.8h", neonasm.V(0), neonasm.V(1)), f.Do("add.8h", neonasm.V(2), neonasm.V(3)))
	mean := f.Do("urshr.8h", sum, 2)
	f.Go("VST1.P [%v.H8], 16(%v)", mean, dst)
	again(f, "block", left)
	f.End()
}

// window is the address of the words of the next window of start.
func window(f *neonasm.Func, row, start, at reg) {
	f.Go("MOVW.P 4(%v), %v", start, at)
	f.Go("ADD %v<<1, %v, %v", at, row, at)
}

// narrow makes eight words of sums.
func narrow(f *neonasm.Func, sums [2]vec) vec {
	v := f.Do("rshrn", sums[0], 14)
	f.To(v, "rshrn2", sums[1], 14)
	return v
}

// addFours makes eight sums at a time.
func addFours(file *neonasm.File) {
	f := file.Func("addFoursPass", "dst, row *int16, start *int32, w *int16, eights int", "", "addFoursPass is addColumns for 8*eights windows of 4 words.")
	dst, row, start, w, left := f.Load("dst"), f.Load("row"), f.Load("start"), f.Load("w"), f.Load("eights")
	at := f.Reg()
	f.Go("block:")
	f.Go("VLD1.P 64(%v), [V0.H8, V1.H8, V2.H8, V3.H8]", w)
	var pairs [4]vec
	for i := range pairs {
		x := neonasm.V(4 + i)
		for half := range 2 {
			window(f, row, start, at)
			f.Go("VLD1 (%v), %v.D[%d]", at, x, half)
		}
		pairs[i] = f.Do("addp.4s", f.Do("smull", x, neonasm.V(i)), f.Do("smull2", x, neonasm.V(i)))
	}
	sums := [2]vec{f.Do("addp.4s", pairs[0], pairs[1]), f.Do("addp.4s", pairs[2], pairs[3])}
	f.Go("VST1.P [%v.H8], 16(%v)", narrow(f, sums), dst)
	again(f, "block", left)
	f.End()
}

// addEights makes four sums at a time, each eight words a step.
func addEights(file *neonasm.File) {
	f := file.Func("addEightsPass", "dst, row *int16, start *int32, w *int16, fours, steps int", "", "addEightsPass is addColumns for 4*fours windows of 8*steps words.")
	dst, row, start, w := f.Load("dst"), f.Load("row"), f.Load("start"), f.Load("w")
	left, steps, at, count := f.Load("fours"), f.Load("steps"), f.Reg(), f.Reg()
	f.Go("block:")
	var acc [4]vec
	for i := range acc {
		acc[i] = f.Splat(0)
		window(f, row, start, at)
		f.Go("MOVD %v, %v", steps, count)
		label := fmt.Sprintf("step%d", i)
		f.Go(label + ":")
		f.Go("VLD1.P 16(%v), [V0.H8]", at)
		f.Go("VLD1.P 16(%v), [V1.H8]", w)
		f.To(acc[i], "smlal", neonasm.V(0), neonasm.V(1))
		f.To(acc[i], "smlal2", neonasm.V(0), neonasm.V(1))
		again(f, label, count)
	}
	sums := f.Do("addp.4s", f.Do("addp.4s", acc[0], acc[1]), f.Do("addp.4s", acc[2], acc[3]))
	f.Go("VST1.P [%v.H4], 8(%v)", f.Do("rshrn", sums, 14), dst)
	again(f, "block", left)
	f.End()
}

// widen makes sixteen words at a time.
func widen(file *neonasm.File) {
	f := file.Func("widenPass", "dst *int16, src *byte, n int", "", "widenPass is widen for n ≥ 16 samples that stand for one picture column each.")
	widenBlocks(f, 16, 1, func(v vec) vec { return v })
}

func widenTwice(file *neonasm.File) {
	f := file.Func("widenTwicePass", "dst *int16, src *byte, n int", "", "widenTwicePass is widen for n ≥ 8 samples that stand for two picture columns each.")
	widenBlocks(f, 8, 2, func(v vec) vec { return f.Do("zip1.16b", v, v) })
}

// widenBlocks widens samples to words, sixteen columns at a time.
func widenBlocks(f *neonasm.Func, samples, shift int, columns func(vec) vec) {
	dst, src, to, from := f.Load("dst"), f.Load("src"), f.Reg(), f.Reg()
	at, last := blocks(f, samples)
	f.Go("block:")
	v := f.Vec()
	f.Go("ADD %v, %v, %v", at, src, from)
	f.Go("VLD1 (%v), [%v.B%d]", from, v, samples)
	v = columns(v)
	f.Go("ADD %v<<%d, %v, %v", at, shift, dst, to)
	store(f, to, f.Do("ushll", v, 6), f.Do("ushll2", v, 6))
	f.Overlap(at, last, samples)
}

// toRGB makes eight pixels at a time.
func toRGB(file *neonasm.File) {
	f := file.Func("toRGBNEON", "dst *byte, y, cb, cr *int16, n int, c *int16, rounding int", "",
		"toRGBNEON is toRGB for n ≥ 8 pixels. c is the words y, rv, gu, gv, bu, black, 128 of chroma, and 0.")
	dst, c, r := f.Load("dst"), f.Load("c"), f.Load("rounding")
	rows := [3]reg{f.Load("y"), f.Load("cb"), f.Load("cr")}
	at, last := blocks(f, 8)
	round := f.Vec()
	f.Go("VDUP %v, %v.S4", r, round)
	f.Go("VLD1 (%v), [V0.H8]", c)
	var coef [7]vec
	for i := range coef {
		coef[i] = f.Vec()
		f.Go("VDUP V0.H[%d], %v.H8", i, coef[i])
	}
	cy, rv, gu, gv, bu := coef[0], coef[1], coef[2], coef[3], coef[4]

	f.Go("block:")
	var word [3]vec
	for i := range word {
		word[i] = f.Vec()
		f.Go("ADD %v<<1, %v, %v", at, rows[i], neonasm.Temp)
		f.Go("VLD1 (%v), [%v.H8]", neonasm.Temp, word[i])
		word[i] = f.Do("sub.8h", word[i], coef[5+min(i, 1)])
	}
	l, u, v := word[0], word[1], word[2]
	// sum adds products of words and factors to from, or to what is rounded.
	sum := func(from *[2]vec, products ...[2]vec) (s [2]vec) {
		for half, op := range []string{"smlal", "smlal2"} {
			s[half] = f.Do("orr.16b", from[half], from[half])
			for _, p := range products {
				f.To(s[half], op, p[0], p[1])
			}
		}
		return s
	}
	light := sum(&[2]vec{round, round}, [2]vec{l, cy})
	for i, s := range [][2]vec{sum(&light, [2]vec{v, rv}), sum(&light, [2]vec{u, gu}, [2]vec{v, gv}), sum(&light, [2]vec{u, bu})} {
		f.To(neonasm.V(4+i), "sqshrun", f.Do("uzp2.8h", s[0], s[1]), 3) // the upper 16 bits, then 3 more: 19
	}
	f.Go("ADD %v<<1, %v, %v", at, at, neonasm.Temp)
	f.Go("ADD %v, %v, %v", neonasm.Temp, dst, neonasm.Temp)
	f.Go("VST3 [V4.B8, V5.B8, V6.B8], (%v)", neonasm.Temp)
	f.Overlap(at, last, 8)
}
