package client

import (
	"errors"
	"os"
	"strings"

	"acip/capture"
	"acip/codec"
	"acip/frame"
	"acip/internal/fault"
	"acip/internal/screen"
	"acip/internal/term"
	"acip/render"
)

// Offers lists the values that flags accept in this build.
type Offers struct {
	Codecs   []string          // auto first, then best first
	Missing  map[string]string // codecs that this build lacks: why, and what to do
	Glyphs   []string
	Graphics []string
	Colors   []string
	Filters  []string
	Records  []string // formats of recordings, the default first
	Sources  []string // as they are typed, for help texts
}

// Offered returns what this build supports.
func Offered() Offers {
	o := Offers{
		Codecs: append([]string{"auto"}, codec.Names()...), Missing: map[string]string{}, Sources: append(capture.Kinds(), "none"),
		Glyphs: render.GlyphNames(), Graphics: render.GraphicsNames(), Colors: render.ColorNames(),
		Filters: render.FilterNames(), Records: screen.RecordFormats(),
	}
	for id, why := range codec.Missing() {
		o.Missing[id.String()] = why
	}
	return o
}

// CheckSource refuses a --source that is none of the kinds there are.
func CheckSource(text string) error {
	if text == "none" {
		return nil
	}
	_, err := capture.ParseSpec(text)
	var bad *capture.Error
	if errors.As(err, &bad) && strings.HasPrefix(bad.Hint, "sources are ") {
		return &fault.Usage{Text: bad.Msg, Remedy: "sources are " + strings.Join(Offered().Sources, ", ")}
	}
	return err
}

// ParseFit reads a name that ParseFit of frame knows; any other is contain.
func ParseFit(name string) frame.Fit {
	fit, err := frame.ParseFit(name)
	if err != nil {
		return frame.Contain
	}
	return fit
}

// FullScreen reports whether an output will draw on the terminal.
func FullScreen(output string, stdout *os.File) bool {
	return output == "tty" || output == "auto" && stdout != nil && term.IsTerminal(stdout)
}
