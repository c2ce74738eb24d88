package app

import (
	"context"
	"fmt"
	"io"
	"strings"
)

func completionCommand() Command {
	return Command{
		Name: "completion", Summary: "print completions for a shell", Args: "bash|zsh|fish", Least: 1, Most: 1, Bare: true,
		About: []string{"For this shell only: source <(PROGRAM completion bash). make install puts all of them into place."},
		Run: func(_ context.Context, in *Input) error {
			text, ok := in.Program.completion(in.Args[0])
			if !ok {
				e := usagef("there are no completions for %s", in.Args[0])
				if near := nearest(in.Args[0], []string{"bash", "zsh", "fish"}); near != "" {
					return e.hint("did you mean %s?", near)
				}
				return e.hint("there are some for bash, zsh and fish")
			}
			_, err := io.WriteString(in.Stdout, text)
			return err
		},
	}
}

func (p *Program) completion(shell string) (string, bool) {
	switch shell {
	case "bash":
		return p.bash(), true
	case "zsh":
		return p.zsh(), true
	case "fish":
		return p.fish(), true
	}
	return "", false
}

// words are the commands and subcommands with what can follow them, in the order of the help. The main command's flags
// follow the bare program, too.
func (p *Program) words(visit func(name string, c *Command)) {
	each(p.Commands, "", func(name string, c *Command) {
		if !c.Hidden {
			visit(name, c)
		}
	})
}

// identifier is a name that shells take for a function's.
func identifier(s string) string { return "_" + strings.NewReplacer("-", "_", " ", "_").Replace(s) }

// takesFiles reports whether a command's arguments are files.
func (c *Command) takesFiles() bool {
	return strings.Contains(c.Args, "FILE") || strings.Contains(c.Args, "PATH")
}

// bash asks compgen. It takes words apart at an equals sign, too.
func (p *Program) bash() string {
	b := &strings.Builder{}
	f := identifier(p.Name)
	fmt.Fprintf(b, "# bash completion for %s\n%s() {\n", p.Name, f)
	b.WriteString("    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd=" + p.Main + " flags words files i\n")
	b.WriteString("    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n    [[ $cur == = ]] && cur=\n")
	b.WriteString("    COMPREPLY=()\n    for ((i = 1; i < COMP_CWORD; i++)); do\n        case ${COMP_WORDS[i]} in\n")
	fmt.Fprintf(b, "        %s) cmd=${COMP_WORDS[i]}; break ;;\n", strings.Join(names(p.Commands), "|"))
	b.WriteString("        esac\n    done\n")
	b.WriteString("    case $prev in\n" + bashValues(p) + "    esac\n    case $cmd in\n")
	for i := range p.Commands {
		c := &p.Commands[i]
		if c.Hidden {
			continue
		}
		fmt.Fprintf(b, "    %s) flags=%q words=%q files=%q;%s ;;\n", c.Name, dashed(c), strings.Join(p.following(c), " "), bashFiles(c), bashChild(c))
	}
	b.WriteString("    esac\n    if [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n")
	b.WriteString("    else\n        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\") ${files:+$(compgen -f -- \"$cur\")})\n    fi\n}\n")
	fmt.Fprintf(b, "complete -o filenames -F %s %s\n", f, p.Name)
	return b.String()
}

// bashFiles is not empty where a command's arguments are files.
func bashFiles(c *Command) string {
	if c.takesFiles() {
		return "yes"
	}
	return ""
}

// bashChild sets files after a subcommand whose arguments are files.
func bashChild(c *Command) string {
	for i := range c.Commands {
		if c.Commands[i].takesFiles() {
			return " [[ $prev == " + c.Commands[i].Name + " ]] && words= files=yes;"
		}
	}
	return ""
}

// bashValues are the cases in which the word before wants a value.
func bashValues(p *Program) string {
	b := &strings.Builder{}
	var files, free []string
	for _, o := range p.options() {
		switch words := o.offered(); {
		case len(words) > 0:
			fmt.Fprintf(b, "    --%s) COMPREPLY=($(compgen -W %q -- \"$cur\")); return ;;\n", o.Name, strings.Join(words, " "))
		case o.Kind == Path:
			files = append(files, "--"+o.Name)
		case o.Kind == Bool:
		default:
			free = append(free, "--"+o.Name)
		}
	}
	fmt.Fprintf(b, "    %s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", strings.Join(files, "|"))
	fmt.Fprintf(b, "    %s) return ;;\n", strings.Join(free, "|"))
	return b.String()
}

// following are the words that may follow a command: its subcommands, or the values of its argument; all commands after
// the main one.
func (p *Program) following(c *Command) []string {
	switch {
	case c.Name == p.Main:
		return names(p.Commands)
	case len(c.Commands) > 0:
		return names(c.Commands)
	case strings.Contains(c.Args, "|") && !strings.ContainsAny(c.Args, "[ "):
		return strings.Split(c.Args, "|")
	}
	return nil
}

// dashed are a command's flags and those of its subcommands.
func dashed(c *Command) string {
	var list []string
	seen := map[string]bool{}
	add := func(c *Command) {
		for _, name := range c.flagNames() {
			if !seen[name] {
				seen[name] = true
				list = append(list, "--"+name)
			}
		}
	}
	add(c)
	for i := range c.Commands {
		add(&c.Commands[i])
	}
	return strings.Join(list, " ")
}

// zsh describes each flag to _arguments.
func (p *Program) zsh() string {
	b := &strings.Builder{}
	f := identifier(p.Name)
	fmt.Fprintf(b, "#compdef %s\n\n%s() {\n    local cmd=%s i\n    for ((i = 2; i < CURRENT; i++)); do\n        case $words[i] in\n", p.Name, f, p.Main)
	fmt.Fprintf(b, "        %s) cmd=$words[i]; break ;;\n        esac\n    done\n    case $cmd in\n", strings.Join(names(p.Commands), "|"))
	for i := range p.Commands {
		c := &p.Commands[i]
		if c.Hidden {
			continue
		}
		fmt.Fprintf(b, "    %s)\n        _arguments \\\n", c.Name)
		for _, o := range c.Options {
			fmt.Fprintf(b, "            %s \\\n", zshFlag(o))
		}
		fmt.Fprintf(b, "            %s ;;\n", p.zshRest(c))
	}
	fmt.Fprintf(b, "    esac\n}\n\nif [ \"$funcstack[1]\" = %q ]; then\n    %s \"$@\"\nelse\n    compdef %s %s\nfi\n", f, f, f, p.Name)
	return b.String()
}

func zshFlag(o Option) string {
	text := "[" + strings.NewReplacer("[", "(", "]", ")", "'", "").Replace(o.Usage) + "]"
	switch words := o.offered(); {
	case o.Kind == Bool:
		return fmt.Sprintf("'--%s%s'", o.Name, text)
	case len(words) > 0:
		return fmt.Sprintf("'--%s=%s:%s:(%s)'", o.Name, text, o.Name, strings.ReplaceAll(strings.Join(words, " "), ":", `\:`))
	case o.Kind == Path:
		return fmt.Sprintf("'--%s=%s:%s:_files'", o.Name, text, o.Name)
	}
	return fmt.Sprintf("'--%s=%s:%s: '", o.Name, text, o.Name)
}

func (p *Program) zshRest(c *Command) string {
	words := p.following(c)
	switch {
	case len(words) > 0 && c.Name == p.Main:
		return fmt.Sprintf("'1:command:(%s)' '*:address:_hosts'", strings.Join(words, " "))
	case len(words) > 0:
		return fmt.Sprintf("'1:command:(%s)' '*:word:(%s)'", c.Name, strings.Join(words, " "))
	case c.takesFiles():
		return "'*:file:_files'"
	case c.Most > 0:
		return "'*:address:_hosts'"
	}
	return "'1:command:(" + c.Name + ")'"
}

// fish has one line for each flag of each command.
func (p *Program) fish() string {
	b := &strings.Builder{}
	top := strings.Join(names(p.Commands), " ")
	fmt.Fprintf(b, "# fish completion for %s\ncomplete -c %s -f\n", p.Name, p.Name)
	p.words(func(name string, c *Command) {
		parent, leaf, sub := strings.Cut(name, " ")
		when := "__fish_use_subcommand"
		if sub {
			when = "__fish_seen_subcommand_from " + parent
		} else {
			leaf = name
		}
		fmt.Fprintf(b, "complete -c %s -n '%s' -a %s -d '%s'\n", p.Name, when, leaf, fishText(c.Summary))
		when = "__fish_seen_subcommand_from " + leaf
		if name == p.Main {
			when = "not __fish_seen_subcommand_from " + without(top, p.Main)
		}
		if c.takesFiles() {
			fmt.Fprintf(b, "complete -c %s -n '%s' -F\n", p.Name, when)
		}
		for _, o := range c.Options {
			fmt.Fprintf(b, "complete -c %s -n '%s' -l %s%s -d '%s'\n", p.Name, when, o.Name, fishValue(o), fishText(o.Usage))
		}
		for _, w := range p.following(c) {
			if len(c.Commands) == 0 && name != p.Main {
				fmt.Fprintf(b, "complete -c %s -n '%s' -f -a %s\n", p.Name, when, w)
			}
		}
	})
	return b.String()
}

func without(words, word string) string {
	var out []string
	for _, w := range strings.Fields(words) {
		if w != word {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

func fishValue(o Option) string {
	switch words := o.offered(); {
	case o.Kind == Bool:
		return ""
	case len(words) > 0:
		return fmt.Sprintf(" -x -a '%s'", strings.Join(words, " "))
	case o.Kind == Path:
		return " -r -F"
	}
	return " -x"
}

func fishText(s string) string { return strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) }
