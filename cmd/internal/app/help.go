package app

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// helpWidth is where help lines are broken.
const helpWidth = 100

func helpCommand() Command {
	return Command{
		Name: "help", Summary: "show this help", Args: "[COMMAND]", Most: 2, Bare: true, Hidden: true,
		Run: helpRun,
	}
}

// writeHelp prints the help of a command; of the program, with its commands, where none was named.
func (p *Program) writeHelp(w io.Writer, l line) error {
	b := &strings.Builder{}
	if p.shownName(l) == p.Name {
		p.programHelp(b, l)
	} else {
		p.commandHelp(b, l)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *Program) programHelp(b *strings.Builder, l line) {
	fmt.Fprintf(b, "%s: %s\n\n", p.Name, p.Summary)
	writeExamples(b, p.Examples)
	fmt.Fprintf(b, "\nUsage: %s\n", p.usage(l))
	var rows [][2]string
	for _, c := range p.Commands {
		if !c.Hidden {
			rows = append(rows, [2]string{strings.TrimSpace(c.Name + " " + c.Args), c.Summary})
		}
	}
	if len(rows) > 0 {
		b.WriteString("\nCommands:\n")
		writeRows(b, rows)
	}
	writeOptions(b, l.command)
	p.footer(b)
}

func (p *Program) commandHelp(b *strings.Builder, l line) {
	full := p.Name + " " + strings.Join(l.path, " ")
	fmt.Fprintf(b, "%s: %s\n", full, l.command.Summary)
	for _, t := range l.command.About {
		b.WriteString("\n")
		wrap(b, t, "", helpWidth)
	}
	if len(l.command.Examples) > 0 {
		b.WriteString("\n")
		writeExamples(b, l.command.Examples)
	}
	fmt.Fprintf(b, "\nUsage: %s\n", p.usage(l))
	if len(l.command.Commands) > 0 {
		b.WriteString("\nCommands:\n")
		var rows [][2]string
		for _, c := range l.command.Commands {
			rows = append(rows, [2]string{strings.TrimSpace(c.Name + " " + c.Args), c.Summary})
		}
		writeRows(b, rows)
	}
	writeOptions(b, l.command)
	if l.command.option("config") != nil {
		p.footer(b)
	}
}

func (p *Program) usage(l line) string {
	words := []string{p.shownName(l)}
	if len(l.command.Commands) > 0 {
		words = append(words, "COMMAND")
	}
	words = append(words, "[FLAGS]")
	if l.command.Args != "" {
		words = append(words, l.command.Args)
	}
	return strings.Join(words, " ")
}

func (p *Program) footer(b *strings.Builder) {
	b.WriteString("\n")
	wrap(b, fmt.Sprintf("Flags may stand anywhere on the line. Each can also be set by an environment variable (--log-level by ACIP_LOG_LEVEL) or in the "+
		"configuration file (log-level: debug; %s config init writes one).", p.Name), "", helpWidth)
}

func writeExamples(b *strings.Builder, list []Example) {
	widest := 0
	for _, e := range list {
		widest = max(widest, utf8.RuneCountInString(e.Line))
	}
	for _, e := range list {
		fmt.Fprintln(b, strings.TrimRight(fmt.Sprintf("  %-*s  %s", widest, e.Line, e.What), " "))
	}
}

// writeRows prints names with their explanations beside them, or below where the name is long.
func writeRows(b *strings.Builder, rows [][2]string) {
	const most = 30
	widest := 0
	for _, r := range rows {
		if n := len(r[0]); n <= most {
			widest = max(widest, n)
		}
	}
	indent := strings.Repeat(" ", widest+4)
	for _, r := range rows {
		if len(r[0]) > widest {
			fmt.Fprintf(b, "  %s\n%s", r[0], indent)
		} else {
			fmt.Fprintf(b, "  %-*s  ", widest, r[0])
		}
		wrapFrom(b, r[1], indent, helpWidth)
	}
}

// writeOptions prints a command's options by category, in the order in which categories first appear.
func writeOptions(b *strings.Builder, c *Command) {
	for _, g := range c.groups() {
		fmt.Fprintf(b, "\n%s:\n", g.name)
		var rows [][2]string
		for _, o := range g.options {
			rows = append(rows, [2]string{o.synopsis(), o.explanation()})
		}
		writeRows(b, rows)
	}
}

// group is one category of options.
type group struct {
	name    string
	options []Option
}

func (c *Command) groups() (list []group) {
	at := map[string]int{}
	for _, o := range c.Options {
		if o.Hidden {
			continue
		}
		i, ok := at[o.Category]
		if !ok {
			i = len(list)
			at[o.Category] = i
			list = append(list, group{name: o.Category})
		}
		list[i].options = append(list[i].options, o)
	}
	return list
}

// synopsis is the option as it is typed.
func (o *Option) synopsis() string {
	s := "--" + o.Name
	if o.Short != "" {
		s = "-" + o.Short + ", " + s
	}
	if h := o.holder(); h != "" {
		s += " " + h
	}
	return s
}

// explanation is the usage with what holds without the option.
func (o *Option) explanation() string {
	shown := o.Shown
	if shown == "" {
		shown = o.Default
	}
	if shown == "" {
		return o.Usage
	}
	return o.Usage + " (" + shown + ")"
}

// wrap prints a paragraph.
func wrap(b *strings.Builder, text, indent string, width int) {
	b.WriteString(indent)
	wrapFrom(b, text, indent, width)
}

// wrapFrom prints a paragraph whose first line has its indent already.
func wrapFrom(b *strings.Builder, text, indent string, width int) {
	used := len(indent)
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if i > 0 && used+1+n > width {
			b.WriteString("\n" + indent)
			used = len(indent)
		} else if i > 0 {
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += n
	}
	b.WriteString("\n")
}
