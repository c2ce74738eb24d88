package screen

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"time"

	"acip/frame"
	"acip/internal/call"
	"acip/internal/term"
	"acip/internal/ui"
	"acip/render"
)

// recorder writes what the screen shows into files. All but its goroutines belongs to the screen's.
//
// A recording is drawn on a canvas of its own: as characters, whatever the terminal shows, since no player shows
// pictures in pixels; and in as many bytes as a file should have, not as the terminal takes.
type recorder struct {
	file    *os.File
	cast    *ui.CastWriter
	canvas  *render.Canvas
	text    []byte
	next    time.Time // before then nothing is written
	looked  time.Time // when the file was last seen under its name
	err     error     // why the recording cannot go on
	pending bool      // the last piece did not hold all that differed

	group sync.WaitGroup // snapshots that are being written
	mu    sync.Mutex
	lost  error // the first failure of all
}

// RecordFormats lists the formats of recordings, the default first.
func RecordFormats() []string { return ui.CastVersionNames() }

// ParseRecordFormat reads one of RecordFormats; "" is the default.
func ParseRecordFormat(name string) (ui.CastVersion, error) { return ui.ParseCastVersion(name) }

// Pacing of recordings.
const (
	// recordInterval is the least time between two pieces of a recording.
	recordInterval = time.Second / 15
	// recordBudget is the most bytes of a piece, about: 15 of them a second are 360 kB/s, in the file about 500 kB/s.
	recordBudget = 24 << 10
	// lookInterval is how often to check that a recording's file still exists.
	lookInterval = time.Second
)

// wait ends when all snapshots are written and returns the first failure, of recordings too.
func (r *recorder) wait() error {
	r.group.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost == nil {
		return nil
	}
	return &call.UnwrittenError{Err: r.lost}
}

// fail keeps the first failure for the end of the program. It is safe for concurrent use.
func (r *recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost == nil {
		r.lost = err
	}
}

// start records into a new file from now on.
func (r *recorder) start(path string, cfg ui.CastConfig, style render.Style) error {
	f, err := createFile(path)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	w := &wholeWriter{file: f}
	c, err := ui.NewCastWriter(w, cfg)
	if err == nil {
		err = c.Output(cfg.Start, []byte(term.Prelude))
	}
	if err != nil {
		_ = errors.Join(f.Close(), os.Remove(path)) // the cause is known; nothing is in it
		return fmt.Errorf("record: %w", err)
	}
	r.file, r.cast, r.err, r.next, r.looked, r.pending = f, c, nil, cfg.Start, cfg.Start, false
	r.canvas = render.NewCanvas(cfg.Cols, cfg.Rows, recordStyle(style))
	r.canvas.Budget(recordBudget)
	return nil
}

// recordStyle returns a style for files: characters and sequences that other terminals and players know too.
func recordStyle(s render.Style) render.Style {
	if s.Graphics == render.Kitty || s.Graphics == render.Sixel {
		s.Graphics = render.Cells
		if s.Glyphs != render.ASCII { // chosen for a terminal that draws no characters
			s.Glyphs = render.Half
		}
	}
	s.Sync, s.Repeat, s.Tmux = false, false, false
	return s
}

// wholeWriter writes into a file so that what a failed Write left of its bytes is taken back.
type wholeWriter struct {
	file *os.File
	size int64
}

// Write writes all of b or nothing.
func (w *wholeWriter) Write(b []byte) (int, error) {
	n, err := w.file.Write(b)
	if err != nil {
		_ = w.file.Truncate(w.size) // if that fails too, a player stops at the half line
		return 0, err
	}
	w.size += int64(n)
	return n, nil
}

func (r *recorder) on() bool { return r.file != nil }

// frame records what its canvas has been drawn with; an error is kept in err.
func (r *recorder) frame(now time.Time) {
	if !r.on() || r.err != nil {
		return
	}
	if now.Before(r.next) {
		r.pending = true
		return
	}
	r.text = r.canvas.Append(r.text[:0])
	r.pending = len(r.text) > 0
	r.next = now.Add(recordInterval)
	r.err = r.cast.Output(now, r.text)
	if now.Sub(r.looked) >= lookInterval {
		r.looked = now
		r.err = errors.Join(r.err, r.present())
	}
}

// present reports a recording whose file was removed or replaced: what is written into it is lost.
func (r *recorder) present() error {
	mine, err := r.file.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(r.file.Name())
	if err != nil {
		return fmt.Errorf("its file was removed: %w", err)
	}
	if !os.SameFile(mine, there) {
		return errors.New("its file was replaced by another")
	}
	return nil
}

func (r *recorder) resize(cols, rows int, now time.Time) {
	if r.on() && r.err == nil {
		r.canvas.Resize(cols, rows)
		r.err = r.cast.Resize(now, cols, rows)
	}
}

// stop ends the recording, if there is one.
func (r *recorder) stop(now time.Time) error {
	if !r.on() {
		return nil
	}
	err := r.err
	if err == nil {
		r.text = r.canvas.Append(r.text[:0])
		err = errors.Join(r.cast.Output(now, r.text), r.present())
	}
	if err == nil {
		err = r.cast.End(now)
	}
	err = errors.Join(err, r.file.Close())
	r.file, r.cast, r.canvas, r.err, r.pending = nil, nil, nil, nil, false
	return err
}

// capturePath returns a new path for a snapshot or a recording, without its extension.
func capturePath(cfg Config, now time.Time) (string, error) {
	dir := cfg.OutDir
	if dir == "" {
		dir = cfg.StateDir
	}
	if dir == "" {
		return "", errors.New("no place for files: neither XDG_STATE_HOME nor HOME is set")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Join(dir, "acip-"+now.Format("20060102-150405.000")), nil
}

// createFile never overwrites what a person has kept.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// record starts or stops the recording and says where it is.
func (s *screen) record() {
	now := time.Now()
	if s.capture.on() {
		name := s.capture.file.Name()
		if s.endRecording(now) {
			s.report("recorded "+name, "play it: acip-client play "+name, nil)
		}
		return
	}
	path, err := capturePath(s.cfg, now)
	if err == nil {
		size := s.canvas.Size()
		cfg := ui.CastConfig{Version: s.cfg.RecordFormat, Cols: size.W, Rows: size.H, Title: "acip", Start: now}
		err = s.capture.start(path+".cast", cfg, s.canvas.Style())
	}
	if err != nil {
		s.capture.fail(err)
		s.report("", "", err)
		return
	}
	s.kept = append(s.kept, path+".cast")
	s.model.Update(ui.Recording{On: true}, now)                            // which draws everything, on the recording's canvas too
	s.push(ui.Notice{Text: "recording", Hint: "r stops", Topic: "record"}) // briefly: the status line says it too
}

// endRecording ends the recording, if there is one, and reports whether all of it is in its file; if not, it says so.
func (s *screen) endRecording(now time.Time) (whole bool) {
	if !s.capture.on() {
		return true
	}
	err := s.capture.stop(now)
	s.model.Update(ui.Recording{}, now)
	if err == nil {
		return true
	}
	err = fmt.Errorf("recording stopped: %w", err)
	s.capture.fail(err)
	s.report("", "", err)
	return false
}

// report tells the person what was done, or why it was not.
func (s *screen) report(done, hint string, err error) {
	if err != nil {
		s.push(ui.Notice{Text: err.Error(), Serious: true})
		return
	}
	s.push(ui.Notice{Text: done, Hint: hint})
}

// snapshot writes the screen as it is, as lines of text that cat and less show, and as pixels. The encoding takes
// longer than a key may wait for.
func (s *screen) snapshot() {
	path, err := capturePath(s.cfg, time.Now())
	if err != nil {
		s.report("", "", err)
		return
	}
	text := s.lines()
	picture := s.model.Snapshot(s.canvas.Style().CellSize())
	s.capture.group.Go(func() {
		err := writeFile(path+".ans", func(f *os.File) error {
			_, err := f.Write(text)
			return err
		})
		kept := path + ".ans"
		if picture != nil && err == nil {
			kept = path + ".png"
			err = writeFile(kept, func(f *os.File) error { return png.Encode(f, frameImage{picture}) })
		}
		if err != nil {
			s.capture.fail(err)
		}
		s.report("snapshot "+kept, "", err)
	})
}

// lines returns the screen as lines of text, in characters even if the terminal shows pixels.
func (s *screen) lines() []byte {
	if g := s.canvas.Style().Graphics; g != render.Kitty && g != render.Sixel {
		return s.canvas.AppendLines(nil)
	}
	size := s.canvas.Size()
	c := render.NewCanvas(size.W, size.H, recordStyle(s.canvas.Style()))
	s.model.Redraw()
	s.model.Draw(c, time.Now())
	s.model.Redraw()
	return c.AppendLines(nil)
}

func writeFile(path string, write func(*os.File) error) error {
	f, err := createFile(path)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		_ = os.Remove(path) // a part of a picture is of no use
		return fmt.Errorf("snapshot %s: %w", path, err)
	}
	return nil
}

// frameImage makes a frame an image.Image.
type frameImage struct{ *frame.Frame }

// ColorModel implements image.Image: RGB without transparency.
func (f frameImage) ColorModel() color.Model { return color.RGBAModel }

// Bounds implements image.Image: the frame's size, from the origin.
func (f frameImage) Bounds() image.Rectangle { return image.Rect(0, 0, f.Width, f.Height) }

// Opaque lets the encoder leave the alpha channel out.
func (f frameImage) Opaque() bool { return true }

// At implements image.Image.
func (f frameImage) At(x, y int) color.Color {
	p := f.Row(y)[3*x:]
	return color.RGBA{R: p[0], G: p[1], B: p[2], A: 255}
}
