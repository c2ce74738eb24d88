package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"acip/internal/textfile"

	"gopkg.in/yaml.v3"
)

// maxFile is the most that a configuration file may hold.
const maxFile = 1 << 20

// file is a configuration file; nil is an empty one.
type file struct {
	path    string
	entries map[string]entry
}

// entry is one key's value.
type entry struct {
	key, value string
	line       int
}

func (f *file) entry(key string) (entry, bool) {
	if f == nil {
		return entry{}, false
	}
	e, ok := f.entries[key]
	return e, ok
}

// place names an entry for a sentence.
func (f *file) place(e entry) string { return fmt.Sprintf("%s:%d: %s", f.path, e.line, e.key) }

// defaultFile is where a program's configuration is looked for: client.yaml or server.yaml in acip's directory. It is ""
// where there is no home.
func (p *Program) defaultFile(getenv func(string) string) string {
	dir := configDir(getenv)
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "acip", strings.TrimPrefix(p.Name, "acip-")+".yaml")
}

// configDir is os.UserConfigDir, asked of an environment that can be another one in tests.
func configDir(getenv func(string) string) string {
	switch home := getenv("HOME"); runtime.GOOS {
	case "windows":
		return getenv("AppData")
	case "darwin", "ios":
		if home != "" {
			return filepath.Join(home, "Library", "Application Support")
		}
	default:
		if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
			return dir
		}
		if home != "" {
			return filepath.Join(home, ".config")
		}
	}
	return ""
}

// load reads the file that was named, or the default one if it is there.
func (p *Program) load(named string, getenv func(string) string) (*file, error) {
	path := named
	if path == "" {
		path = p.defaultFile(getenv)
	}
	if path == "" {
		return nil, nil
	}
	text, err := readFile(path)
	if named == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, p.unreadable(path, err)
	}
	return p.parse(path, text)
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("is a directory")
	}
	if info.Size() > maxFile {
		return nil, errors.New("is too large for a configuration")
	}
	return textfile.Read(path)
}

func (p *Program) unreadable(path string, err error) error {
	e := &Error{Msg: fmt.Sprintf("configuration %s: %s", path, cause(err)), Exit: ExitUsage, Err: err}
	if errors.Is(err, fs.ErrNotExist) {
		return e.hint("%s config init --config %s writes one", p.Name, path)
	}
	return e.hint("%s config path says which file is read", p.Name)
}

// cause is what the system said, without the path that the sentence already has.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// parse reads a configuration and refuses keys that no command knows.
func (p *Program) parse(path string, text []byte) (*file, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, &Error{Msg: fmt.Sprintf("configuration %s: %s", path, clean(err.Error())), Remedy: "a line is KEY: VALUE; " + p.Name + " config init writes an example", Exit: ExitUsage}
	}
	f := &file{path: path, entries: map[string]entry{}}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return f, nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, usagef("configuration %s:%d: not a list of KEY: VALUE", path, top.Line).hint("%s config init writes an example", p.Name)
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		if err := p.addEntry(f, top.Content[i], top.Content[i+1]); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (p *Program) addEntry(f *file, key, value *yaml.Node) error {
	e := entry{key: key.Value, line: key.Line}
	o := p.key(e.key)
	if o == nil {
		return p.unknownKey(f, e)
	}
	if _, twice := f.entries[e.key]; twice {
		return usagef("%s: stands there twice", f.place(e)).hint("remove one of the two")
	}
	text, ok := scalar(value, o.Kind)
	if !ok {
		return usagef("%s: the value must be a single word", f.place(e)).hint("%s: %s", e.key, o.holder())
	}
	if text == "" {
		return nil // a key without a value asks for the default
	}
	e.value = text
	f.entries[e.key] = e
	return nil
}

// scalar is a value as it would be typed; only lists may be YAML's lists.
func scalar(n *yaml.Node, kind Kind) (string, bool) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode {
		if n.Tag == "!!null" {
			return "", true
		}
		return n.Value, true
	}
	if n.Kind != yaml.SequenceNode || kind != List {
		return "", false
	}
	var all []string
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode {
			return "", false
		}
		all = append(all, item.Value)
	}
	return strings.Join(all, ","), true
}

// key finds an option that a configuration file can set.
func (p *Program) key(name string) *Option {
	for _, o := range p.options() {
		if o.Name == name && o.Name != "config" {
			return &o
		}
	}
	return nil
}

func (p *Program) unknownKey(f *file, e entry) error {
	err := usagef("configuration %s:%d: unknown key %q", f.path, e.line, e.key)
	var keys []string
	for _, o := range p.options() {
		keys = append(keys, o.Name)
	}
	if near := nearest(strings.ReplaceAll(e.key, "_", "-"), keys); near != "" {
		return err.hint("did you mean %s?", near)
	}
	return err.hint("keys are the flags' names without dashes in front; %s --help lists them", p.Name)
}

// check holds every value of a file against its option.
func (p *Program) checkFile(f *file) error {
	for _, o := range p.options() {
		if e, ok := f.entry(o.Name); ok {
			if _, err := o.value(f.place(e), e.value); err != nil {
				return err
			}
		}
	}
	return nil
}
