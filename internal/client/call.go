package client

import (
	"context"
	"errors"
)

// Join is a call: it joins a room and returns when the call is over. Errors carry a hint and an exit code (see Explain).
func Join(ctx context.Context, cfg Config) error { return errors.New("join: not built yet") }

// Render draws pictures from a file, or standard input for "-", into cfg.Stdout.
func Render(ctx context.Context, cfg Config, path string) error {
	return errors.New("render: not built yet")
}

// Mirror shows one's own source without a server.
func Mirror(ctx context.Context, cfg Config) error { return errors.New("mirror: not built yet") }

// Cameras lists the cameras on cfg.Stdout, as JSON where asked for.
func Cameras(ctx context.Context, cfg Config, asJSON bool) error {
	return errors.New("cameras: not built yet")
}

// Doctor looks at camera, terminal and network and says what is wrong with each.
func Doctor(ctx context.Context, cfg Config, asJSON bool) error {
	return errors.New("doctor: not built yet")
}
