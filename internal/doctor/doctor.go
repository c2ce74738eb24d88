// Package doctor is what is wrong with this machine, its cameras, its terminal and the way to a server, and what helps.
package doctor

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"acip/codec"
	"acip/internal/fault"
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
}

// Examine looks at the build, the camera, the terminal and the way to the server, and prints a line for each, ✓ or ✗ with
// the remedy, or all as a JSON list. What is not well makes it an error only where an address was given or a camera
// named: a person without a camera may still watch.
func Examine(ctx context.Context, o Config) error {
	d := &doctor{Config: o}
	d.build()
	d.camera(ctx)
	d.terminal(ctx)
	asked := o.Address != ""
	d.network(ctx)
	if o.JSON {
		e := json.NewEncoder(o.Stdout)
		e.SetIndent("", "  ")
		if err := e.Encode(d.all); err != nil {
			return fmt.Errorf("write findings: %w", err)
		}
	}
	for _, f := range d.all {
		if !f.OK && (f.Part == "network" && asked || f.Part == "camera" && o.CameraNamed) {
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

func (d *doctor) found(f Finding) {
	d.all = append(d.all, f)
	if d.JSON {
		return
	}
	mark := "✓"
	if !f.OK {
		mark = "✗"
	}
	fmt.Fprintf(d.Stdout, "%s %-8s  %-12s %s\n", mark, f.Part, f.Name, f.Detail)
	if f.Hint != "" {
		fmt.Fprintf(d.Stdout, "%24s hint: %s\n", "", f.Hint)
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
