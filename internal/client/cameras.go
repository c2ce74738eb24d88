package client

import (
	"context"
	"errors"
)

// Cameras lists the cameras on cfg.Stdout, as JSON where asked for.
func Cameras(ctx context.Context, cfg Config, asJSON bool) error {
	return errors.New("cameras: not built yet")
}
