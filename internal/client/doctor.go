package client

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"acip/capture"
	"acip/codec"
	"acip/frame"
	"acip/internal/fault"
	"acip/internal/look"
	"acip/internal/term"
	"acip/render"
)

// Finding is one line of the doctor's: what was looked at, whether it is well, and the remedy if not.
type Finding struct {
	Part   string `json:"part"` // camera, terminal, network, build
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
	Data   any    `json:"data,omitempty"`
}

// errUnwell ends a doctor that found something; it was all said already.
var errUnwell = errors.New("something is not well")

// doctor collects findings and prints them as they come.
type doctor struct {
	cfg  Config
	json bool
	all  []Finding

	tlsConfig *tls.Config // for wss
}

// Doctor looks at the build, the camera, the terminal and the way to the server, and prints a line for each, ✓ or ✗ with
// the remedy, or all as a JSON list. What is not well makes it an error only where an address was given or a camera
// named: a person without a camera may still watch.
func Doctor(ctx context.Context, cfg Config, asJSON bool) error {
	d := &doctor{cfg: cfg, json: asJSON}
	d.build()
	d.camera(ctx)
	d.terminal()
	asked := cfg.Address != ""
	d.network(ctx)
	if asJSON {
		e := json.NewEncoder(cfg.Stdout)
		e.SetIndent("", "  ")
		if err := e.Encode(d.all); err != nil {
			return fmt.Errorf("write findings: %w", err)
		}
	}
	for _, f := range d.all {
		if !f.OK && (f.Part == "network" && asked || f.Part == "camera" && cfg.CameraNamed) {
			return &unwell{f}
		}
	}
	return nil
}

// unwell is the first thing that was found and that was asked about.
type unwell struct{ Finding }

// Error is what is wrong.
func (u *unwell) Error() string { return u.Part + ": " + u.Name + ": " + u.Detail }

// Hint is the remedy.
func (u *unwell) Hint() string { return u.Finding.Hint }

// Unwrap lets errors.Is find the sentinel.
func (u *unwell) Unwrap() error { return errUnwell }

func (d *doctor) found(f Finding) {
	d.all = append(d.all, f)
	if d.json {
		return
	}
	mark := "✓"
	if !f.OK {
		mark = "✗"
	}
	fmt.Fprintf(d.cfg.Stdout, "%s %-8s  %-12s %s\n", mark, f.Part, f.Name, f.Detail)
	if f.Hint != "" {
		fmt.Fprintf(d.cfg.Stdout, "%24s hint: %s\n", "", f.Hint)
	}
}

// failed is the finding of an error.
func failed(part, name string, err error) Finding {
	sentence, hint := fault.Explain(err)
	return Finding{Part: part, Name: name, Detail: sentence, Hint: hint}
}

// build says what was compiled in.
func (d *doctor) build() {
	d.found(Finding{Part: "build", Name: "codecs", OK: true, Detail: strings.Join(codec.Names(), ", "), Data: codec.Names()})
	for id, why := range codec.Missing() {
		d.found(Finding{Part: "build", Name: id.String(), Detail: "not built in", Hint: why})
	}
}

// firstPictureWithin is how long a camera may take to give one.
const firstPictureWithin = 5 * time.Second

// camera lists the cameras and takes one picture with the chosen one.
func (d *doctor) camera(ctx context.Context) {
	list, err := capture.Cameras(ctx)
	if err == nil && len(list) == 0 {
		err = noCamera()
	}
	if err != nil {
		d.found(failed("camera", "list", err))
		return
	}
	for _, c := range list {
		f := Finding{Part: "camera", Name: fmt.Sprintf("camera %d", c.Index), OK: c.Error == "", Hint: c.Hint, Data: c}
		f.Detail = fmt.Sprintf("%s, %s, %d formats and sizes", c.Name, c.Path, len(c.Modes))
		if c.Error != "" {
			f.Detail = c.Error
		}
		d.found(f)
	}
	cfg := d.cfg
	if cfg.Source == "" {
		cfg.Source = "camera"
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, firstPictureWithin)
	defer cancel()
	src, err := openSource(ctx, cfg)
	if err != nil {
		d.found(failed("camera", "picture", err))
		return
	}
	defer src.Close()
	var pic frame.Frame
	if err := src.Read(ctx, &pic, frame.Size{}); err != nil {
		d.found(failed("camera", "picture", err))
		return
	}
	d.found(Finding{Part: "camera", Name: "picture", OK: true, Detail: fmt.Sprintf("%dx%d from %s in %d ms", pic.Width, pic.Height, src.Info().Name, time.Since(began).Milliseconds())})
}

// terminal says what the screen can show.
func (d *doctor) terminal() {
	if d.cfg.Stdout == nil || !term.IsTerminal(d.cfg.Stdout) {
		d.found(Finding{Part: "terminal", Name: "output", OK: true, Detail: "not a terminal: pictures go out as a stream"})
		return
	}
	caps := d.askTerminal()
	cols, rows, _ := term.SizeOf(d.cfg.Stdout)
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
	row("glyphs", true, render.Choose(look.Terminal(caps), render.Style{}).Glyphs.String(), "")
	row("kitty", true, yes(caps.Kitty), "")
	row("sixel", true, yes(caps.Sixel), "")
	row("sync", true, yes(caps.Sync), "")
}

// askTerminal opens the terminal for a moment to hear its answers; its environment has to do where that fails.
func (d *doctor) askTerminal() term.Caps {
	t, err := term.Open(term.Options{Output: d.cfg.Stdout, Getenv: d.cfg.Getenv})
	if err != nil {
		return term.Guess(d.cfg.Getenv)
	}
	defer t.Close()
	late := time.After(2 * time.Second)
	for {
		select {
		case e := <-t.Events():
			if e.Kind == term.EventCaps {
				return e.Caps
			}
			if e.Kind == term.EventClosed {
				return t.Caps()
			}
		case <-late:
			return t.Caps()
		}
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
