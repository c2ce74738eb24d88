package capture

import (
	"context"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"acip/frame"
)

func TestScreenSaysWhatToDoInstead(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("X11 and Wayland are Linux's")
	}
	for _, c := range []struct {
		display, wayland, id string
		kind                 Kind
	}{{"", "", "", Missing}, {"", "wayland-0", "", Unsupported}} {
		t.Setenv("DISPLAY", c.display)
		t.Setenv("WAYLAND_DISPLAY", c.wayland)
		if _, err := Open(context.Background(), "screen", Options{}); KindOf(err) != c.kind || err.(*Error).Hint == "" {
			t.Errorf("%+v: %v", c, err)
		}
	}
	t.Setenv("DISPLAY", ":0")
	if _, note, err := grabber(""); err != nil || note == "" {
		t.Errorf("X11 under Wayland: %q, %v", note, err)
	}
	if args, _, err := grabber("3"); err != nil || args[len(args)-1] != ":3" {
		t.Errorf("screen:3 is %q, %v", args, err)
	}
}

func TestScreenOfVirtualDisplay(t *testing.T) {
	for _, program := range []string{"Xvfb", "ffmpeg"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	display := 90 + time.Now().Nanosecond()%1000
	x := exec.Command("Xvfb", ":"+strconv.Itoa(display), "-screen", "0", "320x240x24")
	if err := x.Start(); err != nil {
		t.Skip(err)
	}
	defer func() {
		_ = x.Process.Kill()
		_ = x.Wait()
	}()
	var src Source
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); { // the display takes a moment
		if src, err = Open(context.Background(), "screen:"+strconv.Itoa(display), Options{FPS: 10}); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f frame.Frame
	for range 3 {
		if err := src.Read(context.Background(), &f, frame.Size{W: 80, H: 48}); err != nil {
			t.Fatal(err)
		}
	}
	if i := src.Info(); f.Size() != (frame.Size{W: 64, H: 48}) || !i.Live || i.Size.W != 320 {
		t.Errorf("%v of %+v", f.Size(), i)
	}
	_ = x.Process.Kill() // a display that dies, as one that is resized, may come back
	for err = nil; err == nil; {
		err = src.Read(context.Background(), &f, frame.Size{W: 80, H: 48})
	}
	if KindOf(err) != Lost || err.(*Error).Hint == "" {
		t.Errorf("the display died: %v", err)
	}
}
