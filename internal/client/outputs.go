package client

import (
	"fmt"
	"os"

	"acip/internal/call"
	"acip/internal/drawstyle"
	"acip/internal/fault"
	"acip/internal/screen"
	"acip/internal/stream"
	"acip/internal/term"
)

// newOutput chooses what the configuration asks for, and puts the choice into cfg.Output.
func newOutput(cfg *Config) (call.Output, error) {
	if cfg.SendOnly {
		cfg.Output = "none"
		return stream.Nowhere(cfg.inStream(), true), nil
	}
	if cfg.Output == "" || cfg.Output == "auto" {
		cfg.Output = "y4m"
		if cfg.Stdout != nil && term.IsTerminal(cfg.Stdout) {
			cfg.Output = "tty"
		}
	}
	switch cfg.Output {
	case "tty":
		return onTerminal(cfg)
	case "none":
		return stream.Nowhere(cfg.inStream(), false), nil
	}
	return intoPipe(*cfg)
}

// onTerminal is the full screen, or plain lines where the person or the terminal asks for them; those have no preview.
func onTerminal(cfg *Config) (call.Output, error) {
	if cfg.Getenv == nil {
		cfg.Getenv = os.Getenv
	}
	wish, err := cfg.wish()
	if err != nil {
		return nil, err
	}
	if cfg.NoUI || term.Guess(cfg.Getenv).Dumb {
		cfg.Preview = false
		return screen.NewLines(cfg.Stdout), nil
	}
	s := cfg.onScreen()
	s.Wish = wish
	if s.RecordFormat, err = screen.ParseRecordFormat(cfg.RecordFormat); err != nil {
		return nil, &fault.Usage{Text: err.Error()}
	}
	return screen.New(s), nil
}

// onScreen is what a screen is told.
func (c Config) onScreen() screen.Config {
	return screen.Config{
		Stdout: c.Stdout, Getenv: c.Getenv, Fit: c.Fit, NoSelf: c.ViewOnly, NoSource: c.ViewOnly || c.Source == "none", Paused: c.StartPaused,
		OutDir: c.OutDir, StateDir: c.StateDir, Log: c.Log,
	}
}

// intoPipe is an output into a pipe or a file.
func intoPipe(cfg Config) (call.Output, error) {
	s := cfg.inStream()
	s.Format, s.Out = cfg.Output, cfg.Stdout
	if s.Format == "ansi" {
		wish, err := cfg.wish()
		if err != nil {
			return nil, err
		}
		s.Style = drawstyle.Stream(wish, cfg.Getenv)
	}
	out, err := stream.New(s)
	if err != nil {
		return nil, &fault.Usage{Text: fmt.Sprintf("no such output: %q", cfg.Output), Remedy: "outputs are auto, tty, ansi, y4m, rgb and none"}
	}
	return out, nil
}

// inStream is what a stream is told.
func (c Config) inStream() stream.Config {
	return stream.Config{Size: c.Size, Fit: c.Fit, FPS: c.FPS, Frames: c.Frames, Peer: c.Peer, BT709: c.BT709}
}
