package frame

import "math"

// wideBits is the precision of weights where thousands of pixels meet in one sample.
const wideBits = 24

// wide resamples with windows of any length, in plain Go.
type wide struct {
	xs, ys []curve
	row    []uint32 // one row between the passes, 16 bits below the byte
}

func newWide(xs, ys []curve) *wide { return &wide{xs: xs, ys: ys} }

// sample makes row y of the samples, step bytes each.
func (d *wide) sample(out []byte, y int, src *Frame, step int) {
	if len(d.row) < src.Width*3 {
		d.row = make([]uint32, src.Width*3)
	}
	clear(d.row)
	c := d.ys[y]
	for k, v := range c.w {
		w := int64(math.Round(v * (1 << wideBits)))
		for i, p := range src.Row(c.first + k) {
			d.row[i] += uint32(w * int64(p) >> (wideBits - 16))
		}
	}
	for i, c := range d.xs {
		var sum [3]int64
		for k, v := range c.w {
			w := int64(math.Round(v * (1 << wideBits)))
			for ch := range sum {
				sum[ch] += w * int64(int32(d.row[(c.first+k)*3+ch]))
			}
		}
		o := out[i*step : i*step+4]
		for ch, v := range sum {
			o[ch] = byte(min(max((v+1<<(wideBits+15))>>(wideBits+16), 0), 255))
		}
		o[3] = 0
	}
}
