package client

import (
	"io"
	"os"
	"time"

	"acip/frame"
	"acip/internal/drawstyle"
	"acip/internal/fault"
	"acip/internal/screen"
	"acip/render"

	"github.com/rs/zerolog"
)

// Config configures a call, a render or a mirror. Its names follow the flags.
type Config struct {
	Address string // as typed; empty: localhost
	Room    string
	Name    string
	Agent   string // program and version, for HELLO
	Token   string // for a server that asks for one
	TLSCA   string // file of certificates to trust besides the system's

	Source       string // as --source; "none" sends nothing
	Camera       string // as --camera
	CameraNamed  bool   // the camera was chosen by the user: its absence is an error
	CaptureSize  frame.Size
	FPS          float64
	FPSSet       bool // FPS was chosen by the user
	Flip         string
	Rotate       string
	Loop         bool
	BT709        bool // the numbers of y4m, read and written, mean BT.709 instead of BT.601
	ViewOnly     bool
	SendOnly     bool
	StartPaused  bool
	Preview      bool   // a screen shows one's own picture first, and joins with a key
	Codec        string // auto, raw, jpeg, vp8
	Output       string // auto, tty, ansi, y4m, rgb, none
	Peer         string
	Size         frame.Size // cells or pixels; zero: not given
	Fit          frame.Fit
	Frames       int
	Duration     time.Duration
	Wait         bool
	NoReconnect  bool
	StatsFile    string
	Glyphs       string // as the flags; "auto" if not chosen
	Graphics     string
	Color        string
	Filter       string // area (default) or sharp
	Ramp         string // characters from dark to light; empty: by the glyphs
	Yes          bool
	NoUI         bool   // plain lines instead of a screen
	OutDir       string // where snapshots and recordings go; empty: StateDir
	RecordFormat string // v2 (default) or v3
	Playing      screen.PlayOptions
	StateDir     string // where a crash leaves its report; empty: nowhere
	ReplyTimeout time.Duration

	Stdin  io.Reader
	Stdout *os.File
	Stderr io.Writer
	Getenv func(string) string
	Log    zerolog.Logger
}

// wish returns the style that the flags ask for.
func (c Config) wish() (render.Style, error) {
	f := drawstyle.Flags{Glyphs: c.Glyphs, Graphics: c.Graphics, Color: c.Color, Filter: c.Filter, Ramp: c.Ramp}
	s, err := f.Wish()
	if err != nil {
		return s, &fault.Usage{Text: err.Error()}
	}
	return s, nil
}
