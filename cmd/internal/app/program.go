package app

import (
	"context"
	"slices"
)

// Program is one program's table.
type Program struct {
	Name     string
	Summary  string    // one line, no full stop
	About    []string  // paragraphs for the help and the manual
	Main     string    // the command that runs when none is named
	Commands []Command // in the order of the help
	Examples []Example // of the program
	Manual   []Section // more sections of the manual page
	Built    func() []string
	// Grace: what is stuck in a system call that cannot be interrupted, such as a write into a pipe that nobody reads, does
	// not keep the program from ending, with exit code 0, within a second of the first signal.
	Grace bool
	// Explain tells about errors that have neither Hint nor ExitCode; nil: nothing more is known of them.
	Explain func(error) (sentence, hint string, exit int)
}

// Command is one thing that a program does.
type Command struct {
	Name     string
	Summary  string // one line, no full stop
	About    []string
	Args     string // how the positional arguments are shown: [ADDRESS]
	Least    int    // fewest positional arguments
	Most     int    // most positional arguments
	Options  []Option
	Examples []Example
	Commands []Command // subcommands; a command has these or Run
	Hidden   bool
	Bare     bool // takes neither a configuration file nor log options
	Run      func(ctx context.Context, in *Input) error
}

// Example is a command line and what it does.
type Example struct{ Line, What string }

// Section is a heading with paragraphs.
type Section struct {
	Title string
	Text  []string
}

// complete is the table with what every program and every command has.
func (p Program) complete() Program {
	p.Commands = append(slices.Clone(p.Commands), configCommand(), completionCommand(), manCommand(), versionCommand(), helpCommand())
	p.Commands = withCommon(p.Name, p.Commands)
	return p
}

func withCommon(program string, list []Command) []Command {
	list = slices.Clone(list)
	for i := range list {
		c := &list[i]
		c.Options = slices.Clone(c.Options)
		if !c.Bare && c.Run != nil {
			c.Options = append(c.Options, commonOptions(program)...)
		}
		c.Options = append(c.Options, aboutOptions()...)
		c.Commands = withCommon(program, c.Commands)
	}
	return list
}

// commonOptions are those of every command that does something.
func commonOptions(program string) []Option {
	return []Option{
		{Name: "config", Kind: Path, Placeholder: "PATH", Category: "Program", Usage: "configuration file to read; " + program + " config path prints the default one"},
		{Name: "log-level", Kind: Choice, Values: levels(), Default: "info", Category: "Program", Usage: "lowest level to log"},
		{Name: "log-format", Kind: Choice, Values: []string{"auto", "console", "json"}, Default: "auto", Category: "Program", Usage: "auto: console on a terminal, json otherwise"},
		{Name: "log-file", Kind: Path, Placeholder: "PATH", Category: "Program", Usage: "write the log to this file instead of standard error"},
	}
}

func aboutOptions() []Option {
	return []Option{
		{Name: "help", Short: "h", Kind: Bool, Category: "Program", Usage: "show this help", Once: true},
		{Name: "version", Kind: Bool, Category: "Program", Usage: "show the version and what is built in", Once: true},
	}
}

// command finds a command by name; nil if there is none.
func command(list []Command, name string) *Command {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

// Walk visits every option of every command, those that all commands have included. name is the command's full name.
func (p Program) Walk(visit func(name string, o Option)) {
	p = p.complete()
	each(p.Commands, "", func(name string, c *Command) {
		for _, o := range c.Options {
			visit(name, o)
		}
	})
}

// option finds an option by its name or short name; nil if there is none.
func (c *Command) option(name string) *Option {
	for i := range c.Options {
		if o := &c.Options[i]; o.Name == name || o.Short != "" && o.Short == name {
			return o
		}
	}
	return nil
}

// each visits every command, subcommands after their parents, with its full name.
func each(list []Command, prefix string, visit func(name string, c *Command)) {
	for i := range list {
		c := &list[i]
		visit(prefix+c.Name, c)
		each(c.Commands, prefix+c.Name+" ", visit)
	}
}

// options are all options of a program by name, for the configuration file; of options that several commands have, the
// first.
func (p *Program) options() []Option {
	var list []Option
	seen := map[string]bool{}
	each(p.Commands, "", func(_ string, c *Command) {
		for _, o := range c.Options {
			if !seen[o.Name] && !o.Once {
				seen[o.Name] = true
				list = append(list, o)
			}
		}
	})
	return list
}
