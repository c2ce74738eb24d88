package capture

import (
	"fmt"
	"math"
	"sort"
	"strings"

	mdframe "github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"

	"acip/capture/internal/fail"
	"acip/frame"
)

// cost returns what a pixel of a format takes, in nanoseconds, measured; 0: not taken at all (Z16 is a depth).
func cost(f mdframe.Format) float64 {
	switch f {
	case mdframe.FormatI420:
		return .13
	case mdframe.FormatNV12, mdframe.FormatNV21:
		return .16
	case mdframe.FormatYUYV, mdframe.FormatYUY2, mdframe.FormatUYVY:
		return .2
	case mdframe.FormatRGBA:
		return 1
	case mdframe.FormatMJPEG:
		return jpegCost
	}
	return 0
}

// usable leaves out what cannot be shown.
func usable(all []prop.Media) []prop.Media {
	var some []prop.Media
	for _, m := range all {
		if s := sizeOf(m); cost(m.FrameFormat) > 0 && !s.Empty() && !fail.Oversized(s) {
			some = append(some, m)
		}
	}
	return some
}

// ofFormat returns the modes of one format, or all if there are none.
func ofFormat(all []prop.Media, format string) []prop.Media {
	var some []prop.Media
	for _, m := range all {
		if strings.EqualFold(string(m.FrameFormat), format) {
			some = append(some, m)
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}

func sizeOf(m prop.Media) frame.Size { return frame.Size{W: m.Width, H: m.Height} }

// enough is the share of the wanted rate that will do rather than take another size.
const enough = .75

// choose takes one of the modes that a device lists, never anything else: mediadevices takes any wish and then yields
// garbage. First the size: the nearest to the one asked for, or the smallest that fills what is demanded; then the
// format, by rate and by what decoding costs; then the lowest rate that will do. note says what differs from the
// wishes.
func choose(modes []prop.Media, o Options) (m prop.Media, note string) {
	fps := o.FPS
	if fps <= 0 {
		fps = defaultFPS
	}
	best := math.Inf(1)
	for _, c := range modes {
		if v := distance(c, modes, o, fps); v < best {
			best, m = v, c
		}
	}
	return m, noteOf(m, o, fps)
}

// distance orders the modes: by size, then whether the rate will do, then work a second.
func distance(m prop.Media, modes []prop.Media, o Options, fps float64) float64 {
	rate := float64(m.FrameRate)
	if rate == 0 {
		rate = fps // the device does not say: it has one
	}
	short := max(0, 1-rate/fps)
	v := 1e6 * sizeDistance(sizeOf(m), o)
	if short > 1-enough {
		v += 1e6 // another size is better than a slide show, unless a size was asked for
		if !o.Size.Empty() {
			v -= 1e6 - 1e4
		}
	}
	return v + 1e3*short + float64(m.Width*m.Height)*cost(m.FrameFormat)*rate/1e9
}

// sizeDistance is 0 for the size asked for, and grows with the difference; on demand it is less than 1 for all that are
// large enough, the smallest first.
func sizeDistance(s frame.Size, o Options) float64 {
	if !o.Size.Empty() {
		return math.Abs(math.Log(float64(s.W)/float64(o.Size.W))) + math.Abs(math.Log(float64(s.H)/float64(o.Size.H)))
	}
	box := o.Box
	if box.Empty() {
		box = frame.Size{W: 640, H: 480}
	}
	// Tiny modes are often crops: the box is 320x180 at least, so that a mode that fills it is preferred.
	box = frame.Size{W: max(box.W, 320), H: max(box.H, 180)}
	fills := max(float64(s.W)/float64(box.W), float64(s.H)/float64(box.H))
	if whole := min(float64(s.W)/float64(box.W), float64(s.H)/float64(box.H)); whole >= 1 {
		return math.Log(fills) / 100
	}
	if fills >= 1 {
		return .1 + math.Log(fills)/100 // fills the box one way: as large as the aspect lets it be
	}
	return 1 - math.Log(fills)
}

func noteOf(m prop.Media, o Options, fps float64) string {
	switch s := sizeOf(m); {
	case !o.Size.Empty() && s != o.Size:
		return fmt.Sprintf("the camera has no %dx%d: %dx%d is the nearest it has", o.Size.W, o.Size.H, s.W, s.H)
	case m.FrameRate > 0 && float64(m.FrameRate) < fps*.95:
		return fmt.Sprintf("the camera does at most %g pictures a second at %dx%d", m.FrameRate, s.W, s.H)
	}
	return ""
}

// listModes returns what a device offers, for people: one entry for each format and size, the smallest first.
func listModes(all []prop.Media) []Mode {
	type key struct {
		format string
		w, h   int
	}
	rates := map[key][]float64{}
	for _, m := range all {
		k := key{string(m.FrameFormat), m.Width, m.Height}
		if rates[k] == nil {
			rates[k] = []float64{}
		}
		if m.FrameRate > 0 {
			rates[k] = append(rates[k], math.Round(float64(m.FrameRate)*1000)/1000)
		}
	}
	modes := make([]Mode, 0, len(rates))
	for k, fps := range rates {
		sort.Sort(sort.Reverse(sort.Float64Slice(fps)))
		modes = append(modes, Mode{Format: k.format, Width: k.w, Height: k.h, FPS: fps})
	}
	sort.Slice(modes, func(i, j int) bool {
		a, b := modes[i], modes[j]
		if a.Width*a.Height != b.Width*b.Height {
			return a.Width*a.Height < b.Width*b.Height
		}
		return a.Format < b.Format
	})
	return modes
}
