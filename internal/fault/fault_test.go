package fault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"acip/capture"
	"acip/packet"
)

// TestEveryErrorHasASentenceAndACode: what a person reads and what the program exits with, however deep the error lies.
func TestEveryErrorHasASentenceAndACode(t *testing.T) {
	camera := &capture.Error{Kind: capture.Missing, Msg: "no camera is attached", Hint: "plug one in"}
	flag := &capture.Error{Kind: capture.Usage, Msg: "no such source", Hint: "--source pattern"}
	full := packet.CloseError{Code: packet.CodeFull, Reason: "32 of 32 places are taken", Remote: true}
	for name, c := range map[string]struct {
		err  error
		hint string
		code int
	}{
		"nothing":      {nil, "", ExitDone},
		"plain":        {errors.New("broken"), "", ExitFailed},
		"usage":        {&Usage{Text: "no such room", Remedy: "use letters"}, "use letters", ExitUsage},
		"camera":       {camera, "plug one in", ExitFailed},
		"source":       {flag, "--source pattern", ExitUsage},
		"refused":      {full, "--wait tries until one is free", ExitRefused},
		"no such file": {fs.ErrNotExist, "check the path", ExitFailed},
		"not allowed":  {fs.ErrPermission, "check the permissions: ls -l", ExitFailed},
		"disk full":    {syscall.ENOSPC, "free some space, or write elsewhere", ExitFailed},
		"reader gone":  {syscall.EPIPE, "", ExitDone},
		"told to end":  {context.Canceled, "", ExitDone},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("do it: %w", err)
		}
		sentence, hint := Explain(err)
		if code := Code(err); hint != c.hint || code != c.code || err != nil && sentence != err.Error() {
			t.Errorf("%s: %q, hint %q, code %d, want %q, %d", name, sentence, hint, code, c.hint, c.code)
		}
	}
	if sentence, hint := Explain(&Usage{Text: "a\x1b[2Jb", Remedy: "c\x07d"}); sentence != "a[2Jb" || hint != "cd" {
		t.Errorf("%q, %q: not safe for a screen", sentence, hint)
	}
}

// TestSourcesSayWhichFlagHelps: package capture knows no flags; what a person reads names them all the same.
func TestSourcesSayWhichFlagHelps(t *testing.T) {
	for reason, want := range map[capture.Reason]string{
		0:                       "H",
		capture.NoSuchCamera:    "acip-client cameras lists what there is; --source pattern needs none",
		capture.NoCameras:       "H, or use another source: --source pattern",
		capture.NoCameraSupport: "H, or use --source pattern, file:PATH or -",
		capture.CameraInUse:     "H, or pick another: acip-client cameras",
		capture.CameraDamaged:   "H, or another size: --capture-size 640x480",
		capture.NoCameraFormat:  "acip-client cameras lists what each offers",
		capture.NoDisplay:       "name it: --source screen:0 (as in DISPLAY=:0), or H",
		capture.ScreenForbidden: "H, then --camera OBS",
		capture.NotPictures:     "H | acip-client --source -",
	} {
		err := fmt.Errorf("open: %w", &capture.Error{Msg: "no", Hint: "H", Reason: reason})
		if _, hint := Explain(err); hint != want {
			t.Errorf("reason %d: %q, want %q", reason, hint, want)
		}
	}
}
