package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"acip/internal/server"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"
)

func run(args []string, stdout, stderr io.Writer) int {
	app := &cli.App{
		Name: "acip-server", HideVersion: true, ExitErrHandler: func(*cli.Context, error) {}, Writer: stdout, ErrWriter: stderr,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: server.DefaultListen},
			&cli.IntFlag{Name: "max-clients", Value: 32},
			&cli.DurationFlag{Name: "reassembly-timeout"},
			&cli.IntFlag{Name: "max-frame"},
			&cli.StringFlag{Name: "log-level", Value: "info"},
		},
		Action: func(c *cli.Context) error {
			level, err := zerolog.ParseLevel(c.String("log-level"))
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return server.Run(ctx, server.Config{
				Listen: c.String("listen"), MaxClients: c.Int("max-clients"), MaxFrame: c.Int("max-frame"),
				ReassemblyTimeout: c.Duration("reassembly-timeout"), Log: zerolog.New(stderr).Level(level).With().Timestamp().Logger(),
			})
		},
	}
	if err := app.Run(args); err != nil {
		fmt.Fprintln(stderr, "acip-server: error:", err)
		return 1
	}
	return 0
}
