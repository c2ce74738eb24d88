// Package doctor is what is wrong with this machine, its cameras, its terminal and the way to a server, and what helps.
package doctor

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"acip/codec"
	"acip/internal/fault"
	"acip/packet"
	"acip/transport"
)

// Finding is one line of the doctor's: what was looked at, whether it is well, and the remedy if not.
type Finding struct {
	Part   string `json:"part"` // camera, terminal, network, build
	Name   string `json:"name"`
	OK     bool   `json:"ok"`               // nothing is wrong
	Absent bool   `json:"absent,omitempty"` // it is not there, and nobody said that it should be
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
	Data   any    `json:"data,omitempty"`
}

// Config say what to look at and where to tell it.
type Config struct {
	Address string // of the server as typed; empty: this machine
	TLSCA   string // file of certificates to trust besides the system's
	Token   string // for a server that asks for one
	Agent   string // program and version, for HELLO

	Source      string // as --source; empty: the camera
	Camera      string // as --camera
	CameraNamed bool   // the camera was chosen by the person: its absence is an error

	JSON   bool // findings as one list, for programs
	Stdout *os.File
	Getenv func(string) string
}

// doctor collects findings and prints them as they come.
type doctor struct {
	Config
	all []Finding

	tlsConfig *tls.Config // for wss
	failed    error       // to write what was found
}

// Examine looks at the build, the camera, the terminal and the way to the server, and prints a line for each, ✓ or ✗ with
// the remedy, or all as a JSON list. Anything that is ✗ makes it an error. What is only not there is –, and no error: a
// person without a camera may watch, and a server need not run on this machine unless its address was given.
func Examine(ctx context.Context, o Config) error {
	d := &doctor{Config: o}
	d.build()
	d.camera(ctx)
	d.terminal(ctx)
	d.network(ctx)
	if o.JSON {
		e := json.NewEncoder(o.Stdout)
		e.SetIndent("", "  ")
		d.failed = e.Encode(d.all)
	}
	if d.failed != nil {
		return fmt.Errorf("write findings: %w", d.failed)
	}
	for _, f := range d.all {
		if !f.OK {
			return &unwell{f}
		}
	}
	return nil
}

// unwell is the first thing found that is wrong.
type unwell struct{ Finding }

// Error is what is wrong.
func (u *unwell) Error() string { return u.Part + ": " + u.Name + ": " + u.Detail }

// Hint is the remedy.
func (u *unwell) Hint() string { return u.Finding.Hint }

func (d *doctor) found(f Finding) {
	d.all = append(d.all, f)
	if d.JSON {
		return
	}
	mark := "✓"
	switch {
	case f.Absent:
		mark = "–"
	case !f.OK:
		mark = "✗"
	}
	line := fmt.Sprintf("%s %-8s  %-12s %s\n", mark, f.Part, f.Name, f.Detail)
	if f.Hint != "" {
		line += fmt.Sprintf("%24s hint: %s\n", "", f.Hint)
	}
	if _, err := io.WriteString(d.Stdout, line); d.failed == nil {
		d.failed = err
	}
}

// absent is a finding of what is not there and need not be.
func absent(f Finding) Finding {
	f.OK, f.Absent = true, true
	return f
}

// failed is the finding of an error.
func failed(part, name string, err error) Finding {
	sentence, hint := fault.Explain(err)
	var dial *transport.DialError
	if errors.As(err, &dial) {
		hint = packet.CleanText(fault.DialRemedy(dial)) // the whole hint also suggests this doctor
	}
	return Finding{Part: part, Name: name, Detail: sentence, Hint: hint}
}

// build says what was compiled in.
func (d *doctor) build() {
	d.found(Finding{Part: "build", Name: "codecs", OK: true, Detail: strings.Join(codec.Names(), ", "), Data: codec.Names()})
	for id, why := range codec.Missing() {
		d.found(absent(Finding{Part: "build", Name: id.String(), Detail: "not built in", Hint: why}))
	}
}
