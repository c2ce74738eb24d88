//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"acip/internal/testkit"
)

// TestRoundInRealKitty: a disc is round within one per cent on the screen of kitty, which is sent fewer pixels than the
// screen has wherever the source has fewer.
func TestRoundInRealKitty(t *testing.T) {
	for _, program := range []string{"Xvfb", "kitty", "import"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	display := startXvfb(t)
	tests := []struct {
		name  string
		w, h  int
		flags string
	}{
		{"a small source", 96, 72, ""},
		{"cropped", 320, 200, "--fit cover"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			source := filepath.Join(dir, "disc.png")
			if err := writeDisc(source, tt.w, tt.h); err != nil {
				t.Fatal(err)
			}
			startKitty(t, dir, display, testkit.ProgramPath("acip-client")+" mirror --source file:"+source+" "+tt.flags)
			e := stableDisc(t, dir, display)
			if d := e.across / e.down; d < .99 || d > 1.01 {
				t.Errorf("in a picture of %dx%d a circle is %.1f by %.1f on the screen", tt.w, tt.h, e.across, e.down)
			}
			if e.across < 100 {
				t.Errorf("the disc is only %.0f pixels wide", e.across)
			}
		})
	}
}

// startXvfb starts a screen that nobody sees and returns its name.
func startXvfb(t *testing.T) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1000x700x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	untilEnd(t, cmd)
	w.Close()
	number, err := io.ReadAll(io.LimitReader(r, 16))
	if err != nil || len(bytes.TrimSpace(number)) == 0 {
		t.Skipf("Xvfb does not start: %v", err)
	}
	return ":" + string(bytes.TrimSpace(number))
}

// untilEnd runs cmd until the test ends.
func untilEnd(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Skipf("%s does not start: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s: %s", cmd.Path, said.String())
		}
		_ = cmd.Process.Signal(os.Interrupt)
		late := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // its end matters, not its status
		late.Stop()
	})
}

// startKitty runs a shell command in kitty, on that display, in a home of its own.
func startKitty(t *testing.T, dir, display, command string) {
	t.Helper()
	cmd := exec.Command("kitty", "--config", "NONE", "-o", "remember_window_size=no", "-o", "initial_window_width=100c",
		"-o", "initial_window_height=30c", "-o", "linux_display_server=x11", "-o", "update_check_interval=0", "-o", "confirm_os_window_close=0", "sh", "-c", command)
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "LIBGL_ALWAYS_SOFTWARE=1", "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir,
		"LC_ALL=C.UTF-8", "COLORTERM=", "TERM_PROGRAM=", "NO_COLOR=", "TMUX=", "STY=")
	untilEnd(t, cmd)
}

// discColor is nowhere else on the screen.
var discColor = color.RGBA{230, 30, 160, 255}

// writeDisc writes a picture of a disc in its middle, with soft edges, on black.
func writeDisc(path string, w, h int) error {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	const sub = 4
	radius := .3 * float64(min(w, h))
	for y := range h {
		for x := range w {
			in := 0
			for k := range sub * sub {
				dx := float64(x) + (float64(k%sub)+.5)/sub - float64(w)/2
				dy := float64(y) + (float64(k/sub)+.5)/sub - float64(h)/2
				if dx*dx+dy*dy <= radius*radius {
					in++
				}
			}
			share := func(v uint8) uint8 { return uint8(int(v) * in / (sub * sub)) }
			img.SetRGBA(x, y, color.RGBA{share(discColor.R), share(discColor.G), share(discColor.B), 255})
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("disc: %w", err)
	}
	return errors.Join(png.Encode(f, img), f.Close())
}

// extent is how wide and how high a disc is, from the deviations of its light.
type extent struct{ across, down float64 }

// stableDisc waits until three pictures of the screen in turn show the disc alike, and returns it.
func stableDisc(t *testing.T, dir, display string) extent {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	shot := filepath.Join(dir, "shot.png")
	var last extent
	for same := 0; ; {
		cmd := exec.CommandContext(ctx, "import", "-display", display, "-window", "root", shot)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("import: %v: %s", err, strings.TrimSpace(string(out)))
		}
		e, err := discIn(shot)
		if err != nil {
			t.Fatal(err)
		}
		if same++; e == (extent{}) || e != last {
			same, last = 0, e
		}
		if same >= 2 {
			return e
		}
	}
}

// discIn measures what of a picture has the disc's colour, darker or lighter.
func discIn(path string) (e extent, err error) {
	f, err := os.Open(path)
	if err != nil {
		return e, fmt.Errorf("screen: %w", err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		return e, fmt.Errorf("screen: %w", err)
	}
	var n, sx, sy, xx, yy float64
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			if r < 0x2000 || g > r/4 || b < r/2 || b > r*9/10 {
				continue
			}
			v, fx, fy := float64(r), float64(x), float64(y)
			n, sx, sy, xx, yy = n+v, sx+v*fx, sy+v*fy, xx+v*fx*fx, yy+v*fy*fy
		}
	}
	if n == 0 {
		return e, nil
	}
	return extent{4 * math.Sqrt(xx/n-sx/n*sx/n), 4 * math.Sqrt(yy/n-sy/n*sy/n)}, nil
}
