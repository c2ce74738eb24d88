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
	"acip/internal/term"
	"acip/internal/ui"
)

// recorder writes what the screen shows into files. All but its goroutines belongs to the screen's.
type recorder struct {
	file  *os.File
	cast  *ui.CastWriter
	err   error
	group sync.WaitGroup
}

// wait ends when all snapshots are written.
func (r *recorder) wait() { r.group.Wait() }

// start records into a new file from now on.
func (r *recorder) start(path string, cols, rows int, now time.Time) error {
	f, err := createFile(path)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	r.file, r.err = f, nil
	if r.cast, err = ui.NewCastWriter(f, cols, rows, "acip", now); err != nil {
		return errors.Join(fmt.Errorf("record: %w", err), r.stop())
	}
	r.err = r.cast.Output(now, []byte(term.Prelude))
	return nil
}

func (r *recorder) on() bool { return r.file != nil }

// frame records the bytes of one frame; an error is kept for stop.
func (r *recorder) frame(b []byte, now time.Time) {
	if r.on() && r.err == nil {
		r.err = r.cast.Output(now, b)
	}
}

func (r *recorder) resize(cols, rows int, now time.Time) {
	if r.on() && r.err == nil {
		r.err = r.cast.Resize(now, cols, rows)
	}
}

// stop ends the recording, if there is one.
func (r *recorder) stop() error {
	if !r.on() {
		return nil
	}
	var err error
	if r.cast != nil {
		err = r.cast.Close()
	}
	err = errors.Join(r.err, err, r.file.Close())
	r.file, r.cast, r.err = nil, nil, nil
	return err
}

// capturePath is a new file's place for a snapshot or a recording, without its ending.
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
		s.model.Update(ui.Recording{}, now)
		s.report("recorded "+name, "play it: acip-client play "+name, s.capture.stop())
		return
	}
	path, err := capturePath(s.cfg, now)
	if err == nil {
		size := s.canvas.Size()
		err = s.capture.start(path+".cast", size.W, size.H, now)
	}
	if err == nil {
		s.kept = append(s.kept, path+".cast")
		s.model.Update(ui.Recording{On: true}, now)
		s.canvas.Invalidate() // a recording begins with a whole screen
	}
	if err != nil {
		s.report("", "", err)
		return
	}
	s.push(ui.Told{Text: "recording", Hint: "r stops", Topic: "record"}) // briefly: the status line says it too
}

// report tells the person what was done, or why it was not.
func (s *screen) report(done, hint string, err error) {
	if err != nil {
		s.push(ui.Told{Text: err.Error(), Serious: true})
		return
	}
	s.push(ui.Told{Text: done, Hint: hint})
}

// snapshot writes the screen as it is, as lines of text that cat and less show, and as pixels. The encoding takes longer than a key may wait for.
func (s *screen) snapshot() {
	path, err := capturePath(s.cfg, time.Now())
	if err != nil {
		s.report("", "", err)
		return
	}
	text := s.canvas.AppendLines(nil)
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
		s.report("snapshot "+kept, "", err)
	})
}

func writeFile(path string, write func(*os.File) error) error {
	f, err := createFile(path)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("snapshot %s: %w", path, err)
	}
	return nil
}

// frameImage is a frame as the standard library sees pictures.
type frameImage struct{ *frame.Frame }

// ColorModel is RGB without transparency.
func (f frameImage) ColorModel() color.Model { return color.RGBAModel }

// Bounds is the picture's size from the origin.
func (f frameImage) Bounds() image.Rectangle { return image.Rect(0, 0, f.Width, f.Height) }

// Opaque lets the encoder leave the alpha channel out.
func (f frameImage) Opaque() bool { return true }

// At is one pixel.
func (f frameImage) At(x, y int) color.Color {
	p := f.Row(y)[3*x:]
	return color.RGBA{R: p[0], G: p[1], B: p[2], A: 255}
}
