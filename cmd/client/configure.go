package main

import (
	"context"
	"os/user"
	"strings"

	"acip/cmd/internal/app"
	"acip/internal/address"
	"acip/internal/client"
	"acip/internal/fault"
)

// configure is what a command tells internal/client; screen: the terminal is going to be drawn on, so that logs go to a
// file.
func configure(in *app.Input, screen bool) (client.Config, error) {
	log, err := in.Log(screen)
	if err != nil {
		return client.Config{}, err
	}
	cfg := client.Config{
		Room: in.Text("room"), Name: name(in), Agent: "acip-client/" + app.ReadVersion().Number,
		Source: in.Text("source"), Camera: in.Text("camera"), CameraNamed: in.Given("camera"),
		FPS: in.Float("fps"), FPSSet: in.Given("fps"), Flip: in.Text("flip"), Rotate: in.Text("rotate"), Loop: in.Bool("loop"), BT709: in.Text("matrix") == "bt709",
		ViewOnly: in.Bool("view-only"), SendOnly: in.Bool("send-only"), StartPaused: in.Bool("start-paused"), Preview: in.Bool("preview"), Codec: in.Text("codec"),
		Output: in.Text("output"), Peer: in.Text("peer"), Frames: in.Int("frames"), Duration: in.Duration("duration"),
		Wait: in.Bool("wait"), NoReconnect: in.Bool("no-reconnect"), StatsFile: in.Text("stats-file"),
		Glyphs: in.Text("glyphs"), Graphics: in.Text("graphics"), Color: in.Text("color"),
		Filter: in.Text("filter"), Ramp: in.Text("ramp"),
		Yes: in.Bool("yes"), NoUI: in.Bool("no-ui"), OutDir: in.Text("out"), RecordFormat: in.Text("record-format"), StateDir: in.StateDir(),
		Stdin: in.Stdin, Stdout: in.Stdout, Stderr: in.Stderr, Getenv: in.Getenv, Log: log,
	}
	cfg.Size.W, cfg.Size.H = in.Size("size")
	cfg.CaptureSize.W, cfg.CaptureSize.H = in.Size("capture-size")
	if fit := in.Text("fit"); fit != "" {
		cfg.Fit = client.ParseFit(fit)
	}
	cfg.TLSCA = in.Text("tls-ca")
	if cfg.Token, err = in.Secret("token"); err != nil {
		return cfg, err
	}
	if cfg.Address, err = serverOf(in); err != nil {
		return cfg, err
	}
	if cfg.Output == "tty" && !cfg.NoUI && !client.FullScreen("auto", in.Stdout) {
		return cfg, &app.Error{Msg: in.Where("output") + ": tty needs a terminal, and standard output is not one", Remedy: "leave the flag out for a stream, or write text: --output ansi"}
	}
	return cfg, settleSource(in, &cfg)
}

// name is what others see: as chosen, else the person's login name.
func name(in *app.Input) string {
	if in.Given("name") {
		return in.Text("name")
	}
	for _, key := range []string{"USER", "LOGNAME", "USERNAME"} {
		if n := in.Getenv(key); n != "" {
			return n
		}
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "guest"
}

// serverOf is the server: the argument, else --server with its variable and key.
func serverOf(in *app.Input) (string, error) {
	if in.Program == nil || in.Command.Args != "[ADDRESS]" || len(in.Args) == 0 {
		return in.Text("server"), nil
	}
	if in.Typed("server") && in.Args[0] != in.Text("server") {
		return "", app.Usage("two addresses were given: "+in.Args[0]+" and --server "+in.Text("server"), "leave one of them out")
	}
	return in.Args[0], checkAddress(in.Args[0])
}

// settleSource settles --camera against --source: naming a camera means the camera.
func settleSource(in *app.Input, cfg *client.Config) error {
	if !in.Given("camera") || !in.Given("source") || strings.HasPrefix(cfg.Source, "camera") {
		return nil
	}
	switch n := in.Nearer("camera", "source"); {
	case n > 0:
		cfg.Source = "camera"
	case n == 0:
		return app.Usage(in.Where("camera")+" and "+in.Where("source")+" "+cfg.Source+" exclude each other", "leave one of them out")
	}
	return nil
}

// outputOf is the output as it was chosen; plain lines are no screen.
func outputOf(in *app.Input) string {
	if in.Bool("no-ui") || in.Bool("send-only") {
		return "none"
	}
	return in.Text("output")
}

// runJoin is the call.
func runJoin(ctx context.Context, in *app.Input) error {
	cfg, err := configure(in, client.FullScreen(outputOf(in), in.Stdout))
	if err != nil {
		return err
	}
	if cfg.Address == "" {
		found, done, err := address.Nearby(ctx, address.Person{Stdin: cfg.Stdin, Stderr: cfg.Stderr, Yes: cfg.Yes, Token: cfg.Token != ""})
		defer done()
		if err != nil {
			return err
		}
		cfg.Address = found
	}
	err = client.Join(ctx, cfg)
	if meant := in.Program.Nearest(first(in.Args)); err != nil && meant != "" {
		return &misnamed{err, meant}
	}
	return err
}

// misnamed is a failed call to an address that looks like a command's name.
type misnamed struct {
	error
	command string
}

func (m *misnamed) Unwrap() error { return m.error }

// Hint implements app.Hinter.
func (m *misnamed) Hint() string {
	_, hint := fault.Explain(m.error)
	meant := "did you mean the command: acip-client " + m.command + "?"
	if hint != "" {
		meant += " If it is a host: " + hint
	}
	return meant
}
