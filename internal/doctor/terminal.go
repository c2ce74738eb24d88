package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"acip/internal/drawstyle"
	"acip/internal/term"
	"acip/render"
)

// terminal says what the screen can show.
func (d *doctor) terminal(ctx context.Context) {
	if d.Stdout == nil || !term.IsTerminal(d.Stdout) {
		d.found(Finding{Part: "terminal", Name: "output", OK: true, Detail: "not a terminal: pictures go out as a stream"})
		return
	}
	caps, _ := ask(ctx, d.Config) // what went wrong is seen in what is missing
	cols, rows, _ := term.SizeOf(d.Stdout)
	size := Finding{Part: "terminal", Name: "size", OK: cols >= 20 && rows >= 6, Detail: fmt.Sprintf("%dx%d cells", cols, rows)}
	if !size.OK {
		size.Hint = "make the window larger: 20x6 cells is the least"
	}
	d.found(size)
	row := func(name string, ok bool, detail, hint string) {
		f := Finding{Part: "terminal", Name: name, OK: ok, Detail: detail}
		if !ok {
			f.Hint = hint
		}
		d.found(f)
	}
	d.found(Finding{Part: "terminal", Name: "name", OK: !caps.Dumb, Detail: strings.TrimSpace(caps.Term + " " + caps.Name), Data: caps})
	row("colours", caps.Color >= term.Color256, caps.Color.String(), "set COLORTERM=truecolor if the terminal can; NO_COLOR turns colours off")
	row("utf-8", caps.UTF8, yes(caps.UTF8), "set LANG to a UTF-8 locale: LANG=C.UTF-8")
	row("glyphs", true, render.Choose(drawstyle.Terminal(caps), render.Style{}).Glyphs.String(), "")
	row("kitty", true, yes(caps.Kitty), "")
	row("sixel", true, yes(caps.Sixel), "")
	row("sync", true, yes(caps.Sync), "")
}

// ask hears the terminal's answers; the environment has to do where there is no terminal.
func ask(ctx context.Context, o Config) (term.Caps, error) {
	caps, err := term.Ask(ctx, term.Options{Output: o.Stdout, Getenv: o.Getenv, Program: "acip-client"})
	if errors.Is(err, term.ErrNoTerminal) {
		err = nil
	}
	return caps, err
}

// Terminal prints what the terminal can, as JSON.
func Terminal(ctx context.Context, o Config) error {
	caps, err := ask(ctx, o)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(caps, "", "  ")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(o.Stdout, "%s\n", b); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
