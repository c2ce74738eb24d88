package term

import "strings"

// Color is the colour depth of a terminal.
type Color uint8

// The depths, poorest first.
const (
	Mono Color = iota
	Color16
	Color256
	Truecolor
)

// String returns the depth as the --color flag spells it.
func (c Color) String() string {
	return [...]string{"mono", "16", "256", "truecolor"}[min(int(c), 3)]
}

// MarshalText makes reports read like flags.
func (c Color) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Caps is what a terminal can do, as far as is known: guessed from the environment at first, then corrected by its own
// answers.
type Caps struct {
	// Term is $TERM; Name what the terminal calls itself when asked.
	Term string `json:"term"`
	Name string `json:"name,omitempty"`
	// Multiplexer is "tmux", "screen" or empty.
	Multiplexer string `json:"multiplexer,omitempty"`
	// Dumb terminals understand no escape sequences at all.
	Dumb bool `json:"dumb"`
	// UTF8 says that characters beyond ASCII may be written.
	UTF8  bool  `json:"utf8"`
	Color Color `json:"color"`
	// NoColor says that the person asked for no colours, so that answers about colour change nothing.
	NoColor bool `json:"no_color"`
	// Kitty and Sixel are graphics protocols that the terminal said yes to.
	Kitty bool `json:"kitty"`
	Sixel bool `json:"sixel"`
	// Sync is synchronized update, mode 2026.
	Sync bool `json:"sync"`
	// WideBlocks says that block glyphs take two cells, as in fonts for East Asian scripts: pictures are then made of
	// ASCII.
	WideBlocks bool `json:"wide_blocks"`
	// NoSextants and NoOctants say that it drops these glyphs, or draws them in another width: its tables are older
	// than Unicode 13 or 16.
	NoSextants bool `json:"no_sextants"`
	NoOctants  bool `json:"no_octants"`
	// CellWidth and CellHeight are pixels; 0 when unknown.
	CellWidth  int `json:"cell_width,omitempty"`
	CellHeight int `json:"cell_height,omitempty"`
	// Background is the colour behind text, "#rrggbb", empty when unknown; Light says that it is nearer to white.
	Background string `json:"background,omitempty"`
	Light      bool   `json:"light"`
	// Answered says that the terminal answered the last question.
	Answered bool `json:"answered"`
	// Sources says for each field, by its JSON name, how it was learnt.
	Sources map[string]string `json:"sources,omitempty"`

	probes int // cursor reports that have come
}

// Guess returns what the environment says about a terminal, before it is asked. NO_COLOR counts with any value but the
// empty one (https://no-color.org).
func Guess(getenv func(string) string) Caps {
	name := getenv("TERM")
	return Caps{
		Term:        name,
		Dumb:        name == "" || name == "dumb",
		UTF8:        utf8Locale(getenv),
		Multiplexer: multiplexer(getenv),
		Color:       guessColor(getenv),
		NoColor:     getenv("NO_COLOR") != "",
		Light:       lightColors(getenv("COLORFGBG")),
		NoOctants:   multiplexer(getenv) != "",
		Sources:     map[string]string{"utf8": "environment", "color": "environment"},
	}
}

// lightColors reads COLORFGBG, ink;background as indices, which rxvt and konsole set: 7 and 15 are white.
func lightColors(list string) bool {
	return strings.HasSuffix(list, ";7") || strings.HasSuffix(list, ";15")
}

// utf8Locale follows POSIX: LC_ALL before LC_CTYPE before LANG. Where none is set, only Windows and macOS are sure to
// be UTF-8.
func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return utf8WithoutLocale
}

func multiplexer(getenv func(string) string) string {
	name := getenv("TERM")
	switch {
	case getenv("TMUX") != "" || strings.HasPrefix(name, "tmux"):
		return "tmux"
	case getenv("STY") != "" || strings.HasPrefix(name, "screen"):
		return "screen"
	}
	return ""
}

func guessColor(getenv func(string) string) Color {
	name := getenv("TERM")
	deep := getenv("COLORTERM")
	switch {
	case getenv("NO_COLOR") != "" || name == "" || name == "dumb" || strings.HasSuffix(name, "-m") || strings.HasPrefix(name, "vt"):
		return Mono
	case multiplexer(getenv) == "screen":
		return Color256 // all else that the environment says is about the terminal around it
	case deep == "truecolor" || deep == "24bit" || deepTerm(name) || getenv("WT_SESSION") != "":
		return Truecolor
	case strings.Contains(name, "256color") || multiplexer(getenv) != "":
		return Color256
	}
	return Color16
}

// deepTerm lists names that only truecolor terminals use.
func deepTerm(name string) bool {
	if strings.HasSuffix(name, "-direct") || strings.Contains(name, "truecolor") {
		return true
	}
	for _, known := range []string{"xterm-kitty", "xterm-ghostty", "foot", "alacritty", "wezterm", "contour", "rio"} {
		if name == known || strings.HasPrefix(name, known+"-") {
			return true
		}
	}
	return false
}
