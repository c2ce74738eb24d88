package main

import (
	"strings"

	"acip/cmd/internal/app"
	"acip/internal/client"
)

// The categories of the help, in this order.
const (
	callPart    = "Call"
	picturePart = "Your picture"
	outputPart  = "What you see"
	lookPart    = "Look"
	limitPart   = "When to stop"
)

func callOptions() []app.Option {
	return []app.Option{
		{Name: "server", Kind: app.Text, Placeholder: "ADDRESS", Shown: "on this network, else localhost", Category: callPart, Check: checkAddress, Usage: "server to join; the same as ADDRESS"},
		{Name: "room", Kind: app.Text, Placeholder: "NAME", Shown: "lobby", Category: callPart, Check: notEmpty, Usage: "room to join"},
		{Name: "name", Kind: app.Text, Placeholder: "NAME", Shown: "$USER", Category: callPart, Check: notEmpty, Usage: "name that others see"},
		{Name: "view-only", Kind: app.Bool, Category: callPart, Against: []string{"send-only"}, Usage: "watch without a camera"},
		{Name: "send-only", Kind: app.Bool, Category: callPart, Usage: "send without showing anything"},
		{Name: "wait", Kind: app.Bool, Category: callPart, Usage: "keep trying while the server is not reachable or full"},
		{Name: "no-reconnect", Kind: app.Bool, Category: callPart, Usage: "end when the connection is lost"},
		{Name: "yes", Kind: app.Bool, Category: callPart, Usage: "join without asking first: a server found on the network, or after --preview"},
	}
}

// accessOptions is what a server may want of those who come.
func accessOptions() []app.Option {
	return []app.Option{
		{Name: "token", Kind: app.Text, Placeholder: "TEXT", Category: callPart, Against: []string{"token-file"}, Secret: true, Usage: "token, if the server asks for one; others on this machine can read the command line, so prefer ACIP_TOKEN or --token-file"},
		{Name: "token-file", Kind: app.Path, Placeholder: "FILE", Category: callPart, Usage: "file with the token in its first line"},
		{Name: "tls-ca", Kind: app.Path, Placeholder: "FILE", Category: callPart, Usage: "trust the certificates in this PEM file too, for wss"},
	}
}

func pictureOptions(o client.Offers) []app.Option {
	return []app.Option{
		{Name: "camera", Kind: app.Text, Placeholder: "N|NAME|PATH", Shown: "0", Category: picturePart, Check: notEmpty, Usage: "camera to use; acip-client cameras lists them"},
		{Name: "source", Kind: app.Text, Placeholder: "SPEC", Default: "camera", Category: picturePart, Check: checkSource, Words: beginnings(o.Sources), Usage: "what to send: " + strings.Join(o.Sources, ", ")},
		{Name: "capture-size", Kind: app.Size, Shown: "what viewers ask for", Category: picturePart, Usage: "size to capture at; the nearest one that the camera offers"},
		{Name: "fps", Kind: app.Float, Shown: "30", Above: true, Max: 240, Category: picturePart, Usage: "pictures a second"},
		{Name: "flip", Kind: app.Choice, Values: []string{"none", "horizontal", "vertical", "both"}, Default: "none", Category: picturePart, Usage: "mirror the picture for everybody"},
		{Name: "rotate", Kind: app.Choice, Values: []string{"0", "90", "180", "270"}, Default: "0", Category: picturePart, Usage: "turn the picture clockwise, in degrees"},
		matrixOption(),
		{Name: "loop", Kind: app.Bool, Category: picturePart, Usage: "play a file again from the start when it ends"},
	}
}

// beginnings are what the kinds of sources begin with: file: of file:PATH, camera of camera[:ID].
func beginnings(kinds []string) (list []string) {
	for _, k := range kinds {
		k, _, _ = strings.Cut(k, "[")
		if at := strings.Index(k, ":"); at >= 0 {
			k = k[:at+1]
		}
		list = append(list, k)
	}
	return list
}

func sendOptions(o client.Offers) []app.Option {
	return []app.Option{
		{Name: "codec", Kind: app.Choice, Values: o.Codecs, Missing: o.Missing, Default: "auto", Category: picturePart, Usage: "how to encode pictures; auto: the best codec that all viewers decode"},
		{Name: "start-paused", Kind: app.Bool, Category: picturePart, Usage: "join with the camera closed; the space bar opens it"},
		{Name: "preview", Kind: app.Bool, Category: picturePart, Usage: "see your picture first and press Enter to join; not in pipes, and not with --yes"},
	}
}

func outputOptions() []app.Option {
	return []app.Option{
		{Name: "output", Kind: app.Choice, Values: []string{"auto", "tty", "ansi", "y4m", "rgb", "none"}, Default: "auto", Category: outputPart, Usage: "auto: tty on a terminal, y4m otherwise; rgb: bare RGB24 pictures"},
		sizeOption("cells for ansi, pixels for y4m and rgb", "the terminal; 640x480 for y4m and rgb"),
		fitOption(),
	}
}

func matrixOption() app.Option {
	return app.Option{Name: "matrix", Kind: app.Choice, Values: []string{"bt601", "bt709"}, Default: "bt601", Category: picturePart, Usage: "what the numbers of y4m mean, read and written: it cannot say so itself"}
}

func sizeOption(usage, shown string) app.Option {
	return app.Option{Name: "size", Kind: app.Size, Shown: shown, Category: outputPart, Usage: usage}
}

func fitOption() app.Option {
	return app.Option{Name: "fit", Kind: app.Choice, Values: []string{"contain", "cover"}, Default: "contain", Category: outputPart, Usage: "how to fit a picture whose shape differs"}
}

func peerOptions() []app.Option {
	return []app.Option{
		{Name: "peer", Kind: app.Text, Placeholder: "NAME", Shown: "all, as a grid", Category: outputPart, Check: notEmpty, Usage: "show only this person; a stream is not scaled unless --size is given"},
	}
}

func screenOptions(o client.Offers) []app.Option {
	return []app.Option{
		{Name: "no-ui", Kind: app.Bool, Category: outputPart, Usage: "plain lines instead of a full screen, for screen readers; /help lists what can be typed"},
		{Name: "out", Kind: app.Path, Placeholder: "DIR", Shown: "the state directory", Category: outputPart, Usage: "directory for snapshots and recordings"},
		{Name: "record-format", Kind: app.Choice, Values: o.Records, Default: o.Records[0], Category: outputPart, Usage: "asciicast version of recordings; every player reads v2, asciinema 3 and its player also v3"},
	}
}

func lookOptions(o client.Offers) []app.Option {
	return []app.Option{
		{Name: "glyphs", Kind: app.Choice, Values: o.Glyphs, Default: "auto", Category: lookPart, Usage: "characters to draw with"},
		{Name: "graphics", Kind: app.Choice, Values: o.Graphics, Default: "auto", Category: lookPart, Usage: "draw with characters, or with pixels if the terminal can"},
		{Name: "color", Kind: app.Choice, Values: o.Colors, Default: "auto", Category: lookPart, Usage: "colours to draw with"},
		{Name: "filter", Kind: app.Choice, Values: o.Filters, Default: o.Filters[0], Category: lookPart, Usage: "how to scale: area is closest to the picture, sharp looks crisper from a distance"},
		{Name: "ramp", Kind: app.Text, Placeholder: "TEXT", Shown: "all of ASCII, chosen by shape", Category: lookPart, Check: notEmpty, Usage: "characters to draw with, from dark to light, such as ' .:-=+*#%@'"},
	}
}

func playOptions() []app.Option {
	return []app.Option{
		{Name: "speed", Kind: app.Float, Shown: "1; into a pipe as fast as it can", Above: true, Max: 64, Category: outputPart, Usage: "seconds of the recording in one second"},
		{Name: "at", Kind: app.Duration, Shown: "the start", Max: 1e9, Category: outputPart, Usage: "where to begin: 90s, 5m; what comes before is shown at once"},
		{Name: "idle-limit", Kind: app.Duration, Shown: "the recording's own", Max: 1e9, Category: outputPart, Usage: "longest pause between two changes; 0s: pauses as they were"},
	}
}

func limitOptions() []app.Option {
	return []app.Option{
		{Name: "frames", Kind: app.Int, Max: 1 << 40, Shown: "endless", Category: limitPart, Usage: "stop after this many pictures written, or sent with --send-only"},
		{Name: "duration", Kind: app.Duration, Max: 1e9, Shown: "endless", Category: limitPart, Usage: "stop after this time: 10s, 5m"},
	}
}

func statsOption() app.Option {
	return app.Option{Name: "stats-file", Kind: app.Path, Category: limitPart, Usage: "at the end, write to this file what was sent, received and dropped, as JSON"}
}

// together is one list of several.
func together(lists ...[]app.Option) (all []app.Option) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
