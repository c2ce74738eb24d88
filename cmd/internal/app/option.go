package app

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// Kind is what an option's value looks like.
type Kind uint8

// The kinds of values.
const (
	Text     Kind = iota
	Path          // a file
	Bool          // true without a value
	Int           // within Min and Max
	Float         // within Min and Max
	Duration      // as Go writes it; within Min and Max seconds
	Size          // WxH
	Choice        // one of Values
	List          // several texts: repeated, or with commas between
)

// Option is one setting, wherever its value comes from.
type Option struct {
	Name        string
	Short       string // one letter
	Kind        Kind
	Default     string // as it would be typed
	Shown       string // shown in the help instead of Default
	Usage       string // one line, no full stop
	Placeholder string // stands for the value in the help; of Kind if empty
	Category    string
	Values      []string          // of Choice
	Words       []string          // beginnings of values that completions offer, of other kinds
	Missing     map[string]string // values that this build lacks, and why
	Min, Max    float64           // both zero: no limits
	Above       bool              // Min itself is too small
	Against     []string          // options that exclude this one
	Check       func(string) error
	Secret      bool // not for others' eyes
	Once        bool // only on the command line: neither variable nor key
	Hidden      bool
}

// Variable is the environment variable of an option.
func (o *Option) Variable() string {
	return "ACIP_" + strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_"))
}

// holder stands for the value in the help.
func (o *Option) holder() string {
	if o.Placeholder != "" {
		return o.Placeholder
	}
	switch o.Kind {
	case Choice:
		return strings.Join(o.Values, "|")
	case Bool:
		return ""
	}
	return [...]string{Text: "TEXT", Path: "PATH", Int: "N", Float: "N", Duration: "D", Size: "WxH", List: "LIST"}[o.Kind]
}

// offered are the values that completions know.
func (o *Option) offered() []string { return append(slices.Clone(o.Values), o.Words...) }

// flag is the option as the parser knows it.
func (o *Option) flag() cli.Flag {
	switch o.Kind {
	case Bool:
		return &cli.BoolFlag{Name: o.Name, Usage: o.Usage, Category: o.Category}
	case Int:
		v, _ := strconv.Atoi(o.Default) // a test reads every default
		return &cli.IntFlag{Name: o.Name, Usage: o.Usage, Category: o.Category, Value: v}
	case Float:
		v, _ := strconv.ParseFloat(o.Default, 64)
		return &cli.Float64Flag{Name: o.Name, Usage: o.Usage, Category: o.Category, Value: v}
	case Duration:
		v, _ := time.ParseDuration(o.Default)
		return &cli.DurationFlag{Name: o.Name, Usage: o.Usage, Category: o.Category, Value: v}
	}
	return &cli.StringFlag{Name: o.Name, Usage: o.Usage, Category: o.Category, Value: o.Default}
}

// value checks what was given and returns it as the parser wants it. where names the place it came from: --fps,
// ACIP_FPS, or the file with its key.
func (o *Option) value(where, given string) (string, error) {
	v, err := o.read(where, given)
	if err != nil {
		return "", err
	}
	if o.Check != nil {
		if err := o.Check(v); err != nil {
			return "", &Error{Msg: where + ": " + err.Error(), Remedy: o.meant(v, hintOf(err)), Exit: ExitUsage}
		}
	}
	return v, nil
}

// meant is a hint that begins with the value that a mistyped one most likely stands for, of the beginnings in Words.
func (o *Option) meant(given, hint string) string {
	word, rest, colon := strings.Cut(given, ":")
	var known []string
	for _, w := range o.Words {
		known = append(known, strings.TrimSuffix(w, ":"))
	}
	near := nearest(word, known)
	if near == "" || near == word {
		return hint
	}
	if colon || slices.Contains(o.Words, near+":") {
		near += ":" + rest
	}
	if hint == "" {
		return "did you mean " + near + "?"
	}
	return "did you mean " + near + "? " + hint
}

func (o *Option) read(where, given string) (string, error) {
	switch o.Kind {
	case Bool:
		return readBool(where, given)
	case Int, Float:
		return given, o.number(where, given)
	case Duration:
		return given, o.duration(where, given)
	case Size:
		w, h, ok := parseSize(given)
		if !ok {
			return "", usagef("%s: %q is not a size", where, given).hint("write width, x, height, each from 1 to %d: %s=160x90", maxSide, where)
		}
		return fmt.Sprintf("%dx%d", w, h), nil
	case Choice:
		return given, o.choice(where, given)
	}
	return given, nil
}

func readBool(where, given string) (string, error) {
	switch strings.ToLower(given) {
	case "true", "yes", "on", "1", "t", "y":
		return "true", nil
	case "false", "no", "off", "0", "f", "n":
		return "false", nil
	}
	return "", usagef("%s: %q is neither true nor false", where, given)
}

func (o *Option) number(where, given string) error {
	n, err := strconv.ParseFloat(given, 64)
	if o.Kind == Int {
		var i int
		i, err = strconv.Atoi(given)
		n = float64(i)
	}
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return usagef("%s: %q is not a %s", where, given, map[Kind]string{Int: "whole number", Float: "number"}[o.Kind])
	}
	return o.within(where, given, n)
}

func (o *Option) duration(where, given string) error {
	d, err := time.ParseDuration(given)
	if err != nil {
		e := usagef("%s: %q is not a duration", where, given)
		if _, bare := strconv.ParseFloat(given, 64); bare == nil {
			return e.hint("add a unit: %ss for seconds, %sm for minutes", given, given)
		}
		return e.hint("write it with a unit, like 500ms, 10s or 1m30s")
	}
	return o.within(where, given, d.Seconds())
}

// within holds a number against Min and Max.
func (o *Option) within(where, given string, n float64) error {
	if o.Min == 0 && o.Max == 0 || n >= o.Min && (n <= o.Max || o.Max == 0) && (n > o.Min || !o.Above) {
		return nil
	}
	unit := ""
	if o.Kind == Duration {
		unit = "s"
	}
	least := "at least " + plain(o.Min) + unit
	if o.Above {
		least = "more than " + plain(o.Min) + unit
	}
	if n > o.Max && o.Max != 0 {
		return usagef("%s: %s is too large", where, given).hint("it must be at most %s%s", plain(o.Max), unit)
	}
	return usagef("%s: must be %s", where, least).hint("%s was given", given)
}

func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func (o *Option) choice(where, given string) error {
	if slices.Contains(o.Values, given) {
		return nil
	}
	if why, ok := o.Missing[given]; ok {
		return usagef("%s: %s is not in this build", where, given).hint("%s", why)
	}
	e := usagef("%s: %q is not one of %s", where, given, strings.Join(o.Values, ", "))
	if near := nearest(given, o.Values); near != "" {
		return e.hint("did you mean %s?", near)
	}
	return e
}

// maxSide is the longest side of a size.
const maxSide = 4096

// parseSize reads WxH, both from 1 to maxSide.
func parseSize(s string) (w, h int, ok bool) {
	a, b, found := strings.Cut(strings.ToLower(s), "x")
	w, errW := strconv.Atoi(a)
	h, errH := strconv.Atoi(b)
	ok = found && errW == nil && errH == nil && w >= 1 && h >= 1 && w <= maxSide && h <= maxSide
	return w, h, ok
}
