package client

import (
	"context"

	"acip/internal/fault"
)

// Mirror shows one's own source, as Join does when alone, without a server.
func Mirror(ctx context.Context, cfg Config) error {
	if cfg.Source == "none" {
		return &fault.Usage{Text: "nothing to mirror", Remedy: "give a source: --camera 0, or --source pattern"}
	}
	cfg.ViewOnly, cfg.SendOnly, cfg.CameraNamed, cfg.Room = false, false, true, "mirror"
	if err := check(&cfg); err != nil {
		return err
	}
	out, err := newOutput(&cfg)
	if err != nil {
		return err
	}
	return runAndWriteStats(ctx, newCall(cfg, out, "", nil), cfg.StatsFile)
}
