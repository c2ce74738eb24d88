package client

import (
	"context"
	"errors"
)

// Render draws pictures from a file, or standard input for "-", into cfg.Stdout.
func Render(ctx context.Context, cfg Config, path string) error {
	return errors.New("render: not built yet")
}
