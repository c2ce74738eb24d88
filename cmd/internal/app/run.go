package app

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// Main runs a program in its process's surroundings and returns its exit code.
func Main(p Program) int {
	return Run(context.Background(), p, System{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv})
}

// Run runs a program: it prints what went wrong, last, in the one form, and returns the exit code. The first signal ends
// ctx; at the second Run returns at once, with whatever it started still running, and the caller must exit. Further signals
// change nothing on that way.
func Run(ctx context.Context, p Program, s System) int {
	p = p.complete()
	ctx, signals := watch(ctx)
	done := make(chan int, 1) // a receiver is not waited for: after a second signal nobody reads it
	go func() { done <- p.report(s.Stderr, p.run(ctx, s)) }()
	select {
	case code := <-done:
		signals.stop()
		return code
	case <-signals.second:
		return ExitCut
	case <-p.late(ctx):
		return ExitDone
	}
}

// graceTime is how long a program with Grace may take to end after the first signal.
const graceTime = 950 * time.Millisecond

// late is closed when a program that was told to end has not ended in its time; nil, which is never, without Grace.
func (p *Program) late(ctx context.Context) <-chan struct{} {
	if !p.Grace {
		return nil
	}
	late := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(graceTime, func() { close(late) }) })
	return late
}

// run reads the command line and does what it says.
func (p *Program) run(ctx context.Context, s System) error {
	l, err := p.sortLine(s.Args)
	if err == nil {
		err = p.obey(ctx, s, l)
	}
	return p.helped(l, err)
}

// helped is wrong usage with a remedy, be it only the command's help.
func (p *Program) helped(l line, err error) error {
	if _, hint, exit := p.explain(err); exit != ExitUsage || hint != "" {
		return err
	}
	return Usage(err.Error(), p.shownName(l)+" --help lists what it takes")
}

// obey does what a sorted command line says.
func (p *Program) obey(ctx context.Context, s System, l line) error {
	if told, err := p.tell(l, s); told || err != nil {
		return err
	}
	if err := p.check(l); err != nil {
		return err
	}
	f, err := p.configuration(l, s.Getenv)
	if err != nil {
		return err
	}
	set, err := resolve(l, s.Getenv, f)
	if err != nil {
		return err
	}
	in := &Input{System: s, Program: p, Command: l.command, Args: l.args, set: set, logs: &logs{stderr: s.Stderr}}
	in.logs.lost, ctx = cancelWith(ctx)
	err = p.cli(l, in).RunContext(ctx, set.words(p, l))
	return errors.Join(err, in.logs.close())
}

// cancelWith is a context that a call can end with a cause.
func cancelWith(ctx context.Context) (func(error), context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return cancel, ctx
}

// tell answers --help and --version, whatever else stands on the line.
func (p *Program) tell(l line, s System) (told bool, err error) {
	for _, g := range l.given {
		if g.has && g.value != "true" {
			continue
		}
		switch g.name {
		case "help":
			return true, p.writeHelp(s.Stdout, l)
		case "version":
			return true, p.writeVersion(s.Stdout)
		}
	}
	return false, nil
}

// configuration is the file for commands that take one.
func (p *Program) configuration(l line, getenv func(string) string) (*file, error) {
	o := l.command.option("config")
	if o == nil || l.command.Bare {
		return nil, nil
	}
	s, err := lookup(o, l.given, getenv, nil)
	if err != nil {
		return nil, err
	}
	return p.load(s.value, getenv)
}

// cli is the program for its parser. Everything in it that would print or exit by itself is turned off.
func (p *Program) cli(l line, in *Input) *cli.App {
	usage := func(_ *cli.Context, err error, _ bool) error { return usagef("%s", strings.TrimSpace(err.Error())) }
	return &cli.App{
		Name: p.Name, HelpName: p.Name, Usage: p.Summary, HideHelp: true, HideVersion: true,
		Writer: in.Stdout, ErrWriter: in.Stderr, OnUsageError: usage,
		ExitErrHandler: func(*cli.Context, error) {}, // the library's own exits the process, past deferred calls
		Commands:       cliCommands(p.Commands, in, usage),
	}
}

func cliCommands(list []Command, in *Input, usage cli.OnUsageErrorFunc) (out []*cli.Command) {
	for i := range list {
		c := &list[i]
		cc := &cli.Command{
			Name: c.Name, Usage: c.Summary, ArgsUsage: c.Args, Hidden: c.Hidden, HideHelp: true, OnUsageError: usage,
			Subcommands: cliCommands(c.Commands, in, usage),
		}
		for j := range c.Options {
			cc.Flags = append(cc.Flags, c.Options[j].flag())
		}
		if c.Run != nil {
			cc.Action = func(ctx *cli.Context) error {
				in.values = ctx
				return c.Run(ctx.Context, in)
			}
		}
		out = append(out, cc)
	}
	return out
}
