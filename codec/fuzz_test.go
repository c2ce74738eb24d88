package codec

import (
	"testing"

	"acip/frame"
)

func FuzzJPEGDecode(f *testing.F) {
	for _, s := range []frame.Size{{W: 40, H: 30}, {W: 1, H: 1}, {W: 17, H: 33}} {
		data, _, _ := newJPEGEncoder(Options{}).Encode(nil, scene(s.W, s.H, 0), false)
		f.Add(data, s.W, s.H)
	}
	f.Fuzz(func(t *testing.T, data []byte, w, h int) {
		if w > 200 || h > 200 {
			return // what is declared is bounded by the packet's checks; here by patience
		}
		var dst frame.Frame
		checkDecode(t, &jpegDecoder{}, &dst, data, frame.Size{W: w, H: h})
	})
}

func FuzzRawDecode(f *testing.F) {
	f.Add([]byte{1, 2, 3}, 1, 1)
	f.Fuzz(func(t *testing.T, data []byte, w, h int) {
		var dst frame.Frame
		checkDecode(t, &rawDecoder{}, &dst, data, frame.Size{W: w, H: h})
	})
}

func FuzzVP8Header(f *testing.F) {
	f.Add([]byte{0x10, 2, 0, 0x9D, 1, 0x2A, 160, 0, 90, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		size, key, err := vp8Tag(data)
		new(filterDeltas).read(data)
		if err == nil && key && (size.W > 1<<14 || size.H > 1<<14) {
			t.Errorf("%v", size)
		}
	})
}
