// Command neon writes the passes of the scaler for arm64: what ../asm writes for amd64.
package main

import (
	"log"

	"acip/internal/asm/neonasm"
)

//go:generate go run . -out ../../passes_arm64.s -stubs ../../passes_arm64.go

func main() {
	if err := neonasm.Generate("frame", addRows, addColumns); err != nil {
		log.Fatal(err)
	}
}

type (
	vec = *neonasm.Vec
	reg = neonasm.Reg
)

const columns = 32 // at a time

// addRows adds up columns, the last block of them overlapping what was done before. Rows of the same weight, of which
// reducing has mostly such, are added up before they are weighted.
func addRows(file *neonasm.File) {
	f := file.Func("addRowsNEON", "dst *int16, rows *byte, n, stride int, w *int16, first, same, others int", "",
		"addRowsNEON is addRows for n ≥ 32 columns and first rows, then same rows of one weight, at least one, then others.")
	dst, rows, last, stride, w := f.Load("dst"), f.Load("rows"), f.Load("n"), f.Load("stride"), f.Load("w")
	at, px, weight, left, skip := f.Reg(), f.Reg(), f.Reg(), f.Reg(), f.Reg()
	f.Go("MOVD ZR, %v", at)
	f.Go("SUB $%d, %v, %v", columns, last, last)
	f.Go("MOVD %v, %v", f.Arg("same"), skip)

	f.Go("block:")
	var acc [columns / 4]vec
	for i := range acc {
		acc[i] = f.Splat(128) // half of what is shifted out
	}
	f.Go("ADD %v, %v, %v", at, rows, px)
	f.Go("MOVD %v, %v", w, weight)
	weigh(f, &acc, "first", px, stride, weight, left)

	var sum [columns / 8]vec
	for i := range sum {
		sum[i] = f.Splat(0)
	}
	f.Go("MOVD %v, %v", skip, left)
	f.Go("same:")
	f.Go("VLD1 (%v), [V0.B16, V1.B16]", px)
	f.Go("ADD %v, %v, %v", stride, px, px)
	for i, s := range sum {
		f.To(s, [2]string{"uaddw", "uaddw2"}[i%2], s, neonasm.V(i/2))
	}
	f.Go("SUBS $1, %v, %v", left, left)
	f.Go("BNE same")
	f.Go("VLD1R (%v), [V3.H8]", weight)
	f.Go("ADD %v<<1, %v, %v", skip, weight, weight)
	for i, a := range acc {
		f.To(a, [2]string{"smlal", "smlal2"}[i%2], sum[i/2], neonasm.V(3))
	}
	weigh(f, &acc, "others", px, stride, weight, left)

	f.Go("ADD %v<<1, %v, %v", at, dst, neonasm.Temp)
	for i := 0; i < len(acc); i += 2 {
		v := f.Do("shrn", acc[i], 8)
		f.To(v, "shrn2", acc[i+1], 8)
		f.Go("VST1.P [%v.H8], 16(%v)", v, neonasm.Temp)
	}
	f.Overlap(at, last, columns)
}

// weigh adds rows, each with a weight of its own, as many as the parameter says.
func weigh(f *neonasm.Func, acc *[columns / 4]vec, count string, px, stride, weight, left reg) {
	f.Go("MOVD %v, %v", f.Arg(count), left)
	f.Go("CBZ %v, "+count+"Done", left)
	f.Go(count + ":")
	f.Go("VLD1 (%v), [V0.B16, V1.B16]", px)
	f.Go("VLD1R (%v), [V3.H8]", weight)
	f.Go("ADD $2, %v, %v", weight, weight)
	f.Go("ADD %v, %v, %v", stride, px, px)
	for i := range columns / 8 {
		v := f.Do([2]string{"ushll", "ushll2"}[i%2], neonasm.V(i/2), 0)
		f.To(acc[2*i], "smlal", v, neonasm.V(3))
		f.To(acc[2*i+1], "smlal2", v, neonasm.V(3))
	}
	f.Go("SUBS $1, %v, %v", left, left)
	f.Go("BNE " + count)
	f.Go(count + "Done:")
}

// addColumns makes samples of four taps four at a time, where they lie side by side, and others one by one; red, green and
// blue apart.
func addColumns(file *neonasm.File) {
	f := file.Func("addColumnsNEON", "out *byte, row *int16, start *int32, w *int16, count, groups, step int", "",
		"addColumnsNEON is addColumns for count samples of 4*groups taps. It writes four bytes a sample, step apart.")
	out, row, start, w := f.Load("out"), f.Load("row"), f.Load("start"), f.Load("w")
	count, groups, step, at, left, six := f.Load("count"), f.Load("groups"), f.Load("step"), f.Reg(), f.Reg(), f.Reg()
	f.Go("MOVD $6, %v", six) // bytes a pixel
	zero := f.Splat(0)
	window := func() {
		f.Go("MOVW.P 4(%v), %v", start, at)
		f.Go("MADD %v, %v, %v, %v", six, row, at, at)
	}
	f.Go("CMP $1, %v", groups)
	f.Go("BNE sample")
	f.Go("CMP $4, %v", step)
	f.Go("BNE sample")

	f.Go("four:")
	f.Go("CMP $4, %v", count)
	f.Go("BLT sample")
	f.Go("VLD1.P 32(%v), [V4.H4, V5.H4, V6.H4, V7.H4]", w)
	var pixel [4]vec
	for i := range pixel {
		window()
		f.Go("VLD3 (%v), [V0.H4, V1.H4, V2.H4]", at)
		var sum [3]vec
		for ch := range sum {
			sum[ch] = f.Do("smull", neonasm.V(ch), neonasm.V(4+i))
		}
		pixel[i] = across(f, sum, zero)
	}
	// Sixteen bits less, then four more, rounded: twenty.
	v := f.Do("sqrshrun", f.Do("uzp2.8h", pixel[0], pixel[1]), 4)
	f.To(v, "sqrshrun2", f.Do("uzp2.8h", pixel[2], pixel[3]), 4)
	f.Go("VST1.P [%v.B16], 16(%v)", v, out)
	f.Go("SUB $4, %v, %v", count, count)
	f.Go("B four")

	f.Go("sample:")
	f.Go("CBZ %v, done", count)
	window()
	f.Go("MOVD %v, %v", groups, left)
	sum := [3]vec{f.Splat(0), f.Splat(0), f.Splat(0)}
	f.Go("taps:")
	f.Go("VLD3.P 24(%v), [V0.H4, V1.H4, V2.H4]", at)
	f.Go("VLD1.P 8(%v), [V3.H4]", w)
	for ch, s := range sum {
		f.To(s, "smlal", neonasm.V(ch), neonasm.V(3))
	}
	f.Go("SUBS $1, %v, %v", left, left)
	f.Go("BNE taps")
	one := across(f, sum, zero)
	f.To(neonasm.V(0), "sqrshrun", f.Do("uzp2.8h", one, one), 4)
	f.Go("FMOVS F0, (%v)", out)
	f.Go("ADD %v, %v, %v", step, out, out)
	f.Go("SUB $1, %v, %v", count, count)
	f.Go("B sample")
	f.Go("done:")
	f.End()
}

// across adds up lanes: red, green, blue, nothing.
func across(f *neonasm.Func, sum [3]vec, zero vec) vec {
	return f.Do("addp.4s", f.Do("addp.4s", sum[0], sum[1]), f.Do("addp.4s", sum[2], zero))
}
