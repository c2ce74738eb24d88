package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// refused is an error of a room below, known by its methods only.
type refused struct{}

func (refused) Error() string { return "no slot is free" }
func (refused) Hint() string  { return "come back" }
func (refused) ExitCode() int { return ExitRefused }

// sample is a program with one option of each kind.
func sample(run func(ctx context.Context, in *Input) error) Program {
	return Program{
		Name: "prog", Summary: "a sample", Main: "go", About: []string{"It does nothing."},
		Examples: []Example{{"prog here", "do nothing here"}},
		Commands: []Command{
			{
				Name: "go", Summary: "do nothing", Args: "[PLACE]", Most: 1, Run: run,
				Options: []Option{
					{Name: "room", Kind: Text, Default: "lobby", Category: "A", Usage: "where"},
					{Name: "fast", Kind: Bool, Category: "A", Usage: "quickly", Against: []string{"slow"}},
					{Name: "slow", Kind: Bool, Category: "A", Usage: "slowly"},
					{Name: "count", Kind: Int, Min: 1, Max: 9, Default: "3", Category: "B", Usage: "how many"},
					{Name: "fps", Kind: Float, Above: true, Max: 240, Default: "30", Category: "B", Usage: "how often"},
					{Name: "after", Kind: Duration, Default: "2s", Category: "B", Usage: "when"},
					{Name: "size", Kind: Size, Category: "B", Usage: "how large"},
					{Name: "codec", Kind: Choice, Values: []string{"auto", "jpeg"}, Missing: map[string]string{"vp8": "install libvpx-dev"}, Default: "auto", Category: "B", Usage: "how"},
					{Name: "with", Kind: List, Category: "B", Usage: "what"},
					{Name: "token", Kind: Text, Secret: true, Category: "A", Usage: "who may"},
					{Name: "from", Kind: Text, Words: []string{"file:", "camera"}, Category: "B", Usage: "camera is the usual one", Check: func(s string) error {
						if s != "camera" {
							return &Error{Msg: "no such place", Remedy: "places are file: and camera"}
						}
						return nil
					}},
					{Name: "odd", Kind: Text, Category: "B", Usage: "odd", Check: func(s string) error {
						if s == "even" {
							return errors.New("even is not odd")
						}
						return nil
					}},
				},
			},
			{Name: "show", Summary: "show it", Args: "FILE", Least: 1, Most: 1, Run: run, Options: []Option{{Name: "wide", Kind: Bool, Category: "A", Usage: "wide"}}},
		},
	}
}

// outcome is what a run left behind.
type outcome struct {
	code        int
	out, errors string
}

func call(t *testing.T, env map[string]string, run func(ctx context.Context, in *Input) error, args ...string) outcome {
	t.Helper()
	return callProgram(t, sample(run), env, args...)
}

func callProgram(t *testing.T, p Program, env map[string]string, args ...string) outcome {
	t.Helper()
	stdout, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer stdout.Close()
	var stderr bytes.Buffer
	code := Run(t.Context(), p, System{Args: args, Stdin: os.Stdin, Stdout: stdout, Stderr: &stderr, Getenv: func(k string) string { return env[k] }})
	text, err := os.ReadFile(stdout.Name())
	if err != nil {
		t.Fatal(err)
	}
	return outcome{code, string(text), stderr.String()}
}

// values prints everything that a run was told.
func values(_ context.Context, in *Input) error {
	w, h := in.Size("size")
	_, err := fmt.Fprintf(in.Stdout, "%s fast=%v slow=%v %d %g %s %dx%d %s %q %q", in.Text("room"), in.Bool("fast"), in.Bool("slow"), in.Int("count"), in.Float("fps"),
		in.Duration("after"), w, h, in.Text("codec"), in.List("with"), in.Args)
	return err
}

func TestFlagsStandAnywhere(t *testing.T) {
	const want = `den fast=true slow=false 5 12.5 1m0s 80x24 jpeg ["a" "b"] ["here"]`
	flags := []string{"--room=den", "--fast", "--count", "5", "-fps", "12.5", "--after", "1m", "--size", "80X24", "--codec=jpeg", "--with", "a", "--with", "b"}
	lines := [][]string{
		append([]string{"here"}, flags...),
		append(append([]string{}, flags...), "here"),
		append(append([]string{"go"}, flags...), "here"),
		append(append([]string{}, flags...), "go", "here"),
		append(append([]string{"go", "here"}, flags...), "--slow=false"),
		append(append([]string{}, flags...), "--", "here"),
	}
	for _, l := range lines {
		if got := call(t, nil, values, l...); got.code != 0 || got.out != want {
			t.Errorf("%v:\n got %+v\nwant %s", l, got, want)
		}
	}
}

func TestAfterTwoDashesEverythingIsAnArgument(t *testing.T) {
	if got := call(t, nil, values, "--", "--fast"); !strings.HasSuffix(got.out, `fast=false slow=false 3 30 2s 0x0 auto [] ["--fast"]`) {
		t.Errorf("%+v", got)
	}
	if got := call(t, nil, values, "-"); !strings.HasSuffix(got.out, `["-"]`) {
		t.Errorf("%+v", got)
	}
	if got := call(t, nil, values, "--room", "-"); !strings.HasPrefix(got.out, `- `) {
		t.Errorf("%+v", got)
	}
}

func TestAFlagWinsOverAVariableOverTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("room: file\ncount: 4\nfast: yes\nwith: [x, y]\nwide: true\nafter:\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"ACIP_ROOM": "variable", "ACIP_COUNT": "6", "ACIP_FPS": ""}
	for _, c := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{nil, nil, `lobby fast=false slow=false 3 30 2s 0x0 auto [] []`},
		{[]string{"--config", file}, nil, `file fast=true slow=false 4 30 2s 0x0 auto ["x" "y"] []`},
		{[]string{"--config", file}, env, `variable fast=true slow=false 6 30 2s 0x0 auto ["x" "y"] []`},
		{[]string{"--config", file, "--room", "flag"}, env, `flag fast=true slow=false 6 30 2s 0x0 auto ["x" "y"] []`},
		{[]string{"--config", file, "--slow"}, nil, `file fast=false slow=true 4 30 2s 0x0 auto ["x" "y"] []`}, // the nearer of two that exclude each other
		{[]string{"--config", file, "--fast=no"}, nil, `file fast=false slow=false 4 30 2s 0x0 auto ["x" "y"] []`},
		{nil, map[string]string{"ACIP_CONFIG": file}, `file fast=true slow=false 4 30 2s 0x0 auto ["x" "y"] []`},
	} {
		if got := call(t, c.env, values, c.args...); got.code != 0 || got.out != c.want {
			t.Errorf("%v %v:\n got %+v\nwant %s", c.args, c.env, got, c.want)
		}
	}
}

func TestTheUsualFileIsReadIfItIsThere(t *testing.T) {
	home := t.TempDir()
	env := map[string]string{"XDG_CONFIG_HOME": home, "HOME": home, "AppData": home}
	path := strings.TrimSpace(call(t, env, values, "config", "path").out)
	if got := call(t, env, values); got.code != 0 || !strings.HasPrefix(got.out, "lobby") {
		t.Fatalf("without a file: %+v", got)
	}
	if got := call(t, env, values, "config", "init"); got.code != 0 || strings.TrimSpace(got.out) != path {
		t.Fatalf("config init: %+v, want %s", got, path)
	}
	if got := call(t, env, values, "config", "init"); got.code != ExitFailed || !strings.Contains(got.errors, "already exists") {
		t.Errorf("config init, again: %+v", got)
	}
	if got := call(t, env, values, "config", "check"); got.code != 0 || !strings.Contains(got.out, "OK, 0 settings") {
		t.Errorf("config check: %+v", got)
	}
	if err := os.WriteFile(path, []byte("room: home\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := call(t, env, values); got.code != 0 || !strings.HasPrefix(got.out, "home") {
		t.Errorf("with a file: %+v", got)
	}
	if got := call(t, nil, values, "config", "path"); got.code != ExitFailed || !strings.Contains(got.errors, "HOME is not set") {
		t.Errorf("no home: %+v", got)
	}
}

func TestASampleFileNamesEveryKeyAndIsValid(t *testing.T) {
	p := sample(values).complete()
	text := p.sample()
	var uncommented []string
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") {
			uncommented = append(uncommented, line[1:])
		}
	}
	f, err := p.parse("sample", []byte(strings.Join(uncommented, "\n")))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	for _, o := range p.options() {
		if _, ok := f.entry(o.Name); !ok && o.Name != "config" {
			t.Errorf("%s is missing", o.Name)
		}
	}
}

func TestWrongUsageIsASentenceAndAHint(t *testing.T) {
	for _, c := range []struct {
		line, sentence, hint string
	}{
		{"--rom x", "there is no flag --rom", "did you mean --room? prog --help lists all flags"},
		{"--zzz", "there is no flag --zzz", "prog --help lists all flags"},
		{"-x", "there is no flag -x", "prog --help lists all flags"},
		{"--wide", "--wide is no flag of prog", "it belongs to show; prog go --help lists what this one takes"},
		{"--room", "--room needs a value", "prog --room TEXT"},
		{"--room --fast", "--room needs a value", "prog --room TEXT"},
		{"--count many", `--count: "many" is not a whole number`, "prog --help lists what it takes"},
		{"--count 0", "--count: must be at least 1", "0 was given"},
		{"--count 10", "--count: 10 is too large", "it must be at most 9"},
		{"--count 1.5", `--count: "1.5" is not a whole number`, "prog --help lists what it takes"},
		{"--fps 0", "--fps: must be more than 0", "0 was given"},
		{"--fps NaN", `--fps: "NaN" is not a number`, "prog --help lists what it takes"},
		{"--fps 1e9", "--fps: 1e9 is too large", "it must be at most 240"},
		{"--after 5", `--after: "5" is not a duration`, "add a unit: 5s for seconds, 5m for minutes"},
		{"--after soon", `--after: "soon" is not a duration`, "write it with a unit, like 500ms, 10s or 1m30s"},
		{"--size 80", `--size: "80" is not a size`, "write width, x, height, each from 1 to 4096: --size=160x90"},
		{"--size 0x5", `--size: "0x5" is not a size`, "write width, x, height, each from 1 to 4096: --size=160x90"},
		{"--size 5000x5", `--size: "5000x5" is not a size`, "write width, x, height, each from 1 to 4096: --size=160x90"},
		{"--codec jpg", `--codec: "jpg" is not one of auto, jpeg`, "did you mean jpeg?"},
		{"--codec vp8", "--codec: vp8 is not in this build", "install libvpx-dev"},
		{"--codec opus", `--codec: "opus" is not one of auto, jpeg`, "prog --help lists what it takes"},
		{"--fast=perhaps", `--fast: "perhaps" is neither true nor false`, "prog --help lists what it takes"},
		{"--fast --slow", "--fast and --slow exclude each other", "leave one of them out"},
		{"--odd even", "--odd: even is not odd", "prog --help lists what it takes"},
		{"shw there", `there is no command "shw"`, "did you mean prog show?"},
		{"--from fiel:x", "--from: no such place", "did you mean file:x? places are file: and camera"},
		{"--from camra", "--from: no such place", "did you mean camera? places are file: and camera"},
		{"--from zzz", "--from: no such place", "places are file: and camera"},
		{"here there", `too many arguments: "there"`, "prog go takes [PLACE]; prog go --help"},
		{"show", "prog show needs FILE", "prog show --help"},
		{"show a b", `too many arguments: "b"`, "prog show takes FILE; prog show --help"},
		{"show a --room x", "--room is no flag of prog show", "it belongs to go; prog show --help lists what this one takes"},
		{"config", "prog config needs one of: path, init, check", "prog config path"},
		{"help entirely", `there is no command "entirely"`, "prog --help lists them"},
		{"config pth", `prog config has no command "pth"`, "did you mean prog config path?"},
		{"completion fishh", "there are no completions for fishh", "did you mean fish?"},
		{"completion", "prog completion needs bash|zsh|fish", "prog completion --help"},
		{"--log-level loud", `--log-level: "loud" is not one of trace, debug, info, warn, error, off`, "prog --help lists what it takes"},
		{"--config /nowhere/c.yaml", "configuration /nowhere/c.yaml: no such file or directory", "prog config init --config /nowhere/c.yaml writes one"},
	} {
		got := call(t, nil, values, strings.Fields(c.line)...)
		want := "prog: error: " + c.sentence + "\n"
		if c.hint != "" {
			want += "prog: hint: " + c.hint + "\n"
		}
		if got.code != ExitUsage || got.errors != want || got.out != "" {
			t.Errorf("%s:\n got %d %q %q\nwant %q", c.line, got.code, got.errors, got.out, want)
		}
	}
}

func TestABadFileIsASentenceWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"rooom: x":             `c.yaml:1: unknown key "rooom"` + "\nprog: hint: did you mean room?\n",
		"\nlog_level: debug":   `c.yaml:2: unknown key "log_level"` + "\nprog: hint: did you mean log-level?\n",
		"help: true":           `unknown key "help"`,
		"config: x":            `unknown key "config"`,
		"count: many":          `c.yaml:1: count: "many" is not a whole number`,
		"count: [1]":           "c.yaml:1: count: the value must be a single word",
		"room: a\nroom: b":     "c.yaml:2: room: stands there twice",
		"- a":                  "c.yaml:1: not a list of KEY: VALUE",
		"room: {a: b}":         "c.yaml:1: room: the value must be a single word",
		"room: [":              "yaml: ",
		"fast: yes\nslow: yes": "c.yaml:1: fast and ",
		"\x00":                 "yaml: ",
	} {
		file := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := call(t, nil, values, "--config", file); got.code != ExitUsage || !strings.Contains(got.errors, want) {
			t.Errorf("%q:\n got %d %q\nwant %q", text, got.code, got.errors, want)
		}
	}
}

func TestAVariableIsNamedInTheSentence(t *testing.T) {
	got := call(t, map[string]string{"ACIP_COUNT": "x"}, values)
	if got.code != ExitUsage || !strings.HasPrefix(got.errors, "prog: error: ACIP_COUNT: \"x\" is not a whole number\n") {
		t.Errorf("%+v", got)
	}
}

func TestErrorsBecomeExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		text string
	}{
		{nil, 0, ""},
		{errors.New("it broke"), 1, "prog: error: it broke\n"},
		{fmt.Errorf("join: %w", refused{}), 3, "prog: error: join: no slot is free\nprog: hint: come back\n"},
		{&Error{Msg: "no", Remedy: "yes", Exit: ExitUsage}, 2, "prog: error: no\nprog: hint: yes\n"},
		{fmt.Errorf("write: %w", syscall.EPIPE), 0, ""},
		{io.ErrClosedPipe, 0, ""},
		{context.Canceled, 0, ""},
		{errors.New("two\nlines \x1b[2J\u202e"), 1, "prog: error: two lines [2J\n"},
	} {
		got := call(t, nil, func(context.Context, *Input) error { return c.err })
		if got.code != c.code || got.errors != c.text {
			t.Errorf("%v: %+v", c.err, got)
		}
	}
}

func TestARoomsOwnExplanation(t *testing.T) {
	p := sample(func(context.Context, *Input) error { return errors.New("4002") })
	p.Explain = func(error) (string, string, int) { return "full", "wait", ExitRefused }
	if got := callProgram(t, p, nil); got.code != ExitRefused || got.errors != "prog: error: full\nprog: hint: wait\n" {
		t.Errorf("%+v", got)
	}
	if got := callProgram(t, p, nil, "--zzz"); got.code != ExitUsage {
		t.Errorf("an error of the command line was given away: %+v", got)
	}
}

func TestHelpListsWhatIsTakenAndNothingElse(t *testing.T) {
	p := sample(values).complete()
	each(p.Commands, "", func(name string, c *Command) {
		got := call(t, nil, values, append(strings.Fields(name), "--help")...)
		if got.code != 0 || got.errors != "" {
			t.Errorf("%s --help: %+v", name, got)
		}
		for _, o := range c.Options {
			if strings.Contains(got.out, "--"+o.Name) == o.Hidden {
				t.Errorf("%s: --%s is hidden %v and the help says:\n%s", name, o.Name, o.Hidden, got.out)
			}
		}
		for _, line := range strings.Split(got.out, "\n") {
			flag, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "-h, "), " ")
			if strings.HasPrefix(flag, "--") && c.option(flag[2:]) == nil {
				t.Errorf("%s: the help lists %s, which is not taken", name, flag)
			}
			if len([]rune(line)) > helpWidth+1 {
				t.Errorf("%s: a line of %d: %s", name, len([]rune(line)), line)
			}
		}
	})
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"--rom", "--help"}, {"help", "go"}} {
		if got := call(t, nil, values, args...); got.code != 0 || !strings.Contains(got.out, "Usage: prog [FLAGS] [PLACE]") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := call(t, nil, values, "help", "shw"); got.code != ExitUsage || !strings.Contains(got.errors, "did you mean prog help show?") {
		t.Errorf("help shw: %+v", got)
	}
}

func TestManualAndCompletionsNameEveryFlag(t *testing.T) {
	p := sample(values).complete()
	texts := map[string]string{"man": strings.ReplaceAll(call(t, nil, values, "man").out, `\-`, "-")}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		texts[shell] = call(t, nil, values, "completion", shell).out
	}
	for kind, text := range texts {
		for _, o := range p.options() {
			if !strings.Contains(text, "-"+o.Name) && !strings.Contains(text, "-l "+o.Name) {
				t.Errorf("%s does not name %s", kind, o.Name)
			}
		}
	}
	for _, typed := range []string{"\\&camera is the usual one.\n", "\\&auto: console on a terminal", "\n.SH prog show\n", "\\&Lowest level to log"} {
		if !strings.Contains(strings.ReplaceAll(texts["man"], `\-`, "-"), typed) {
			t.Errorf("the manual has no %q", typed)
		}
	}
	if strings.Contains(texts["man"], "\n.with") || !strings.HasPrefix(texts["man"], ".TH PROG 1") {
		t.Errorf("manual:\n%s", texts["man"])
	}
}

func TestVersionSaysWhatIsBuiltIn(t *testing.T) {
	p := sample(values)
	p.Built = func() []string { return []string{"codecs: jpeg"} }
	for _, args := range [][]string{{"--version"}, {"show", "--version"}, {"--version", "--zzz"}, {"version"}} {
		got := callProgram(t, p, nil, args...)
		if got.code != 0 || !strings.HasPrefix(got.out, "prog ") || !strings.Contains(got.out, "codecs: jpeg\n") || !strings.Contains(got.out, "built with go") {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

func TestEveryDefaultIsAValue(t *testing.T) {
	p := sample(values).complete()
	for _, o := range p.options() {
		if o.Default == "" {
			continue
		}
		if _, err := o.value(o.Name, o.Default); err != nil {
			t.Error(err)
		}
	}
}

func TestOneNameIsOfOneKind(t *testing.T) {
	p := sample(values).complete()
	kinds := map[string]Kind{}
	each(p.Commands, "", func(name string, c *Command) {
		for _, o := range c.Options {
			if k, ok := kinds[o.Name]; ok && k != o.Kind {
				t.Errorf("%s: --%s is of two kinds", name, o.Name)
			}
			kinds[o.Name] = o.Kind
		}
	})
}

func TestNearest(t *testing.T) {
	list := []string{"camera", "capture-size", "codec", "color", "source", "fps"}
	for word, want := range map[string]string{"camra": "camera", "cmaera": "camera", "colour": "color", "capture": "capture-size", "sorce": "source", "fsp": "fps", "x": "", "entirely": ""} {
		if got := nearest(word, list); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestAProgramWithGraceEndsThoughItIsStuck(t *testing.T) {
	free := make(chan struct{})
	defer close(free)
	p := sample(func(context.Context, *Input) error {
		<-free
		return nil
	})
	p.Grace = true
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	begin := time.Now()
	code := Run(ctx, p, System{Stdout: os.Stdout, Stderr: io.Discard, Getenv: func(string) string { return "" }})
	if code != ExitDone || time.Since(begin) > 30*time.Second {
		t.Errorf("exit %d after %v", code, time.Since(begin))
	}
}

// A file that can hold a token is its owner's alone, and one that others can read is pointed out.
func TestTokensInTheConfigurationArePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	if got := call(t, nil, values, "config", "init", "--config", path); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for _, c := range []struct {
		text  string
		mode  os.FileMode
		warns bool
	}{{"token: x\n", 0o644, true}, {"token: x\n", 0o640, true}, {"token: x\n", 0o600, false}, {"room: x\n", 0o644, false}, {"token:\n", 0o644, false}} {
		if err := errors.Join(os.WriteFile(path, []byte(c.text), 0o600), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		got := call(t, nil, values, "config", "check", path)
		if warned := strings.Contains(got.errors, "chmod 600 "+path); got.code != 0 || warned != c.warns || !strings.Contains(got.out, ": OK, ") {
			t.Errorf("%q of mode %v: %+v", c.text, c.mode, got)
		}
	}
}
