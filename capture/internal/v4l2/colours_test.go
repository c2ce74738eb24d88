//go:build linux && cgo

package v4l2

import "testing"

// The numbers are those of linux/videodev2.h.
func TestColours(t *testing.T) {
	const srgb, rec709, jpeg, full, limited, enc601, enc709 = 8, 3, 7, 1, 2, 1, 2
	cases := []struct {
		space, matrix, quantization uint32
		bt709, full                 bool
	}{
		{0, 0, 0, false, false}, {srgb, 0, 0, false, false}, {srgb, 0, full, false, true}, {rec709, 0, 0, true, false},
		{rec709, enc601, limited, false, false}, {srgb, enc709, 0, true, false}, {jpeg, 0, 0, false, true}, {jpeg, 0, limited, false, false},
	}
	for _, c := range cases {
		if m, f := colours(c.space, c.matrix, c.quantization); m != c.bt709 || f != c.full {
			t.Errorf("%+v: BT.709 %v, full range %v", c, m, f)
		}
	}
}
