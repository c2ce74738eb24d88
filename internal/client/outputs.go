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

// newOutput makes the output that the configuration asks for, and stores its name in cfg.Output.
func newOutput(cfg *Config) (call.Output, error) {
	if cfg.SendOnly {
		cfg.Output = "none"
		return stream.Discard(cfg.streamConfig(), true), nil
	}
	if cfg.Output == "" || cfg.Output == "auto" {
		cfg.Output = "y4m"
		if cfg.Stdout != nil && term.IsTerminal(cfg.Stdout) {
			cfg.Output = "tty"
		}
	}
	switch cfg.Output {
	case "tty":
		return terminalOutput(cfg)
	case "none":
		return stream.Discard(cfg.streamConfig(), false), nil
	}
	return pipeOutput(*cfg)
}

// terminalOutput returns the full screen, or plain lines if the user or the terminal asks for them. Plain lines have no
// preview.
func terminalOutput(cfg *Config) (call.Output, error) {
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
	s := cfg.screenConfig()
	s.Wish = wish
	if s.RecordFormat, err = screen.ParseRecordFormat(cfg.RecordFormat); err != nil {
		return nil, &fault.Usage{Text: err.Error()}
	}
	return screen.New(s), nil
}

// screenConfig returns the configuration of a screen.
func (c Config) screenConfig() screen.Config {
	return screen.Config{
		Stdout: c.Stdout, Getenv: c.Getenv, Fit: c.Fit, NoSelf: c.ViewOnly, NoSource: c.ViewOnly || c.Source == "none", Paused: c.StartPaused,
		OutDir: c.OutDir, StateDir: c.StateDir, Log: c.Log,
	}
}

// pipeOutput returns an output into a pipe or a file.
func pipeOutput(cfg Config) (call.Output, error) {
	s := cfg.streamConfig()
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

// streamConfig returns the configuration of a stream.
func (c Config) streamConfig() stream.Config {
	return stream.Config{Size: c.Size, Fit: c.Fit, FPS: c.FPS, Frames: c.Frames, Peer: c.Peer, BT709: c.BT709}
}
