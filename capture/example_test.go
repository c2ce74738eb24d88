package capture_test

import (
	"context"
	"fmt"

	"acip/capture"
	"acip/frame"
)

// A source is opened from the text that a person types, and read at the size that is needed.
func ExampleOpen() {
	ctx := context.Background()
	src, err := capture.Open(ctx, "pattern", capture.Options{FPS: 30})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer src.Close()
	var f frame.Frame
	if err := src.Read(ctx, &f, frame.Size{W: 160, H: 90}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Width <= 160 && f.Height <= 90, len(f.Pix) == f.Width*f.Height*3)
	// Output: true true
}
