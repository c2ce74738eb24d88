package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/fault"
)

// Cameras lists the cameras on w, as a JSON list where asked for. None at all is an error that says why.
func Cameras(ctx context.Context, w io.Writer, asJSON bool) error {
	list, err := cameras(ctx)
	if asJSON {
		if list == nil {
			list = []capture.CameraInfo{}
		}
		e := json.NewEncoder(w)
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
		if _, err := io.WriteString(w, describeCamera(c)); err != nil {
			return err
		}
	}
	return nil
}

// cameras lists the cameras, each with the remedy for what is wrong with it.
func cameras(ctx context.Context) ([]capture.CameraInfo, error) {
	list, err := capture.Cameras(ctx)
	for i := range list {
		list[i].Hint = fault.SourceRemedy(list[i].Reason, list[i].Hint)
	}
	return list, err
}

// noCamera is the error of a list without cameras.
func noCamera() error {
	return &capture.Error{
		Kind: capture.Missing, Op: "list", Msg: "no camera is attached",
		Hint: "plug one in", Reason: capture.NoCameras,
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

// firstPictureWithin is how long a camera may take to give one.
const firstPictureWithin = 5 * time.Second

// camera lists the cameras and takes one picture with the chosen one.
func (d *doctor) camera(ctx context.Context) {
	list, err := cameras(ctx)
	if err == nil && len(list) == 0 && !d.CameraNamed {
		d.found(absent(failed("camera", "list", noCamera())))
		return
	}
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
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, firstPictureWithin)
	defer cancel()
	src, err := capture.Open(ctx, cmp.Or(d.Source, "camera"), capture.Options{Camera: d.Camera})
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
