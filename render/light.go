package render

import "math"

// linear is the light of each sRGB value, 0…1 (IEC 61966-2-1).
var linear = func() (t [256]float32) {
	for i := range t {
		c := float64(i) / 255
		if c <= .04045 {
			t[i] = float32(c / 12.92)
		} else {
			t[i] = float32(math.Pow((c+.055)/1.055, 2.4))
		}
	}
	return t
}()
