package app

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// logging is a run that says one line at each level.
func logging(screen bool) func(ctx context.Context, in *Input) error {
	return func(_ context.Context, in *Input) error {
		log, err := in.Log(screen)
		if err != nil {
			return err
		}
		log.Debug().Int("n", 1).Msg("debugging")
		log.Info().Msg("informing")
		return nil
	}
}

func TestTheLevelAskedForIsTheLevelWritten(t *testing.T) {
	for level, want := range map[string][]string{"": {"informing"}, "debug": {"debugging", "informing"}, "warn": nil, "off": nil} {
		env := map[string]string{"ACIP_LOG_LEVEL": level}
		got := call(t, env, logging(false))
		var lines []string
		for _, l := range strings.Split(strings.TrimSpace(got.errors), "\n") {
			var line struct{ Message, Time, Level string }
			if l == "" {
				continue
			}
			if err := json.Unmarshal([]byte(l), &line); err != nil || line.Time == "" || line.Level == "" {
				t.Errorf("%s: %v", l, err)
			}
			if line.Message != "started" { // each command's own, at debug
				lines = append(lines, line.Message)
			}
		}
		if strings.Join(lines, " ") != strings.Join(want, " ") || got.code != 0 {
			t.Errorf("%s: %v, want %v", level, lines, want)
		}
	}
}

func TestConsoleLogs(t *testing.T) {
	got := call(t, nil, logging(false), "--log-format", "console")
	if !strings.Contains(got.errors, "INF informing") || strings.Contains(got.errors, "{") {
		t.Errorf("%+v", got)
	}
}

func TestALogFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "log")
	got := call(t, nil, logging(true), "--log-file", path)
	text, err := os.ReadFile(path)
	if err != nil || got.errors != "" || !strings.Contains(string(text), "informing") {
		t.Errorf("%+v %v %q", got, err, text)
	}
}

func TestLogsNeverTouchThePicture(t *testing.T) {
	home := t.TempDir()
	env := map[string]string{"XDG_STATE_HOME": home, "HOME": home, "LocalAppData": home}
	path := filepath.Join(home, "acip", "prog.log")
	if got := call(t, env, logging(true)); got.errors != "" || got.code != 0 {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a log was kept that nobody asked for")
	}
	got := call(t, env, logging(true), "--log-level", "debug")
	if text, err := os.ReadFile(path); err != nil || got.errors != "" || !strings.Contains(string(text), "debugging") {
		t.Errorf("asked for: %+v %v %q", got, err, text)
	}
}

func TestAnErrorIsKeptThoughNobodyAskedForALog(t *testing.T) {
	home := t.TempDir()
	env := map[string]string{"XDG_STATE_HOME": home, "LocalAppData": home}
	got := call(t, env, func(_ context.Context, in *Input) error {
		log, err := in.Log(true)
		log.Info().Msg("before")
		log.Error().Msg("broken")
		return err
	})
	text, err := os.ReadFile(filepath.Join(home, "acip", "prog.log"))
	if err != nil || got.code != 0 || !strings.Contains(string(text), "broken") || strings.Contains(string(text), "before") {
		t.Errorf("%+v %v %q", got, err, text)
	}
	if got := call(t, nil, logging(true)); got.code != 0 || got.errors != "" {
		t.Errorf("without a home: %+v", got)
	}
}

func TestALogThatCannotBeWrittenEndsClearly(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /dev/full")
	}
	for path, want := range map[string]string{"/dev/full": "no space left on device", "/proc/nowhere/log": "no such file or directory", t.TempDir(): "is a directory"} {
		got := call(t, nil, func(ctx context.Context, in *Input) error {
			if err := logging(false)(ctx, in); err != nil {
				return err
			}
			<-ctx.Done() // the log ends the program
			return nil
		}, "--log-file", path)
		if got.code != ExitFailed || !strings.HasPrefix(got.errors, "prog: error: log file "+path+": "+want) || !strings.Contains(got.errors, "prog: hint: ") {
			t.Errorf("%s: %+v", path, got)
		}
	}
}
