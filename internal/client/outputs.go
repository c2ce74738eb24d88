package client

import (
	"os"

	"acip/internal/call"
	"acip/internal/screen"
	"acip/internal/term"
)

// newOutput chooses what the configuration asks for, and puts the choice into cfg.Output.
func newOutput(cfg *Config) (call.Output, error) {
	if cfg.SendOnly {
		cfg.Output = "none"
		return newNone(*cfg, true), nil
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
		return newNone(*cfg, false), nil
	}
	return newStream(*cfg)
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
	return screen.New(s), nil
}

// onScreen is what a screen is told.
func (c Config) onScreen() screen.Config {
	return screen.Config{
		Stdout: c.Stdout, Getenv: c.Getenv, Fit: c.Fit, NoSelf: c.ViewOnly, NoSource: c.ViewOnly || c.Source == "none", Paused: c.StartPaused,
		OutDir: c.OutDir, StateDir: c.StateDir, Log: c.Log,
	}
}

// newStream is an output into a pipe or a file.
func newStream(cfg Config) (call.Output, error) {
	file, own := pollable(cfg.Stdout)
	s, err := newSink(cfg.Output, file, cfg)
	if err != nil {
		return nil, err
	}
	return &pipe{Output: streamOf(cfg, s), file: file, own: own}, nil
}

// streamOf is one peer's pictures, or everybody's side by side.
func streamOf(cfg Config, s sink) call.Output {
	if cfg.Peer != "" {
		return newSolo(cfg, s)
	}
	if a, ok := s.(*ansiSink); ok {
		return newGrid(cfg, &cellPage{ansiSink: a})
	}
	return newGrid(cfg, newFramePage(s, cfg))
}
