package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"acip/cmd/internal/app"
)

// bench is a folder with something to work on: film.y4m of three pictures, still.y4m of one, a recording, and programs.
type bench struct {
	*testing.T
	dir    string
	server string
}

// outcome is what a program wrote and how it ended.
type outcome struct {
	stdout, stderr string
	code           int
}

// run runs acip-client in the bench's folder. Standard input is empty.
func (b *bench) run(args ...string) outcome {
	b.Helper()
	var o, e bytes.Buffer
	cmd := start(b.T, append([]string{"acip-client"}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.dir, &o, &e
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.Fatal(err)
	}
	return outcome{o.String(), e.String(), cmd.ProcessState.ExitCode()}
}

// effect shows that a flag does something, and fails the test if not.
type effect func(b *bench)

// differs: the flag changes what a command writes or how it ends; without it, two runs are the same.
func differs(line, flag string) effect {
	return func(b *bench) {
		b.Helper()
		first, second := b.run(strings.Fields(line)...), b.run(strings.Fields(line)...)
		for n := 0; n < 5 && first != second; n++ { // on a busy machine a first picture may come late
			first, second = second, b.run(strings.Fields(line)...)
		}
		with := b.run(append(strings.Fields(line), strings.Fields(flag)...)...)
		if first != second {
			b.Errorf("two runs of %s differ: %.300v, %.300v", line, first, second)
		}
		if with == first {
			b.Errorf("%s changes nothing of %s: %.300v", flag, line, with)
		}
	}
}

// says: with the flag, this text is in what a command writes; without, it is not.
func says(line, flag, text string) effect {
	return func(b *bench) {
		b.Helper()
		without, with := b.run(strings.Fields(line)...), b.run(append(strings.Fields(line), strings.Fields(flag)...)...)
		if strings.Contains(without.stdout+without.stderr, text) || !strings.Contains(with.stdout+with.stderr, text) {
			b.Errorf("%s, without and with %s: no difference in %q: %.500v, %.500v", line, flag, text, without, with)
		}
	}
}

// counts: the flag changes a number of the account (the statistics file) in the way that ok knows.
func counts(line, flag, number string, ok func(without, with float64) bool) effect {
	account := func(b *bench, args []string) float64 {
		path := filepath.Join(b.dir, "account.json")
		b.run(append(args, "--stats-file", path)...)
		var all map[string]any
		text, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(text, &all) != nil {
			b.Fatalf("%v: no account: %v", args, err)
		}
		n, _ := all[number].(float64) // left out where it is zero
		return n
	}
	return func(b *bench) {
		b.Helper()
		without, with := account(b, strings.Fields(line)), account(b, append(strings.Fields(line), strings.Fields(flag)...))
		if !ok(without, with) {
			b.Errorf("%s: %s is %v without %s and %v with it", line, number, without, flag, with)
		}
	}
}

// scripted: the effect needs a terminal or a server of its own, and a script shows it; the script must use the flag.
func scripted(file, text string) effect {
	return tested(filepath.Join("testdata", "script", file), text)
}

// tested: another test shows the effect; its file must have this text.
func tested(file, text string) effect {
	return func(b *bench) {
		b.Helper()
		script, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(script), text) {
			b.Errorf("%s does not use %q: %v", file, text, err)
		}
	}
}

func higher(a, b float64) bool { return b > a }
func lower(a, b float64) bool  { return b < a }

// common are the effects of the flags that commands share; line is one that ends by itself.
func common(line string) map[string]effect {
	return map[string]effect{
		"help": says(line, "--help", "Usage: acip-client"), "version": says(line, "--version", "glyphs:"),
		"config":     says(line, "--config missing.yaml", "missing.yaml"),
		"log-level":  says(line, "--log-level debug", `"started"`),
		"log-format": says(line+" --log-level debug", "--log-format console", "DBG started"),
		"log-file": func(b *bench) {
			b.run(append(strings.Fields(line), "--log-level", "debug", "--log-file", "log")...)
			text, err := os.ReadFile(filepath.Join(b.dir, "log"))
			if _ = os.Remove(filepath.Join(b.dir, "log")); !strings.Contains(string(text), "started") {
				b.Errorf("%s: nothing in its log: %v", line, err)
			}
		},
	}
}

// looks are the effects of how pictures are drawn; line draws the same picture each time as text.
func looks(line string) map[string]effect {
	return map[string]effect{
		"size": differs(line, "--size 10x4"), "fit": differs(line, "--fit cover"), "glyphs": differs(line, "--glyphs braille"),
		"graphics": differs(line, "--graphics sixel"), "color": differs(line, "--color mono"), "filter": differs(line, "--filter sharp"),
		"ramp": differs(line, "--ramp .#"), "frames": differs(line, "--frames 1"),
	}
}

// effects are those of each command's flags.
func effects(server string) map[string]map[string]effect {
	still := "mirror --source file:still.y4m --loop --frames 2 --output ansi"
	film := "mirror --source file:film.y4m --output none --duration 500ms"
	call := server + " --source pattern --output none --duration 500ms"
	joined := server + " --source file:still.y4m --loop --frames 2 --output ansi"
	dead := "127.0.0.1:1 --source none --output none --duration 100ms"
	return map[string]map[string]effect{
		"render": with(common("render film.y4m"), looks("render film.y4m"), map[string]effect{
			"fps":      func(b *bench) { fewerFrames(b, "render film.y4m", "--fps 10") },
			"loop":     func(b *bench) { moreFrames(b, "render --frames 5 film.y4m", "--loop") },
			"duration": func(b *bench) { moreFrames(b, "render --fps 30 film.y4m", "--loop --duration 300ms") },
			"matrix":   differs("render film.y4m", "--matrix bt709"),
		}),
		"mirror": with(common(film), looks(still), map[string]effect{
			"camera": says("mirror --output none --duration 100ms", "--camera /dev/no-such", "/dev/no-such"),
			"source": says("mirror --source pattern --output none --duration 50ms", "--source file:no-such", "no-such"),
			"capture-size": func(b *bench) {
				smoother(b, "mirror --source pattern --output rgb --size 64x48 --frames 1", "--capture-size 8x6")
			},
			"fps":  counts("mirror --source file:film.y4m --loop --output none --duration 500ms", "--fps 4", "captured", lower),
			"flip": differs(still, "--flip both"), "rotate": differs(still, "--rotate 90"),
			"loop":   counts(film, "--loop", "captured", higher),
			"output": differs(strings.Replace(still, "ansi", "y4m", 1), "--output rgb"),
			"no-ui":  differs("mirror --source pattern --output tty --duration 50ms", "--no-ui"),
			"out":    scripted("recordings.txtar", "mirror --source pattern --graphics kitty --out v2"), "record-format": scripted("recordings.txtar", "--record-format v3"),
			"duration":   counts("mirror --source file:film.y4m --output none --loop --duration 600ms", "--duration 100ms", "captured", lower),
			"stats-file": func(b *bench) { counts(film, "--loop", "captured", higher)(b) },
			"matrix":     differs(still, "--matrix bt709"),
		}),
		"play": with(common("play film.cast"), map[string]effect{
			"speed": scripted("recordings.txtar", "--speed 64 --idle-limit 1ms"), "at": scripted("recordings.txtar", "--at 3h"),
			"idle-limit": scripted("recordings.txtar", "--idle-limit 1ms"),
		}),
		"cameras": with(common("cameras"), map[string]effect{"json": differs("cameras", "--json")}),
		"doctor": with(common("doctor --probe-report"), map[string]effect{
			"json": differs("doctor --probe-report 127.0.0.1:1", "--json=false --probe-report=false --json"), "probe-report": says("doctor 127.0.0.1:1", "--probe-report", `"term"`),
			"server": says("doctor", "--server 127.0.0.1:1", "127.0.0.1:1"), "camera": says("doctor 127.0.0.1:1", "--camera /dev/no-such", "✗ camera"),
			"token": scripted("secure.txtar", "--token"), "token-file": says("doctor 127.0.0.1:1", "--token-file no-such", "no-such"),
			"tls-ca": says("doctor 127.0.0.1:1", "--tls-ca no-such", "no-such"),
		}),
		"join": with(common(dead), looks(joined), map[string]effect{
			"server": says("--source none --output none --duration 100ms --yes", "--server 127.0.0.1:1", "127.0.0.1:1/"),
			"room":   says(dead, "--room a/b", "a/b"), "name": scripted("call.txtar", "--name"),
			"view-only": counts(call, "--view-only", "captured", lower), "send-only": differs(server+" --source none --output none --duration 50ms", "--send-only"),
			"wait": differs(dead, "--wait"), "no-reconnect": tested(filepath.Join("..", "..", "internal", "client", "reconnect_test.go"), "NoReconnect = "), "yes": scripted("terminal.txtar", "--preview --yes"),
			"token": scripted("secure.txtar", "--token"), "token-file": says(dead, "--token-file no-such", "no-such"), "tls-ca": says(dead, "--tls-ca no-such", "no-such"),
			"camera":       says(server+" --output none --duration 100ms", "--camera /dev/no-such", "/dev/no-such"),
			"capture-size": sends("--capture-size 16x12"), "flip": sends("--flip both"), "rotate": sends("--rotate 90"), "matrix": sends("--matrix bt709"),
			"fps":   watched(counts(server+" --room seen --name s --source file:film.y4m --loop --output none --duration 1s", "--fps 4", "captured", lower)),
			"loop":  watched(counts(server+" --room seen --name s --source file:film.y4m --output none --duration 1s", "--loop", "captured", higher)),
			"codec": tested("values_test.go", `"--codec", codec`), "start-paused": counts(call, "--start-paused", "captured", lower),
			"preview": scripted("terminal.txtar", "--preview $ONE"), "output": differs(strings.Replace(joined, "ansi", "y4m", 1), "--output rgb"),
			"peer": differs(joined+" --duration 2s", "--peer ghost --duration 50ms"), "no-ui": differs(server+" --source none --output tty --duration 50ms", "--no-ui"),
			"out": scripted("recordings.txtar", "acip-client --source pattern --record-format v3 --out"), "record-format": scripted("recordings.txtar", "acip-client --source pattern --record-format v3 --out"),
			"duration": counts(call, "--duration 100ms", "captured", lower), "stats-file": counts(call, "--view-only", "captured", lower),
			"source": counts(server+" --source none --output none --duration 300ms", "--source pattern", "captured", higher),
		}),
	}
}

// smoother: with the flag, a picture of bare RGB has a fifth more colours, as of fewer pixels that were enlarged.
func smoother(b *bench, line, flag string) {
	colours := func(line string) int {
		all := map[string]bool{}
		for text := b.run(strings.Fields(line)...).stdout; len(text) >= 3; text = text[3:] {
			all[text[:3]] = true
		}
		return len(all)
	}
	if without, with := colours(line), colours(line+" "+flag); with <= without+without/5 {
		b.Errorf("%s: %d colours, with %s %d", line, without, flag, with)
	}
}

// sends: a viewer gets another picture from a sender with the flag.
func sends(flag string) effect {
	return func(b *bench) {
		b.Helper()
		got := func(room string, more ...string) string {
			args := []string{"acip-client", b.server, "--source", "file:still.y4m", "--loop", "--send-only", "--codec", "raw", "--name", "s", "--room", room}
			sender := start(b.T, append(args, more...)...)
			sender.Dir = b.dir
			if err := sender.Start(); err != nil {
				b.Fatal(err)
			}
			defer func() { _ = sender.Process.Kill(); _ = sender.Wait() }() // seen enough
			seen := b.run(b.server, "--view-only", "--room", room, "--peer", "s", "--output", "y4m", "--frames", "1", "--duration", "60s")
			return seen.stdout
		}
		room := strings.Trim(strings.ReplaceAll(flag, " ", "."), "-")
		if without, with := got(room), got(room+".2", strings.Fields(flag)...); with == "" || with == without {
			b.Errorf("%s changes nothing of a picture of %d bytes", flag, len(with))
		}
	}
}

// watched: the effect shows while somebody looks on, in the room "seen".
func watched(e effect) effect {
	return func(b *bench) {
		b.Helper()
		viewer := start(b.T, "acip-client", b.server, "--view-only", "--room", "seen", "--output", "rgb", "--size", "8x6", "--peer", "s")
		viewer.Stdout = io.Discard
		if err := viewer.Start(); err != nil {
			b.Fatal(err)
		}
		defer func() { _ = viewer.Process.Kill(); _ = viewer.Wait() }() // seen enough
		e(b)
	}
}

// with is one table of several, the later ones in front.
func with(tables ...map[string]effect) map[string]effect {
	all := map[string]effect{}
	for _, t := range tables {
		for name, e := range t {
			all[name] = e
		}
	}
	return all
}

// frames is how many pictures a command writes as text.
func (b *bench) frames(line string) int {
	return strings.Count(b.run(strings.Fields(line)...).stdout, "\x1b[?7l")
}

func fewerFrames(b *bench, line, flag string) {
	if without, with := b.frames(line), b.frames(line+" "+flag); with >= without {
		b.Errorf("%s: %d pictures, with %s %d", line, without, flag, with)
	}
}

func moreFrames(b *bench, line, flag string) {
	if without, with := b.frames(line), b.frames(line+" "+flag); with <= without {
		b.Errorf("%s: %d pictures, with %s %d", line, without, flag, with)
	}
}

// TestEveryFlagHasAnEffect walks all flags of all commands, so that a new one needs an entry.
func TestEveryFlagHasAnEffect(t *testing.T) {
	t.Parallel()
	b := &bench{T: t, dir: t.TempDir(), server: relay(t)}
	for name, frames := range map[string]string{"film.y4m": "3", "still.y4m": "1"} {
		made := b.run("mirror", "--source", "pattern", "--output=y4m", "--size", "64x48", "--frames", frames)
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(made.stdout), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cast := "{\"version\": 2, \"width\": 80, \"height\": 24}\n[0.1, \"o\", \"one\"]\n"
	if err := os.WriteFile(filepath.Join(b.dir, "film.cast"), []byte(cast), 0o600); err != nil {
		t.Fatal(err)
	}
	known := effects(b.server)
	seen := map[string]bool{}
	program().Walk(func(command string, o app.Option) {
		line := command + " --" + o.Name
		if seen[line] {
			t.Errorf("%s: twice", line)
		}
		seen[line] = true
		if slices.Contains([]string{"help", "version", "config"}, o.Name) && known[command] == nil {
			return // of commands about the program itself: internal/app's tests
		}
		e := known[command][o.Name]
		if e == nil {
			t.Errorf("%s: nothing shows what it does", line)
			return
		}
		t.Run(strings.ReplaceAll(line, " ", "_"), func(t *testing.T) { e(&bench{T: t, dir: b.dir, server: b.server}) })
	})
	for command, list := range known {
		for name := range list {
			if !seen[fmt.Sprint(command, " --", name)] {
				t.Errorf("%s has no flag --%s", command, name)
			}
		}
	}
}
