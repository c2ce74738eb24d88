package client

import (
	"context"
	"errors"
)

// Mirror shows one's own source without a server.
func Mirror(ctx context.Context, cfg Config) error { return errors.New("mirror: not built yet") }
