package app

import (
	"fmt"
	"slices"
	"strings"
)

// origin is where a value came from; a higher one wins.
type origin uint8

const (
	fromDefault origin = iota
	fromFile
	fromEnvironment
	fromFlag
)

// setting is an option's value and where it came from.
type setting struct {
	value string
	from  origin
	where string // for a sentence: --fps, ACIP_FPS, the file's key
}

// settings are the values that are not defaults, checked, by option.
type settings map[string]setting

// resolve finds every option's value: flag, else environment, else file.
func resolve(l line, getenv func(string) string, f *file) (settings, error) {
	set := settings{}
	for i := range l.command.Options {
		o := &l.command.Options[i]
		s, err := lookup(o, l.given, getenv, f)
		if err != nil {
			return nil, err
		}
		if s.from != fromDefault {
			set[o.Name] = s
		}
	}
	return set, set.exclude(l.command)
}

func lookup(o *Option, flags []given, getenv func(string) string, f *file) (setting, error) {
	if s, ok := typed(o, flags); ok {
		return s.checked(o)
	}
	if o.Once {
		return setting{}, nil
	}
	if v := getenv(o.Variable()); v != "" {
		return setting{v, fromEnvironment, o.Variable()}.checked(o)
	}
	if e, ok := f.entry(o.Name); ok {
		return setting{e.value, fromFile, f.place(e)}.checked(o)
	}
	return setting{}, nil
}

// typed is what the command line says of an option: the last word, or all of a list's.
func typed(o *Option, flags []given) (s setting, ok bool) {
	var all []string
	for _, g := range flags {
		if g.name != o.Name {
			continue
		}
		s, ok = setting{g.value, fromFlag, "--" + o.Name}, true
		if o.Kind == Bool && !g.has {
			s.value = "true"
		}
		all = append(all, g.value)
	}
	if ok && o.Kind == List {
		s.value = strings.Join(all, ",")
	}
	return s, ok
}

func (s setting) checked(o *Option) (setting, error) {
	v, err := o.value(s.where, s.value)
	s.value = v
	return s, err
}

// exclude settles options that exclude each other: what stands nearer to the person wins, and two as near are an error.
func (set settings) exclude(c *Command) error {
	for _, o := range c.Options {
		mine, ok := set[o.Name]
		if !ok || mine.value == "false" {
			continue
		}
		for _, other := range o.Against {
			theirs, ok := set[other]
			switch {
			case !ok || theirs.value == "false":
			case theirs.from < mine.from:
				delete(set, other)
			case theirs.from > mine.from:
				delete(set, o.Name)
			default:
				return usagef("%s and %s exclude each other", mine.where, theirs.where).hint("leave one of them out")
			}
		}
	}
	return nil
}

// words is the command line for the parser: every flag before every argument, with its value attached.
func (set settings) words(p *Program, l line) []string {
	out := append([]string{p.Name}, l.path...)
	for _, o := range l.command.Options {
		if s, ok := set[o.Name]; ok {
			out = append(out, fmt.Sprintf("--%s=%s", o.Name, s.value))
		}
	}
	return append(append(out, "--"), slices.Clone(l.args)...)
}
