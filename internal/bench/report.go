package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// result is what came of one measurement.
type result struct {
	measure measure
	figures []Figure
	err     error
}

type results []result

func (r results) figures() []Figure {
	all := []Figure{}
	for _, one := range r {
		all = append(all, one.figures...)
	}
	return all
}

// failed joins what could not be measured.
func (r results) failed() error {
	var all []error
	for _, one := range r {
		if one.err != nil {
			all = append(all, fmt.Errorf("%s: %w", one.measure.name, one.err))
		}
	}
	return errors.Join(all...)
}

// print writes the figures as JSON.
func (r results) print(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	if err := e.Encode(r.figures()); err != nil {
		return err
	}
	return r.failed()
}

// write makes docs/performance.md and build/report.json.
func (r results) write(root string, out io.Writer) error {
	text, err := json.MarshalIndent(r.figures(), "", "  ")
	if err != nil {
		return err
	}
	for path, content := range map[string]string{
		filepath.Join(root, "build", "report.json"):   string(text) + "\n",
		filepath.Join(root, "docs", "performance.md"): r.markdown(time.Now()),
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
		fmt.Fprintln(out, "wrote", path)
	}
	return r.failed()
}

// markdown is the report for people.
func (r results) markdown(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Performance\n\nMade by `make report` on %s, on %s.\n", now.UTC().Format("2006-01-02 15:04 UTC"), machine())
	b.WriteString("\nAbsolute times are this machine's, at this hour; what stands beside a figure was measured in the same run.\n")
	for _, one := range r {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n", strings.ToUpper(one.measure.name[:1])+one.measure.name[1:], one.measure.about)
		if one.err != nil {
			fmt.Fprintf(&b, "Not measured whole: %v.\n\n", one.err)
		}
		if len(one.figures) == 0 {
			continue
		}
		b.WriteString("| figure | value | goal | | beside it |\n| --- | --- | --- | --- | --- |\n")
		for _, f := range one.figures {
			fmt.Fprintf(&b, "| %s | %v %s | %s | %s | %s |\n", f.Name, f.Value, f.Unit, f.Goal, f.met, f.Yardstick)
		}
	}
	return b.String()
}
