package main

import (
	"context"

	"acip/cmd/internal/app"
	"acip/internal/client"
)

func joinCommand(o client.Offers) app.Command {
	return app.Command{
		Name: "join", Summary: "join a call; the default command", Args: "[ADDRESS]", Most: 1,
		About: []string{"ADDRESS is a host, host:port, or a ws://, wss://, http:// or https:// link. Without an address, acip-client looks for a server that " +
			"announces itself on this network and asks before it joins; if there is none, it tries localhost."},
		Options: together(callOptions(), accessOptions(), pictureOptions(o), sendOptions(o), outputOptions(), peerOptions(), screenOptions(o), lookOptions(o),
			limitOptions(), []app.Option{statsOption()}),
		Run: runJoin,
	}
}

func renderCommand(o client.Offers) app.Command {
	return app.Command{
		Name: "render", Summary: "draw a picture or a film", Args: "[FILE]", Most: 1,
		About: []string{"FILE is a PNG, JPEG, GIF or y4m file, or anything that ffmpeg reads if it is installed; without FILE, or with -, it is standard input. " +
			"Films play at their own rate on a terminal, and as fast as possible into a file or pipe, unless --fps is given."},
		Examples: []app.Example{
			{Line: "acip-client render photo.jpg", What: "on this terminal"},
			{Line: "acip-client host | acip-client render", What: "at the end of a pipe"},
			{Line: "acip-client render --size 160x45 film.y4m > film.txt", What: "into a file"},
		},
		Options: together([]app.Option{
			sizeOption("size to draw at, in cells", "the terminal's, else 80x24"), fitOption(),
			{Name: "fps", Kind: app.Float, Shown: "the film's", Above: true, Max: 240, Category: outputPart, Usage: "pictures a second"},
			{Name: "loop", Kind: app.Bool, Category: outputPart, Usage: "start again at the end"},
			matrixOption(),
		}, lookOptions(o), limitOptions()),
		Run: func(ctx context.Context, in *app.Input) error {
			cfg, err := configure(in, false)
			if err != nil {
				return err
			}
			return client.Render(ctx, cfg, first(in.Args))
		},
	}
}

func mirrorCommand(o client.Offers) app.Command {
	return app.Command{
		Name: "mirror", Summary: "see yourself, without a server",
		Examples: []app.Example{{Line: "acip-client mirror --camera 0", What: ""}, {Line: "acip-client mirror --source pattern", What: ""}},
		Options:  together(pictureOptions(o), outputOptions(), screenOptions(o), lookOptions(o), limitOptions(), []app.Option{statsOption()}),
		Run: func(ctx context.Context, in *app.Input) error {
			cfg, err := configure(in, client.FullScreen(outputOf(in), in.Stdout))
			if err != nil {
				return err
			}
			return client.Mirror(ctx, cfg)
		},
	}
}

func playCommand() app.Command {
	return app.Command{
		Name: "play", Summary: "show a recording made with the r key", Args: "FILE", Least: 1, Most: 1,
		About: []string{
			"FILE is an asciicast recording of version 1, 2 or 3, of acip-client or of asciinema, also compressed with gzip; - is standard input. Only what " +
				"draws is passed on to the terminal. Of a recording that breaks off, everything before that is shown; the exit code is then 1. Into a file or " +
				"pipe it is written as fast as it can, unless --speed says otherwise.",
			"Keys: q, Escape or Ctrl-C end it; the space bar pauses and goes on; Left and Right go 5 seconds back and forth, Home to the start; < and > (or - " +
				"and +) halve and double the speed, = sets it to 1; i turns the limit of pauses off and on; ] goes to the next marker; . pauses and shows the " +
				"next change.",
		},
		Options: playOptions(),
		Examples: []app.Example{
			{Line: "acip-client play call.cast", What: ""},
			{Line: "acip-client play --speed 2 --idle-limit 1s --at 5m call.cast", What: "quickly, from the sixth minute on"},
		},
		Run: func(ctx context.Context, in *app.Input) error {
			cfg, err := configure(in, client.FullScreen("auto", in.Stdout))
			if err != nil {
				return err
			}
			cfg.Playing.Speed, cfg.Playing.At = in.Float("speed"), in.Duration("at")
			cfg.Playing.IdleLimit, cfg.Playing.IdleSet = in.Duration("idle-limit"), in.Given("idle-limit")
			return client.Play(ctx, cfg, in.Args[0])
		},
	}
}

func camerasCommand() app.Command {
	return app.Command{
		Name: "cameras", Summary: "list the cameras with their sizes and rates, or say why there are none",
		Options: []app.Option{jsonOption()},
		Run: func(ctx context.Context, in *app.Input) error {
			cfg, err := configure(in, false)
			if err != nil {
				return err
			}
			return client.Cameras(ctx, cfg, in.Bool("json"))
		},
	}
}

func doctorCommand() app.Command {
	return app.Command{
		Name: "doctor", Summary: "check the camera, the terminal and the network, and say how to fix them", Args: "[ADDRESS]", Most: 1,
		Options: append(accessOptions(),
			jsonOption(),
			app.Option{Name: "probe-report", Kind: app.Bool, Category: outputPart, Usage: "print only what the terminal answered, as JSON"},
			app.Option{Name: "server", Kind: app.Text, Placeholder: "ADDRESS", Shown: "localhost", Category: callPart, Check: checkAddress, Usage: "server to check; the same as ADDRESS"},
			app.Option{Name: "camera", Kind: app.Text, Placeholder: "N|NAME|PATH", Shown: "0", Category: picturePart, Check: notEmpty, Usage: "camera to check"},
		),
		Run: func(ctx context.Context, in *app.Input) error {
			cfg, err := configure(in, false)
			if err != nil {
				return err
			}
			if in.Bool("probe-report") {
				return client.ProbeReport(ctx, cfg)
			}
			return client.Doctor(ctx, cfg, in.Bool("json"))
		},
	}
}

func jsonOption() app.Option {
	return app.Option{Name: "json", Kind: app.Bool, Category: outputPart, Usage: "print JSON, for other programs"}
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
