//go:build !cgo || !(linux || darwin || windows)

package capture

import "context"

func noCameras(op string) error {
	return &Error{
		Op: op, Kind: Unsupported, Msg: "this program was built without camera support, which takes cgo",
		Hint: "install a C compiler and build with CGO_ENABLED=1", Reason: NoCameraSupport,
	}
}

// Cameras lists the cameras in the order of their numbers. In this build there are none: an *Error of kind Unsupported.
func Cameras(context.Context) ([]CameraInfo, error) { return nil, noCameras("list") }

func openCamera(context.Context, string, Options) (Source, error) { return nil, noCameras("open") }
