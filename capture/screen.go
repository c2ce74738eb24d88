package capture

import (
	"context"
	"os"
	"runtime"
	"strconv"
)

// openScreen shows the screen through ffmpeg's grabber for the system, which needs nothing at build time. id is the X11
// display, such as ":0.0"; empty is the one of the session.
func openScreen(ctx context.Context, id string, o Options) (Source, error) {
	fps := o.FPS
	if fps <= 0 {
		fps = defaultFPS
	}
	args, note, err := grabber(id)
	if err != nil {
		return nil, err
	}
	args = append([]string{"-framerate", strconv.FormatFloat(fps, 'f', -1, 64)}, args...)
	args = append(args, "-vf", "scale=out_color_matrix=bt601:out_range=tv,format=yuv444p")
	args = append([]string{"-fflags", "nobuffer", "-probesize", "32"}, args...)
	o.Fast = true // the grabber sets the pace
	p := &program{name: "the screen", hint: "xdpyinfo shows whether the display is there and may be read"}
	s, err := runFFmpeg(ctx, p, nil, args, o)
	if err != nil {
		return nil, err
	}
	s.info.Live, s.info.Note = true, note
	return s, nil
}

// grabber returns ffmpeg's input for the screen.
func grabber(id string) (args []string, note string, err error) {
	switch runtime.GOOS {
	case "darwin":
		return []string{"-f", "avfoundation", "-capture_cursor", "1", "-i", "Capture screen " + orElse(id, "0") + ":none"}, "", nil
	case "windows":
		return []string{"-f", "gdigrab", "-i", "desktop"}, "", nil
	}
	display := orElse(id, os.Getenv("DISPLAY"))
	wayland := os.Getenv("WAYLAND_DISPLAY") != ""
	switch {
	case display == "" && wayland:
		return nil, "", &Error{
			Op: "open", Kind: Unsupported, Msg: "the screen belongs to Wayland, which lets no program read it unasked",
			Hint: "log in to an Xorg session, or share it as a camera: OBS's virtual camera", Reason: ScreenForbidden,
		}
	case display == "":
		return nil, "", &Error{
			Op: "open", Kind: Missing, Msg: "there is no screen: DISPLAY is not set",
			Hint: "start this from the desktop", Reason: NoDisplay,
		}
	case wayland && id == "":
		note = "under Wayland only the windows of X11 programs are seen"
	}
	if _, err := strconv.ParseFloat(display, 64); err == nil {
		display = ":" + display
	}
	return []string{"-f", "x11grab", "-i", display}, note, nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
