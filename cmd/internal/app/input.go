package app

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"acip/internal/textfile"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"
)

// System is what a program has around it.
type System struct {
	Args   []string // without the program's name
	Stdin  *os.File
	Stdout *os.File
	Stderr io.Writer
	Getenv func(string) string
}

// Input is what a command is given.
type Input struct {
	System
	Program *Program
	Command *Command
	Args    []string // positional

	values *cli.Context
	set    settings
	logs   *logs
}

// Text is the value of an option of kind Text, Path or Choice.
func (in *Input) Text(name string) string { return in.values.String(name) }

// Bool is the value of an option of kind Bool.
func (in *Input) Bool(name string) bool { return in.values.Bool(name) }

// Int is the value of an option of kind Int.
func (in *Input) Int(name string) int { return in.values.Int(name) }

// Float is the value of an option of kind Float.
func (in *Input) Float(name string) float64 { return in.values.Float64(name) }

// Duration is the value of an option of kind Duration.
func (in *Input) Duration(name string) time.Duration { return in.values.Duration(name) }

// Size is the value of an option of kind Size; zeros where it was not given.
func (in *Input) Size(name string) (w, h int) {
	w, h, _ = parseSize(in.values.String(name)) // checked when it was read; else not given
	return w, h
}

// List is the value of an option of kind List.
func (in *Input) List(name string) []string { return Items(in.values.String(name)) }

// Items are the parts of a list's value, without empty ones.
func Items(value string) (list []string) {
	for _, item := range strings.Split(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// Given reports whether an option was chosen by the person, in whichever place.
func (in *Input) Given(name string) bool {
	_, ok := in.set[name]
	return ok
}

// Typed reports whether an option stood on the command line.
func (in *Input) Typed(name string) bool { return in.set[name].from == fromFlag }

// Nearer compares where two options came from: above zero if a came from nearer to the person than b, a flag being
// nearer than a variable and that nearer than the file.
func (in *Input) Nearer(a, b string) int { return int(in.set[a].from) - int(in.set[b].from) }

// Where is how the person chose an option, for a sentence: --fps, ACIP_FPS, or the file's key.
func (in *Input) Where(name string) string {
	if s, ok := in.set[name]; ok {
		return s.where
	}
	return "--" + name
}

// Secret is the value of a Text option that may stand in a file instead: the first line of what NAME-file names.
func (in *Input) Secret(name string) (string, error) {
	path := in.Text(name + "-file")
	if path == "" {
		return in.Text(name), nil
	}
	b, err := textfile.Read(path)
	if err != nil {
		return "", Usage(in.Where(name+"-file")+": "+err.Error(), "check the path and the permissions: ls -l "+path)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return "", Usage(in.Where(name+"-file")+": "+path+" begins with an empty line", "put the "+name+" into its first line")
	}
	return line, nil
}

// Log is where the program logs to. With screen, standard error is not for logs: they go to a file under the state
// directory, if they were asked for or when there is an error to tell.
func (in *Input) Log(screen bool) (zerolog.Logger, error) { return in.logs.open(in, screen) }

// StateDir is the folder of the files that nobody asked for by name, such as logs; empty where there is no home.
func (in *Input) StateDir() string {
	dir := in.Getenv("XDG_STATE_HOME")
	switch home := in.Getenv("HOME"); {
	case filepath.IsAbs(dir):
	case runtime.GOOS == "windows":
		dir = in.Getenv("LocalAppData")
	case home != "":
		dir = filepath.Join(home, ".local", "state")
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "acip")
}
