package client

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/fault"
	"acip/internal/server"
	"acip/internal/testkit/host"
	"acip/internal/testkit/vt"

	"github.com/rs/zerolog"
)

// run runs a command with its standard output in a file and returns what it wrote.
func run(t *testing.T, cfg Config, command func(context.Context, Config) error) ([]byte, error) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cfg.Stdout, cfg.Stderr, cfg.Getenv, cfg.Log = out, io.Discard, func(string) string { return "" }, zerolog.Nop()
	err = command(t.Context(), cfg)
	text, rerr := os.ReadFile(out.Name())
	if rerr != nil {
		t.Fatal(rerr)
	}
	return text, err
}

func TestMirrorIntoAPipe(t *testing.T) {
	size := frame.Size{W: 160, H: 120}
	text, err := run(t, Config{Source: "pattern", Output: "rgb", Size: size, Frames: 3, FPS: 30}, Mirror)
	if err != nil || len(text) != 3*size.W*size.H*3 {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	f := frame.New(size.W, size.H)
	copy(f.Pix, text)
	if _, ok := capture.PatternNumber(f); !ok {
		t.Error("the first picture is not the pattern's")
	}
	text, err = run(t, Config{Source: "pattern", Output: "y4m", Size: size, Frames: 2, FPS: 25}, Mirror)
	if err != nil || !bytes.HasPrefix(text, []byte("YUV4MPEG2 W160 H120 F25:1")) || bytes.Count(text, []byte("FRAME\n")) != 2 {
		t.Errorf("%.60q, %v", text, err)
	}
	if _, err = run(t, Config{Source: "pattern", Output: "none", Frames: 3}, Mirror); err != nil {
		t.Errorf("three pictures into nowhere: %v", err)
	}
	if _, err = run(t, Config{Source: "none", Output: "rgb"}, Mirror); fault.Code(err) != fault.ExitUsage {
		t.Errorf("nothing to mirror: %v", err)
	}
}

// TestANSIStream: replaying the text in a terminal shows the picture, whatever the frame.
func TestANSIStream(t *testing.T) {
	text, err := run(t, Config{Source: "pattern", Output: "ansi", Size: frame.Size{W: 40, H: 12}, Frames: 5, FPS: 30}, Mirror)
	if err != nil {
		t.Fatal(err)
	}
	screen := vt.New(40, 12)
	if _, err := screen.Write(text); err != nil {
		t.Fatalf("the terminal does not understand it: %v", err)
	}
	if !strings.Contains(screen.String(), "▀") && !strings.Contains(screen.String(), "▄") {
		t.Errorf("no picture:\n%s", screen)
	}
}

// TestGridShowsEverybodyElse: others side by side, oneself only when alone.
func TestGridShowsEverybodyElse(t *testing.T) {
	h := host.Serve(t, server.Config{})
	for _, name := range []string{"a", "b"} {
		join(t, h, name, func(c *Config) { c.SendOnly, c.Codec = true, "raw" })
	}
	until(t, "both are in", func() bool { return h.Stats(t).Slots.Used == 2 })
	size := frame.Size{W: 320, H: 120}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	p := join(t, h, "me", func(c *Config) { c.Output, c.Size, c.Stdout = "rgb", size, w })
	page, half := frame.New(size.W, size.H), frame.New(160, 120)
	var scaler frame.Scaler
	both := func() bool {
		if _, err := io.ReadFull(r, page.Pix); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			scaler.Scale(half, frame.Rect{W: 160, H: 120}, page, frame.Rect{X: i * 160, W: 160, H: 120})
			if _, ok := capture.PatternNumber(half); !ok {
				return false
			}
		}
		return true
	}
	until(t, "a page with both of them", both)
	got := p.account(t)
	if got.Peers["a"].Drawn == 0 || got.Peers["b"].Drawn == 0 {
		t.Errorf("%+v", got.Peers)
	}
}

// TestGridEndsAfterItsPages: a stream of so many pictures has exactly those.
func TestGridEndsAfterItsPages(t *testing.T) {
	h := host.Serve(t, server.Config{})
	size := frame.Size{W: 64, H: 48}
	out, err := os.Create(filepath.Join(t.TempDir(), "grid"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p := join(t, h, "me", func(c *Config) { c.Output, c.Size, c.Frames, c.Stdout = "rgb", size, 30, out })
	if err := p.wait(t); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(out.Name()); err != nil || len(text) != 30*size.W*size.H*3 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestRenderStill(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			img.Set(x, y, color.RGBA{uint8(x * 4), uint8(y * 5), 128, 255})
		}
	}
	path := filepath.Join(t.TempDir(), "still.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		t.Fatal(err)
	}
	draw := func(path string) func(context.Context, Config) error {
		return func(ctx context.Context, c Config) error { return Render(ctx, c, path) }
	}
	text, err := run(t, Config{}, draw(path))
	if err != nil {
		t.Fatal(err)
	}
	screen := vt.New(80, 24)
	if _, err := screen.Write(text); err != nil || !strings.Contains(screen.String(), "▀") {
		t.Errorf("%v:\n%s", err, screen)
	}
	if _, err := run(t, Config{}, draw(path+"x")); fault.Code(err) != fault.ExitFailed {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := run(t, Config{Glyphs: "runes"}, draw(path)); fault.Code(err) != fault.ExitUsage {
		t.Errorf("no such glyphs: %v", err)
	}
}

// TestDuration: a call of a given length ends by itself.
func TestDuration(t *testing.T) {
	h := host.Serve(t, server.Config{})
	start := time.Now()
	p := join(t, h, "short", func(c *Config) { c.Duration = 300 * time.Millisecond })
	if err := p.wait(t); err != nil || time.Since(start) < 300*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// TestUsage: what makes no sense together is said before anything is opened.
func TestUsage(t *testing.T) {
	for name, cfg := range map[string]Config{
		"both ways shut":  {ViewOnly: true, SendOnly: true},
		"nothing to send": {SendOnly: true, Source: "none"},
		"a room's name":   {Room: "a room"},
		"an address":      {Address: "ftp://host"},
		"an output":       {Output: "gif"},
	} {
		cfg.Stdout, cfg.Getenv = os.Stdout, os.Getenv
		if err := Join(t.Context(), cfg); fault.Code(err) != fault.ExitUsage {
			t.Errorf("%s: %v, exit code %d", name, err, fault.Code(err))
		}
	}
}
