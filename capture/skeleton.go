package capture

import (
	"context"
)

func notYet() (Source, error) {
	return nil, &Error{Kind: Unsupported, Op: "open", Msg: "this source is not built yet", Hint: "use --source pattern"}
}

func openScreen(ctx context.Context, id string, o Options) (Source, error)   { return notYet() }
func openDevice(ctx context.Context, name string, o Options) (Source, error) { return notYet() }
func openCamera(ctx context.Context, id string, o Options) (Source, error)   { return notYet() }

// Cameras lists the cameras in the order of their numbers.
func Cameras(ctx context.Context) ([]CameraInfo, error) {
	_, err := notYet()
	return nil, err
}
