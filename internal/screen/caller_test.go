//go:build linux || darwin

package screen

import (
	"context"

	"acip/capture"
	"acip/frame"
	"acip/internal/call"
	"acip/internal/testkit/host"

	"github.com/rs/zerolog"
)

// caller is a call to a server's lobby that sends the pattern.
func caller(h *host.Host, name string) call.Config {
	return call.Config{
		Address: "ws://" + h.Addr + "/acip", Room: "lobby", Name: name, Codec: "jpeg", FPS: 30, Log: zerolog.Nop(),
		Open: func(ctx context.Context) (capture.Source, error) {
			return capture.Open(ctx, "pattern", capture.Options{Size: frame.Size{W: 320, H: 240}})
		},
	}
}
