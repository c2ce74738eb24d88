package codec

// Fixed-point constants of the forward transform, 13 bits.
const (
	fix0298 = 2446
	fix0390 = 3196
	fix0541 = 4433
	fix0765 = 6270
	fix0899 = 7373
	fix1175 = 9633
	fix1501 = 12299
	fix1847 = 15137
	fix1961 = 16069
	fix2053 = 16819
	fix2562 = 20995
	fix3072 = 25172

	dctBits  = 13
	pass1Bit = 2
)

// forwardDCT transforms a block of level-shifted samples in place; the result is scaled up by 8. It is the accurate integer
// transform of Loeffler, Ligtenberg and Moschytz (1989), as in libjpeg's jfdctint.c.
func forwardDCT(b *[64]int32) {
	for y := range 8 {
		dctLine((*[8]int32)(b[y*8 : y*8+8]))
	}
	var column [8]int32
	for x := range 8 {
		for y := range 8 {
			column[y] = b[y*8+x]
		}
		dctColumn(&column)
		for y := range 8 {
			b[y*8+x] = column[y]
		}
	}
}

// dctLine is the first pass: results are scaled up by 4.
func dctLine(d *[8]int32) {
	e0, e1, e2, e3 := even(d)
	odd0, odd1, odd2, odd3 := odd(d)
	d[0], d[4] = e0<<pass1Bit, e1<<pass1Bit
	const shift = dctBits - pass1Bit
	d[2], d[6] = round(e2, shift), round(e3, shift)
	d[7], d[5], d[3], d[1] = round(odd0, shift), round(odd1, shift), round(odd2, shift), round(odd3, shift)
}

// dctColumn is the second pass: it takes the first one's scale out again.
func dctColumn(d *[8]int32) {
	e0, e1, e2, e3 := even(d)
	odd0, odd1, odd2, odd3 := odd(d)
	d[0], d[4] = round(e0, pass1Bit), round(e1, pass1Bit)
	const shift = dctBits + pass1Bit
	d[2], d[6] = round(e2, shift), round(e3, shift)
	d[7], d[5], d[3], d[1] = round(odd0, shift), round(odd1, shift), round(odd2, shift), round(odd3, shift)
}

func round(v int32, shift uint) int32 { return (v + 1<<(shift-1)) >> shift }

// even yields outputs 0 and 4 unscaled, 2 and 6 scaled by 13 bits.
func even(d *[8]int32) (c0, c4, c2, c6 int32) {
	t0, t1, t2, t3 := d[0]+d[7], d[1]+d[6], d[2]+d[5], d[3]+d[4]
	t10, t13, t11, t12 := t0+t3, t0-t3, t1+t2, t1-t2
	z := (t12 + t13) * fix0541
	return t10 + t11, t10 - t11, z + t13*fix0765, z - t12*fix1847
}

// odd yields outputs 7, 5, 3, 1 scaled by 13 bits.
func odd(d *[8]int32) (c7, c5, c3, c1 int32) {
	t4, t5, t6, t7 := d[3]-d[4], d[2]-d[5], d[1]-d[6], d[0]-d[7]
	z5 := (t4 + t6 + t5 + t7) * fix1175
	z1, z2 := -(t4+t7)*fix0899, -(t5+t6)*fix2562
	z3, z4 := z5-(t4+t6)*fix1961, z5-(t5+t7)*fix0390
	return t4*fix0298 + z1 + z3, t5*fix2053 + z2 + z4, t6*fix3072 + z2 + z3, t7*fix1501 + z1 + z4
}
