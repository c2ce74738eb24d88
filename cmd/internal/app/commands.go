package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func helpRun(_ context.Context, in *Input) error {
	l, err := in.Program.sortLine(in.Args)
	if err != nil {
		return err
	}
	if len(l.args) > 0 {
		return in.Program.noCommand(l.args[0])
	}
	return in.Program.writeHelp(in.Stdout, l)
}

// configCommand is about the configuration file.
func configCommand() Command {
	path := Option{Name: "config", Kind: Path, Placeholder: "PATH", Category: "Program", Usage: "configuration file, instead of the default one"}
	return Command{
		Name: "config", Summary: "find, write or check the configuration file", Bare: true,
		Commands: []Command{
			{Name: "path", Summary: "print the path of the file that is read", Bare: true, Options: []Option{path}, Run: configPath},
			{Name: "init", Summary: "write a file that lists every key, commented out", Bare: true, Options: []Option{path}, Run: configInit},
			{Name: "check", Summary: "check the file for mistakes", Bare: true, Args: "[PATH]", Most: 1, Options: []Option{path}, Run: configCheck},
		},
	}
}

// configFile is the file that a config command is about.
func configFile(in *Input) (string, error) {
	path := in.Text("config")
	if len(in.Args) > 0 {
		path = in.Args[0]
	}
	if path == "" {
		path = in.Program.defaultFile(in.Getenv)
	}
	if path == "" {
		return "", (&Error{Msg: "there is no place for a configuration file: HOME is not set"}).hint("name one: --config PATH")
	}
	return path, nil
}

func configPath(_ context.Context, in *Input) error {
	path, err := configFile(in)
	if err == nil {
		_, err = fmt.Fprintln(in.Stdout, path)
	}
	return err
}

func configInit(_ context.Context, in *Input) error {
	path, err := configFile(in)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return (&Error{Msg: fmt.Sprintf("configuration %s: %s", path, cause(err)), Err: err}).hint("name another place: --config PATH")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // it may come to hold a token
	if errors.Is(err, fs.ErrExist) {
		return (&Error{Msg: fmt.Sprintf("configuration %s: already exists", path), Err: err}).hint("%s config check reads it; nothing was changed", in.Program.Name)
	}
	if err == nil {
		_, err = io.WriteString(f, in.Program.sample())
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return (&Error{Msg: fmt.Sprintf("configuration %s: %s", path, cause(err)), Err: err}).hint("name another place: --config PATH")
	}
	_, err = fmt.Fprintf(in.Stdout, "%s\n", path)
	return err
}

// sample is a configuration file that changes nothing.
func (p *Program) sample() string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "# Configuration of %s. A key is a flag's name without dashes; flags and ACIP_... variables win over this file.\n", p.Name)
	for _, o := range p.options() {
		if o.Name == "config" || o.Hidden {
			continue
		}
		b.WriteString("\n")
		wrap(b, o.explanation(), "# ", helpWidth)
		value := o.Default
		if value == "" {
			value = o.holder()
		}
		if o.Kind == Bool {
			value = "true"
		}
		fmt.Fprintf(b, "#%s: %s\n", o.Name, yamlWord(value))
	}
	return b.String()
}

// yamlWord is a value as YAML takes it for a word.
func yamlWord(s string) string {
	if strings.ContainsAny(s, ":#{}[]&*!|>'\"%@`, ") || s == "-" {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return s
}

func configCheck(_ context.Context, in *Input) error {
	path, err := configFile(in)
	if err != nil {
		return err
	}
	f, err := in.Program.load(path, in.Getenv)
	if err != nil {
		return err
	}
	if err := in.Program.checkFile(f); err != nil {
		return err
	}
	if warning := in.Program.exposed(f); warning != "" {
		fmt.Fprintf(in.Stderr, "%s: warning: %s\n", in.Program.Name, warning)
	}
	_, err = fmt.Fprintf(in.Stdout, "%s: OK, %s\n", path, plural(len(f.entries), "setting"))
	return err
}

// exposed says which secrets of a file others on this machine can read; empty where there are none.
func (p *Program) exposed(f *file) string {
	info, err := os.Stat(f.path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return ""
	}
	for _, o := range p.options() {
		if _, ok := f.entry(o.Name); ok && o.Secret {
			return fmt.Sprintf("others on this machine can read the %s in %s: chmod 600 %s", o.Name, f.path, f.path)
		}
	}
	return ""
}

// plural is a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
