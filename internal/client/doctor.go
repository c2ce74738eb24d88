package client

import (
	"context"
	"errors"
)

// Doctor looks at camera, terminal and network and says what is wrong with each.
func Doctor(ctx context.Context, cfg Config, asJSON bool) error {
	return errors.New("doctor: not built yet")
}
