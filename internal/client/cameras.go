package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"acip/capture"
)

// Cameras lists the cameras on cfg.Stdout, as a JSON list where asked for. None at all is an error that says why.
func Cameras(ctx context.Context, cfg Config, asJSON bool) error {
	list, err := capture.Cameras(ctx)
	if asJSON {
		if list == nil {
			list = []capture.CameraInfo{}
		}
		e := json.NewEncoder(cfg.Stdout)
		e.SetIndent("", "  ")
		if werr := e.Encode(list); err == nil {
			err = werr
		}
		return err
	}
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return noCamera()
	}
	for _, c := range list {
		if _, err := io.WriteString(cfg.Stdout, describeCamera(c)); err != nil {
			return err
		}
	}
	return nil
}

// noCamera is the error of a list without cameras.
func noCamera() error {
	return &capture.Error{
		Kind: capture.Missing, Op: "list", Msg: "no camera is attached",
		Hint: "plug one in, or use another source: --source pattern",
	}
}

// describeCamera is one camera for people, several lines.
func describeCamera(c capture.CameraInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d  %s  %s\n", c.Index, c.Name, c.Path)
	if c.Bus != "" {
		fmt.Fprintf(&b, "   bus %s\n", c.Bus)
	}
	if c.Link != "" {
		fmt.Fprintf(&b, "   link %s\n", c.Link)
	}
	if c.Holder != "" {
		fmt.Fprintf(&b, "   in use by %s\n", c.Holder)
	}
	if c.Error != "" {
		fmt.Fprintf(&b, "   cannot be opened: %s\n", c.Error)
	}
	if c.Hint != "" {
		fmt.Fprintf(&b, "   hint: %s\n", c.Hint)
	}
	for _, m := range c.Modes {
		fmt.Fprintf(&b, "   %-6s %dx%d%s\n", m.Format, m.Width, m.Height, rates(m.FPS))
	}
	return b.String()
}

func rates(fps []float64) string {
	if len(fps) == 0 {
		return ""
	}
	var parts []string
	for _, f := range fps {
		parts = append(parts, fmt.Sprintf("%.4g", f))
	}
	return "  " + strings.Join(parts, ", ") + " fps"
}
