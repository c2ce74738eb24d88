package app

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// Version is what the build knows of itself.
type Version struct {
	Number   string // of the module, without v; "devel" where there is none
	Revision string // of the version control system, empty where it was not built from one
	Time     string // of the revision
	Modified bool   // there were changes besides
}

func versionCommand() Command {
	return Command{
		Name: "version", Summary: "print the version and what is built in", Bare: true,
		Run: func(_ context.Context, in *Input) error { return in.Program.writeVersion(in.Stdout) },
	}
}

// ReadVersion asks the running program.
func ReadVersion() Version {
	v := Version{Number: "devel"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if n := strings.TrimPrefix(info.Main.Version, "v"); n != "" && n != "(devel)" {
		v.Number = n
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// writeVersion prints the version, what it was made of, and what is built in.
func (p *Program) writeVersion(w io.Writer) error {
	v := ReadVersion()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", p.Name, v.Number)
	if v.Revision != "" {
		fmt.Fprintf(&b, "revision %s %s", v.Revision, v.Time)
		if v.Modified {
			b.WriteString(", with changes")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "built with %s for %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if p.Built != nil {
		for _, s := range p.Built() {
			fmt.Fprintln(&b, s)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
