package client

import "acip/internal/term"

// newOutput chooses what the configuration asks for, and puts the choice into cfg.Output.
func newOutput(cfg *Config) (Output, error) {
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
		return NewScreen(*cfg)
	case "none":
		return newNone(*cfg, false), nil
	}
	return newStream(*cfg)
}

// newStream is an output into a pipe or a file.
func newStream(cfg Config) (Output, error) {
	s, err := newSink(cfg.Output, cfg.Stdout, cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Peer != "" {
		return newSolo(cfg, s), nil
	}
	if a, ok := s.(*ansiSink); ok {
		return newGrid(cfg, &cellPage{ansiSink: a}), nil
	}
	return newGrid(cfg, newFramePage(s, cfg)), nil
}
