package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

func manCommand() Command {
	return Command{
		Name: "man", Summary: "print the manual page", Bare: true,
		Run: func(_ context.Context, in *Input) error {
			_, err := io.WriteString(in.Stdout, in.Program.manual())
			return err
		},
	}
}

// manual is the manual page of a program, in the man macros of roff.
func (p *Program) manual() string {
	b := &strings.Builder{}
	v := ReadVersion()
	date, _, _ := strings.Cut(v.Time, "T")
	fmt.Fprintf(b, ".TH %s 1 %q %q\n", strings.ToUpper(roff(p.Name)), date, p.Name+" "+v.Number)
	fmt.Fprintf(b, ".SH NAME\n%s \\- %s\n", roff(p.Name), roff(p.Summary))
	p.manSynopsis(b)
	b.WriteString(".SH DESCRIPTION\n")
	for i, t := range p.About {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		paragraph(b, t)
	}
	b.WriteString(".SH EXAMPLES\n")
	manExamples(b, p.Examples)
	p.manCommands(b)
	for _, s := range p.Manual {
		fmt.Fprintf(b, ".SH %s\n", s.Title)
		for _, t := range s.Text {
			paragraph(b, t)
		}
	}
	p.manPlaces(b)
	return b.String()
}

func (p *Program) manSynopsis(b *strings.Builder) {
	b.WriteString(".SH SYNOPSIS\n")
	first := true
	each(p.Commands, "", func(name string, c *Command) {
		if c.Hidden || c.Run == nil {
			return
		}
		if !first {
			b.WriteString(".br\n")
		}
		first = false
		if name == p.Main {
			name = ""
		} else {
			name = " " + name
		}
		fmt.Fprintf(b, ".B %s%s\n[FLAGS] %s\n", roff(p.Name), roff(name), roff(c.Args))
	})
}

// manCommands describes every command with its own flags; those that all have come once.
func (p *Program) manCommands(b *strings.Builder) {
	said := map[string]bool{}
	each(p.Commands, "", func(name string, c *Command) {
		if c.Hidden || c.Run == nil {
			return
		}
		title := p.Name + " " + name
		if name == p.Main {
			title = p.Name
		}
		fmt.Fprintf(b, ".SH %s\n", roff(title))
		paragraph(b, upper(c.Summary)+".")
		for _, t := range c.About {
			b.WriteString(".PP\n")
			paragraph(b, t)
		}
		manExamples(b, c.Examples)
		manOptions(b, c, said)
	})
}

func manOptions(b *strings.Builder, c *Command, said map[string]bool) {
	for _, g := range c.groups() {
		titled := false
		for _, o := range g.options {
			line := o.synopsis() + o.explanation()
			if said[line] {
				continue // as described above
			}
			said[line] = true
			if !titled {
				fmt.Fprintf(b, ".SS %s\n", roff(g.name))
				titled = true
			}
			fmt.Fprintf(b, ".TP\n.B %s\n", roff(o.synopsis()))
			paragraph(b, o.sentence())
		}
	}
}

func manExamples(b *strings.Builder, list []Example) {
	for _, e := range list {
		fmt.Fprintf(b, ".TP\n.B %s\n", roff(e.Line))
		paragraph(b, upper(e.What))
	}
	if len(list) > 0 {
		b.WriteString(".PP\n")
	}
}

func (p *Program) manPlaces(b *strings.Builder) {
	b.WriteString(".SH ENVIRONMENT AND FILES\n")
	paragraph(b, "Every flag has an environment variable: ACIP_ and its name in capitals, with underscores (--log-level is ACIP_LOG_LEVEL), and a key in the "+
		"configuration file: its name (log-level: debug). A flag wins over a variable, a variable over the file.")
	paragraph(b, p.Name+" config path prints the path of the file, config init writes one, config check checks it.")
	other := "acip-server"
	if p.Name == other {
		other = "acip-client"
	}
	fmt.Fprintf(b, ".SH SEE ALSO\n.BR %s (1)\n", roff(other))
}

// paragraph is text that roff fills, without letting it take words for requests.
func paragraph(b *strings.Builder, text string) {
	fmt.Fprintf(b, "\\&%s\n", roff(text))
}

// roff is text as roff prints it.
func roff(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "…", "...").Replace(s)
}

// sentence is what an option does, with a capital letter and a full stop; a value that stands first stays as it is typed.
func (o *Option) sentence() string {
	text := o.explanation() + "."
	first, _, _ := strings.Cut(text, " ")
	if word := strings.TrimRight(first, ":,;"); word != first || slices.Contains(o.offered(), word) {
		return text
	}
	return upper(text)
}

// upper is a sentence with a capital letter, unless it begins with what is typed: a command, a flag, a file.
func upper(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if s == "" || strings.ContainsFunc(first, func(r rune) bool { return !unicode.IsLetter(r) && r != ',' && r != '\'' }) {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
