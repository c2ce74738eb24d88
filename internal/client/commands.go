package client

import (
	"context"

	"acip/internal/doctor"
	"acip/internal/screen"
	"acip/internal/term"
	"acip/internal/viewer"
)

// Render draws the pictures of a file, or of standard input for "-" and "", on cfg.Stdout: on a terminal a still is
// printed and a film played, into a file or a pipe frames follow each other as fast as they can, unless cfg.FPSSet.
func Render(ctx context.Context, cfg Config, path string) error {
	wish, err := cfg.wish()
	if err != nil {
		return err
	}
	f := viewer.Config{
		Stdin: cfg.Stdin, Stdout: cfg.Stdout, Getenv: cfg.Getenv, Wish: wish, Size: cfg.Size, Fit: cfg.Fit, Frames: cfg.Frames, Loop: cfg.Loop,
		Duration: cfg.Duration, BT709: cfg.BT709,
	}
	if cfg.FPSSet {
		f.FPS = cfg.FPS
	}
	return viewer.Show(ctx, f, path)
}

// Play shows a recording at its own pace on the terminal; into a file or pipe it writes what the recording shows, as
// fast as it can unless cfg.Playing has a speed.
func Play(ctx context.Context, cfg Config, path string) error {
	cfg.Playing.Stdin = cfg.Stdin
	return screen.Play(ctx, cfg.screenConfig(), cfg.Playing, path)
}

// Cameras lists the cameras on cfg.Stdout, or as a JSON list. Finding none is an error that says why.
func Cameras(ctx context.Context, cfg Config, asJSON bool) error {
	return doctor.Cameras(ctx, cfg.Stdout, asJSON)
}

// Doctor looks at the build, the camera, the terminal and the way to the server, and says what helps, in lines or as a
// JSON list. A problem is an error only if its subject was named by a flag.
func Doctor(ctx context.Context, cfg Config, asJSON bool) error {
	return doctor.Examine(ctx, cfg.forDoctor(asJSON))
}

// ProbeReport prints what the terminal can, as JSON.
func ProbeReport(ctx context.Context, cfg Config) error {
	return doctor.Terminal(ctx, cfg.forDoctor(true))
}

// forDoctor returns what the doctor checks.
func (c Config) forDoctor(asJSON bool) doctor.Config {
	return doctor.Config{
		Address: c.Address, TLSCA: c.TLSCA, Token: c.Token, Agent: c.Agent, Source: c.Source, Camera: c.Camera, CameraNamed: c.CameraNamed,
		JSON: asJSON, Stdout: c.Stdout, Getenv: c.Getenv,
	}
}

// GuardTerminal must be called first in main: it reports whether this process was started only to give a terminal back
// after another one ended, and has done so.
func GuardTerminal() bool { return term.RunGuard() }
