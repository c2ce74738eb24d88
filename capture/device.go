package capture

import (
	"context"
	"fmt"
	"image"
	"io"
	"sort"
	"strings"

	"github.com/pion/mediadevices/pkg/driver"
	mdframe "github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"acip/frame"
)

// openDevice opens a device that is registered with mediadevices' manager by part of its label or name.
func openDevice(ctx context.Context, name string, o Options) (Source, error) {
	registerPattern()
	var names []string
	for _, d := range devices() {
		label := deviceName(d)
		names = append(names, label)
		if !strings.Contains(strings.ToLower(label), strings.ToLower(name)) {
			continue
		}
		src, err := openResizing(ctx, o, func(ctx context.Context, o Options) (*cameraReader, error) { return startDevice(ctx, d, label, o) })
		if err != nil {
			return nil, err
		}
		return src, nil
	}
	return nil, &Error{
		Op: "open", Kind: Missing, Msg: fmt.Sprintf("no device is called %q", name), Hint: "there is: " + strings.Join(names, ", "),
	}
}

func startDevice(ctx context.Context, d driver.Driver, label string, o Options) (*cameraReader, error) {
	r := &cameraReader{info: Info{Name: "device " + label, Live: true}}
	r.explain = func(op string, err error) error {
		return &Error{Op: op, Kind: Lost, Msg: fmt.Sprintf("device %s: %v", label, err), Err: err}
	}
	if err := d.Open(); err != nil {
		return nil, r.explain("open", err)
	}
	return r, start(ctx, d, usable(d.Properties()), r, o)
}

// devices returns the registered devices, in the order of their names.
func devices() []driver.Driver {
	all := driver.GetManager().Query(driver.FilterVideoRecorder())
	sort.Slice(all, func(i, j int) bool { return deviceName(all[i]) < deviceName(all[j]) })
	return all
}

func deviceName(d driver.Driver) string {
	if n := d.Info().Name; strings.Trim(n, "; ") != "" {
		return n
	}
	return d.Info().Label
}

// start records from d, which is open, in one of its modes. On an error d is closed.
func start(ctx context.Context, d driver.Driver, modes []prop.Media, r *cameraReader, o Options) error {
	modes = ofFormat(modes, o.Format)
	if len(modes) == 0 {
		_ = d.Close()
		return &Error{Op: "open", Kind: Unsupported, Msg: r.info.Name + " offers no format that can be read", Reason: NoCameraFormat}
	}
	m, note := choose(modes, o)
	r.info.Size, r.info.FPS, r.info.Note = sizeOf(m), float64(m.FrameRate), note
	r.colour, r.modes, r.mode = colourOf(m.FrameFormat, o), modes, m
	return startReading(ctx, d, m, r)
}

// patternLabel is the device that is always there.
const patternLabel = "acip test pattern"

// registerPattern makes the test pattern a device, unless it is one.
func registerPattern() {
	m := driver.GetManager()
	if len(m.Query(func(d driver.Driver) bool { return d.Info().Label == patternLabel })) == 0 {
		_ = m.Register(&patternDevice{}, driver.Info{Label: patternLabel, DeviceType: "virtual"}) // never fails
	}
}

// patternDevice is the test pattern as mediadevices knows cameras.
type patternDevice struct{ src *pattern }

// Open does nothing yet: what to open is said by VideoRecord.
func (p *patternDevice) Open() error { return nil }

// Close ends a read.
func (p *patternDevice) Close() error {
	if p.src == nil {
		return nil
	}
	return p.src.Close()
}

// Properties returns the sizes and the rate it has.
func (p *patternDevice) Properties() []prop.Media {
	var all []prop.Media
	for _, s := range []frame.Size{{W: 320, H: 240}, {W: 640, H: 480}, {W: 1280, H: 720}} {
		all = append(all, prop.Media{Video: prop.Video{Width: s.W, Height: s.H, FrameFormat: mdframe.FormatRGBA, FrameRate: defaultFPS}})
	}
	return all
}

// VideoRecord yields pictures as image.RGBA, each valid until the next.
func (p *patternDevice) VideoRecord(m prop.Media) (video.Reader, error) {
	p.src = newPattern(Options{Size: sizeOf(m), FPS: float64(m.FrameRate)})
	img := image.NewRGBA(image.Rect(0, 0, m.Width, m.Height))
	src, f := p.src, frame.Frame{}
	return video.ReaderFunc(func() (image.Image, func(), error) {
		if err := src.Read(context.Background(), &f, frame.Size{}); err != nil {
			return nil, func() {}, io.EOF
		}
		for i, k := 0, 0; i+2 < len(f.Pix); i, k = i+3, k+4 {
			img.Pix[k], img.Pix[k+1], img.Pix[k+2], img.Pix[k+3] = f.Pix[i], f.Pix[i+1], f.Pix[i+2], 255
		}
		return img, func() {}, nil
	}), nil
}
