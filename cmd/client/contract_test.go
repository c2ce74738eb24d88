package main

import (
	"slices"
	"strings"
	"testing"

	"acip/cmd/internal/app"
)

// TestFlagsThatScriptsRelyOn: each is there, under its name, with its default, its variable and its key.
func TestFlagsThatScriptsRelyOn(t *testing.T) {
	join := map[string]string{
		"server": "on this network, else localhost", "camera": "0", "source": "camera", "view-only": "", "send-only": "", "fit": "contain",
		"room": "lobby", "name": "$USER", "codec": "auto", "capture-size": "what viewers ask for", "fps": "30", "output": "auto",
		"peer": "all, as a grid", "size": "the terminal; 640x480 for y4m and rgb", "frames": "endless", "duration": "endless", "loop": "",
		"wait": "", "no-reconnect": "", "stats-file": "", "glyphs": "auto", "graphics": "auto", "color": "auto",
	}
	for command, flags := range map[string]map[string]string{
		"join":    join,
		"render":  {"size": "", "fit": "contain", "glyphs": "auto", "graphics": "auto", "color": "auto", "frames": "", "fps": ""},
		"doctor":  {"json": ""},
		"mirror":  {"camera": "0", "source": "camera"},
		"cameras": {},
	} {
		c := commandOf(t, command)
		for name, value := range flags {
			i := slices.IndexFunc(c.Options, func(o app.Option) bool { return o.Name == name })
			if i < 0 {
				t.Errorf("%s has no --%s", command, name)
				continue
			}
			o := c.Options[i]
			if value != "" && o.Default != value && o.Shown != value {
				t.Errorf("%s --%s: default %q, shown %q, want %q", command, name, o.Default, o.Shown, value)
			}
			if o.Once && name != "json" || o.Hidden || o.Variable() != "ACIP_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_")) {
				t.Errorf("%s --%s: variable %s, once %t, hidden %t", command, name, o.Variable(), o.Once, o.Hidden)
			}
		}
	}
	for name, least := range map[string][]string{"output": {"auto", "tty", "ansi", "y4m", "rgb", "none"}, "codec": {"auto", "raw", "jpeg"}, "fit": {"contain", "cover"}} {
		c := commandOf(t, "join")
		o := c.Options[slices.IndexFunc(c.Options, func(o app.Option) bool { return o.Name == name })]
		for _, v := range least {
			if !slices.Contains(o.Values, v) {
				t.Errorf("--%s does not take %s: %v", name, v, o.Values)
			}
		}
	}
}

func commandOf(t *testing.T, name string) app.Command {
	t.Helper()
	for _, c := range program().Commands {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no command %s", name)
	return app.Command{}
}
