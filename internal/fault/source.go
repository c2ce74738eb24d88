package fault

import "acip/capture"

// SourceRemedy returns what helps when a source of pictures cannot be used: the source's own hint, and the flags and
// commands of acip-client that help as well.
func SourceRemedy(r capture.Reason, hint string) string {
	switch r {
	case capture.NoSuchCamera:
		return "acip-client cameras lists what there is; --source pattern needs none"
	case capture.NoCameras:
		return hint + ", or use another source: --source pattern"
	case capture.NoCameraSupport:
		return hint + ", or use --source pattern, file:PATH or -"
	case capture.CameraInUse:
		return hint + ", or pick another: acip-client cameras"
	case capture.CameraDamaged:
		return hint + ", or another size: --capture-size 640x480"
	case capture.NoCameraFormat:
		return "acip-client cameras lists what each offers"
	case capture.NoDisplay:
		return "name it: --source screen:0 (as in DISPLAY=:0), or " + hint
	case capture.ScreenForbidden:
		return hint + ", then --camera OBS"
	case capture.NotPictures:
		return hint + " | acip-client --source -"
	}
	return hint
}
