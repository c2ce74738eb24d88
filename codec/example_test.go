package codec_test

import (
	"fmt"

	"acip/codec"
	"acip/frame"
	"acip/media"
)

// A picture is coded and decoded. A receiver passes the size that the packet declares, which the decoder checks before it
// allocates anything.
func Example() {
	picture := frame.New(160, 90)
	for i := range picture.Pix {
		picture.Pix[i] = 128
	}
	enc, err := codec.NewEncoder(media.JPEG, codec.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer enc.Close()
	payload, info, err := enc.Encode(nil, picture, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	dec, err := codec.NewDecoder(media.JPEG)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dec.Close()
	var decoded frame.Frame
	if err := dec.Decode(&decoded, payload, picture.Size()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("keyframe:", info.Has(media.Key), "size:", decoded.Width, "x", decoded.Height, "grey:", decoded.Pix[0])
	// Output: keyframe: true size: 160 x 90 grey: 128
}
