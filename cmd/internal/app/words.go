package app

import (
	"slices"
	"strings"
)

// line is a command line, sorted: flags may have stood anywhere.
type line struct {
	path    []string // names of the command and subcommand
	command *Command
	given   []given
	args    []string // positional
}

// given is a flag as it was typed.
type given struct {
	name, value string
	has         bool // there is a value
}

// sortLine takes a command line apart. Flags count wherever they stand: before the command, after an address.
func (p *Program) sortLine(words []string) (line, error) {
	var l line
	flags, err := p.split(words, &l)
	if err != nil {
		return l, err
	}
	if err := p.choose(&l); err != nil {
		return l, err
	}
	l.given = flags
	return l, nil
}

// split parts flags from arguments, by the options of all commands.
func (p *Program) split(words []string, l *line) (flags []given, err error) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		if w == "--" {
			l.args = append(l.args, words[i+1:]...)
			break
		}
		if !isFlag(w) {
			l.args = append(l.args, w)
			continue
		}
		name, value, has := strings.Cut(strings.TrimLeft(w, "-"), "=")
		g := given{name, value, has}
		if o := p.anyOption(name); o != nil {
			g.name = o.Name
			if o.Kind != Bool && !has {
				if i+1 == len(words) || p.looksLikeFlag(words[i+1]) {
					return nil, usagef("--%s needs a value", o.Name).hint("%s --%s %s", p.Name, o.Name, o.holder())
				}
				i++
				g.value, g.has = words[i], true
			}
		}
		flags = append(flags, g)
	}
	return flags, nil
}

// isFlag reports whether a word is a flag; "-" alone is standard input.
func isFlag(w string) bool { return len(w) > 1 && w[0] == '-' }

// looksLikeFlag reports whether a word is a flag that exists, and not a value that begins with a dash.
func (p *Program) looksLikeFlag(w string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(w, "-"), "=")
	return strings.HasPrefix(w, "--") && (name == "" || p.anyOption(name) != nil)
}

// anyOption finds an option in whichever command has it.
func (p *Program) anyOption(name string) (found *Option) {
	each(p.Commands, "", func(_ string, c *Command) {
		if found == nil {
			found = c.option(name)
		}
	})
	return found
}

// choose takes the command off the arguments.
func (p *Program) choose(l *line) error {
	list := p.Commands
	for len(l.args) > 0 {
		c := command(list, l.args[0])
		if c == nil {
			break
		}
		l.path, l.command, list = append(l.path, c.Name), c, c.Commands
		l.args = l.args[1:]
	}
	if l.command == nil {
		l.path, l.command = []string{p.Main}, command(p.Commands, p.Main)
	}
	return nil
}

// check refuses flags and arguments that the command does not take.
func (p *Program) check(l line) error {
	for _, g := range l.given {
		if l.command.option(g.name) == nil {
			return p.notTaken(l, g.name)
		}
	}
	full := strings.Join(append([]string{p.Name}, l.path...), " ")
	if l.command.Run == nil {
		return p.needsSubcommand(l, full)
	}
	switch n := len(l.args); {
	case n > l.command.Most && l.command.Most == 0:
		return p.strayArgument(l, full)
	case n > l.command.Most:
		if near := nearest(l.args[0], names(p.Commands)); near != "" && l.command.Name == p.Main {
			return p.noSuchCommand(l.args[0], near)
		}
		return usagef("too many arguments: %q", shown(l.args[l.command.Most])).hint("%s takes %s; %s --help", full, l.command.Args, full)
	case n < l.command.Least:
		return usagef("%s needs %s", full, l.command.Args).hint("%s --help", full)
	}
	return nil
}

// shown is an argument without what may be secret in it if it is a link: its query and its fragment.
func shown(arg string) string {
	if end := strings.IndexAny(arg, "?#"); end > 0 {
		return arg[:end]
	}
	return arg
}

func (p *Program) strayArgument(l line, full string) error {
	if near := nearest(l.args[0], names(p.Commands)); near != "" && l.command.Name == p.Main {
		return p.noSuchCommand(l.args[0], near)
	}
	return usagef("no such argument or command: %q", shown(l.args[0])).hint("%s takes flags only; %s --help lists them", full, full)
}

func (p *Program) noSuchCommand(word, near string) error {
	return usagef("there is no command %q", word).hint("did you mean %s %s?", p.Name, near)
}

// noCommand is the error of a word that was asked about as a command.
func (p *Program) noCommand(word string) error {
	e := usagef("there is no command %q", word)
	if near := p.Nearest(word); near != "" {
		return e.hint("did you mean %s help %s?", p.Name, near)
	}
	return e.hint("%s --help lists them", p.Name)
}

func (p *Program) needsSubcommand(l line, full string) error {
	all := names(l.command.Commands)
	if len(l.args) == 0 {
		return usagef("%s needs one of: %s", full, strings.Join(all, ", ")).hint("%s %s", full, all[0])
	}
	e := usagef("%s has no command %q", full, l.args[0])
	if near := nearest(l.args[0], all); near != "" {
		return e.hint("did you mean %s %s?", full, near)
	}
	return e.hint("it is one of: %s", strings.Join(all, ", "))
}

// notTaken says what a flag that the command does not take may have been meant for.
func (p *Program) notTaken(l line, name string) error {
	full := strings.Join(append([]string{p.Name}, l.path...), " ")
	shown := p.shownName(l)
	dashed := dashes(name)
	var homes []string
	each(p.Commands, "", func(n string, c *Command) {
		if !c.Hidden && c.option(name) != nil {
			homes = append(homes, n)
		}
	})
	if len(homes) > 0 {
		return usagef("%s is no flag of %s", dashed, shown).hint("it belongs to %s; %s --help lists what this one takes", strings.Join(homes, ", "), full)
	}
	e := usagef("there is no flag %s", dashed)
	if near := nearest(name, l.command.flagNames()); near != "" {
		return e.hint("did you mean --%s? %s --help lists all flags", near, shown)
	}
	return e.hint("%s --help lists all flags", shown)
}

func dashes(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// shownName is the command as a person would type it: without the default command's name.
func (p *Program) shownName(l line) string {
	if len(l.path) == 0 || slices.Equal(l.path, []string{p.Main}) {
		return p.Name
	}
	return strings.Join(append([]string{p.Name}, l.path...), " ")
}

func (c *Command) flagNames() (list []string) {
	for _, o := range c.Options {
		if !o.Hidden {
			list = append(list, o.Name)
		}
	}
	return list
}

func names(list []Command) (out []string) {
	for _, c := range list {
		if !c.Hidden {
			out = append(out, c.Name)
		}
	}
	return out
}
