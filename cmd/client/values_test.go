package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"acip/cmd/internal/app"
	"acip/internal/testkit"
)

// start runs a program until the test ends; args[0] is its name.
func start(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	cmd := exec.CommandContext(ctx, testkit.ProgramPath(args[0]), args[1:]...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "USER=tester"}
	t.Cleanup(cancel)
	return cmd
}

// relay starts a server and returns its address.
func relay(t *testing.T) string {
	t.Helper()
	return relayBy(t, exec.Command)
}

// relayBy is relay, started here or elsewhere.
func relayBy(t *testing.T, start starter) string {
	t.Helper()
	cmd := start(testkit.ProgramPath("acip-server"), "--listen", "127.0.0.1:0", "--log-level", "off")
	cmd.Env = []string{"HOME=" + t.TempDir()}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // the test is over
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), " --camera 0 "); ok {
			return address
		}
	}
	t.Fatal("the server said no address")
	return ""
}

// choices are the values that a command's flags offer, as flags.
func choices(t *testing.T, name string, skip ...string) (list []string) {
	t.Helper()
	for _, c := range program().Commands {
		if c.Name != name {
			continue
		}
		for _, o := range c.Options {
			if o.Kind == app.Choice && !slices.Contains(skip, o.Name) {
				for _, v := range o.Values {
					list = append(list, "--"+o.Name+"="+v)
				}
			}
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s offers nothing", name)
	}
	return list
}

// TestEveryOfferedValueOfMirrorWorks runs each value through the program, with the pattern as its picture.
func TestEveryOfferedValueOfMirrorWorks(t *testing.T) {
	t.Parallel()
	for _, flag := range choices(t, "mirror") {
		if flag == "--output=tty" || flag == "--output=auto" {
			continue // wants a terminal; internal/screen's tests give it one
		}
		args := []string{"acip-client", "mirror", "--source", "pattern", "--size", "24x8", "--frames", "2", flag}
		if !strings.HasPrefix(flag, "--output") {
			args = append(args, "--output=ansi")
		}
		if flag == "--output=none" {
			args = append(args, "--duration", "200ms")
		}
		out, err := start(t, args...).CombinedOutput()
		if err != nil || len(out) == 0 && flag != "--output=none" {
			t.Errorf("%v: %v, %d bytes, %.300s", args[1:], err, len(out), out)
		}
	}
}

// TestEveryOfferedValueOfRenderWorks draws a picture in each way.
func TestEveryOfferedValueOfRenderWorks(t *testing.T) {
	t.Parallel()
	film := filepath.Join(t.TempDir(), "film.y4m")
	if out, err := start(t, "acip-client", "mirror", "--source", "pattern", "--output=y4m", "--size", "64x48", "--frames", "3").Output(); err != nil || os.WriteFile(film, out, 0o600) != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, flag := range choices(t, "render") {
		out, err := start(t, "acip-client", "render", "--size", "24x8", flag, film).Output()
		if err != nil || len(out) == 0 {
			t.Errorf("%s: %v, %d bytes", flag, err, len(out))
		}
		seen[flag] = string(out)
	}
	for _, other := range []string{"--glyphs=ascii", "--color=mono", "--color=256"} {
		if seen[other] == seen["--color=truecolor"] {
			t.Errorf("%s changes nothing", other)
		}
	}
}

// TestEveryOfferedCodecWorks sends pictures in each coding through a server to a viewer.
func TestEveryOfferedCodecWorks(t *testing.T) {
	t.Parallel()
	address := relay(t)
	for _, c := range program().Commands[0].Options {
		if c.Name != "codec" {
			continue
		}
		for _, codec := range c.Values {
			t.Run(codec, func(t *testing.T) {
				sender := start(t, "acip-client", address, "--source", "pattern", "--send-only", "--room", codec, "--name", "s", "--codec", codec)
				if err := sender.Start(); err != nil {
					t.Fatal(err)
				}
				viewer := start(t, "acip-client", address, "--view-only", "--room", codec, "--peer", "s", "--output", "rgb", "--size", "32x24", "--frames", "3", "--duration", "60s")
				out, err := viewer.Output()
				if err != nil || len(out) != 3*32*24*3 {
					t.Errorf("%v, %d bytes", err, len(out))
				}
				_ = sender.Process.Kill() // seen enough
				_ = sender.Wait()
			})
		}
	}
}

// TestEverySourceThatNeedsNoHardwareWorks opens the kinds of sources that the help names.
func TestEverySourceThatNeedsNoHardwareWorks(t *testing.T) {
	t.Parallel()
	film, err := start(t, "acip-client", "mirror", "--source", "pattern", "--output=y4m", "--size", "64x48", "--frames", "5").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "film.y4m")
	if err := os.WriteFile(path, film, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"pattern", "file:" + path, "-"} {
		cmd := start(t, "acip-client", "mirror", "--source", source, "--output=rgb", "--size", "8x6", "--frames", "2", "--duration", "30s")
		cmd.Stdin = bytes.NewReader(film)
		if out, err := cmd.Output(); err != nil || len(out) != 2*8*6*3 {
			t.Errorf("%s: %v, %d bytes", source, err, len(out))
		}
	}
}

// TestTheTableIsSound holds what the help, the parser and the manual rely on.
func TestTheTableIsSound(t *testing.T) {
	for _, c := range program().Commands {
		for _, o := range c.Options {
			if o.Usage == "" || o.Category == "" || strings.HasSuffix(o.Usage, ".") {
				t.Errorf("%s --%s: usage %q, category %q", c.Name, o.Name, o.Usage, o.Category)
			}
			for _, other := range o.Against {
				if !slices.ContainsFunc(c.Options, func(p app.Option) bool { return p.Name == other }) {
					t.Errorf("%s --%s: excludes --%s, which is not there", c.Name, o.Name, other)
				}
			}
		}
	}
	if fmt.Sprint(program().Main) != program().Commands[0].Name {
		t.Error("the main command is not the first")
	}
}
