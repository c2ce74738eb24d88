package client

import (
	"context"
	"crypto/tls"
	"fmt"

	"acip/capture"
	"acip/internal/address"
	"acip/internal/call"
	"acip/internal/fault"
	"acip/packet"
)

// Join joins a room and returns when the call is over. It ends when ctx does (nil), when the user leaves
// (nil), or with an error that fault.Explain and fault.Code tell about.
func Join(ctx context.Context, cfg Config) error {
	c, out, err := prepare(&cfg)
	if err != nil {
		return err
	}
	err = runAndWriteStats(ctx, c, cfg.StatsFile)
	if room, joined := c.Room(); joined && cfg.Output == "tty" && cfg.Stderr != nil {
		var kept []string
		if k, ok := out.(keeper); ok {
			kept = k.Kept()
		}
		fmt.Fprintf(cfg.Stderr, "acip-client: %s\n", summary(c.Stats(), room, c.Met(), kept, cfg.Getenv("HOME")))
	}
	return err
}

// prepare makes a call that has not begun, and its output.
func prepare(cfg *Config) (*call.Call, call.Output, error) {
	server, room, err := address.Parse(cfg.Address)
	if err != nil {
		return nil, nil, err
	}
	if cfg.Room == "" {
		cfg.Room = room
	}
	if err := check(cfg); err != nil {
		return nil, nil, err
	}
	certificates, err := address.Trust(cfg.TLSCA)
	if err != nil {
		return nil, nil, err
	}
	out, err := newOutput(cfg)
	if err != nil {
		return nil, nil, err
	}
	return newCall(*cfg, out, server, certificates), out, nil
}

// newCall makes the call that a checked configuration describes. Without a server it is a mirror.
func newCall(cfg Config, out call.Output, server string, certificates *tls.Config) *call.Call {
	c := call.Config{
		Address: server, TLS: certificates, Room: cfg.Room, Name: cfg.Name, Agent: cfg.Agent, Token: cfg.Token,
		Optional: cfg.Source == "camera" && !cfg.CameraNamed && !cfg.SendOnly, Paused: cfg.StartPaused, Codec: cfg.Codec, MaxSize: cfg.CaptureSize,
		SendOnly: cfg.SendOnly, Peer: cfg.Peer, FPS: cfg.FPS, Frames: cfg.Frames, Duration: cfg.Duration,
		Wait: cfg.Wait, Once: cfg.NoReconnect, Preview: cfg.Preview && !cfg.Yes && cfg.Source != "none" && cfg.Output == "tty",
		AfterJoin: cfg.Output == "tty", Blind: cfg.Output == "none", Log: cfg.Log,
	}
	if cfg.Source != "none" {
		c.Open = func(ctx context.Context) (capture.Source, error) {
			return openSource(ctx, cfg, server == "" && cfg.Output != "tty")
		}
	}
	if cfg.FPSSet {
		c.SendFPS = cfg.FPS
	}
	return call.New(c, out)
}

// runAndWriteStats runs the call, and writes its account at the end.
func runAndWriteStats(ctx context.Context, c *call.Call, statsFile string) error {
	err := c.Run(ctx)
	if statsFile == "" {
		return err
	}
	if serr := writeStats(statsFile, c.Stats()); err == nil {
		return serr
	}
	return err
}

// check fills in defaults and refuses contradictory options.
func check(cfg *Config) error {
	if cfg.Room == "" {
		cfg.Room = "lobby"
	}
	if !packet.ValidRoom(cfg.Room) {
		return &fault.Usage{Text: "no such room name: " + packet.CleanText(cfg.Room), Remedy: "a room is 1 to 64 letters, digits, '-', '_' and '.'"}
	}
	if cfg.ViewOnly && cfg.SendOnly {
		return &fault.Usage{Text: "--view-only and --send-only exclude each other", Remedy: "give one of them, or neither to do both"}
	}
	if cfg.ViewOnly {
		cfg.Source = "none"
	}
	if cfg.SendOnly && cfg.Source == "none" {
		return &fault.Usage{Text: "--send-only with nothing to send", Remedy: "give a source: --source pattern"}
	}
	if err := checkStats(cfg.StatsFile); err != nil {
		return err
	}
	cfg.Name = packet.CleanName(cfg.Name)
	if cfg.FPS <= 0 {
		cfg.FPS = 30
	}
	return nil
}

// openSource opens the source of a configuration; ends: a film of one picture ends as well.
func openSource(ctx context.Context, cfg Config, ends bool) (capture.Source, error) {
	flip, err := capture.ParseFlip(cfg.Flip)
	if err != nil {
		return nil, &fault.Usage{Text: err.Error()}
	}
	turn, err := capture.ParseRotation(cfg.Rotate)
	if err != nil {
		return nil, &fault.Usage{Text: err.Error()}
	}
	o := capture.Options{Size: cfg.CaptureSize, Loop: cfg.Loop, Stdin: cfg.Stdin, Camera: cfg.Camera, Flip: flip, Rotate: turn, BT709: cfg.BT709}
	o.Ends = ends
	if cfg.FPSSet {
		o.FPS = cfg.FPS
	}
	return capture.Open(ctx, cfg.Source, o)
}
