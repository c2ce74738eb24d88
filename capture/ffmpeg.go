package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What ffmpeg makes of its pictures on the way. In y4m the matrix and range of the file become those of y4m. Red, green and
// blue have no tag there, so that they travel as the planes of 4:4:4: green, blue, red.
const (
	asYUV = "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p"
	asRGB = "format=rgb24,format=gbrp,mergeplanes=0x000102:yuv444p"
)

// openFFmpeg lets ffmpeg read what we cannot.
func openFFmpeg(ctx context.Context, name, url string, o Options) (Source, error) {
	filter := asYUV
	if o.RGB {
		filter = asRGB
	}
	args := []string{"-i", url, "-an", "-sn", "-dn", "-vf", filter}
	if o.Loop {
		args = append([]string{"-stream_loop", "-1"}, args...)
	}
	return runFFmpeg(ctx, name, "it says more by itself: ffmpeg -i "+strconv.Quote(name)+" -f null -", args, o)
}

// runFFmpeg makes a source of ffmpeg's output as y4m. hint helps where it fails.
func runFFmpeg(ctx context.Context, name, hint string, args []string, o Options) (Source, error) {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, &Error{
			Op: "open", Kind: Unsupported, Msg: "reading " + name + " takes ffmpeg, which is not installed",
			Hint: "sudo apt-get install ffmpeg, or brew install ffmpeg", Err: err,
		}
	}
	args = append([]string{"-nostdin", "-hide_banner", "-v", "error"}, args...)
	cmd := exec.Command(path, append(args, "-f", "yuv4mpegpipe", "-strict", "-1", "-")...)
	p := &program{cmd: cmd, name: name, hint: hint}
	cmd.Stderr = &p.last
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, &Error{Op: "open", Msg: "cannot start ffmpeg: " + err.Error(), Err: err}
	}
	if err := cmd.Start(); err != nil {
		return nil, &Error{Op: "open", Msg: "cannot start ffmpeg: " + err.Error(), Err: err, Hint: "see whether ffmpeg -version works"}
	}
	s := &stream{explain: p.explain}
	s.in = newInput(&s.life, out, p)
	if err := s.begin(ctx, name, o); err != nil {
		_ = p.Close()
		return nil, err
	}
	s.y4m.gbr = o.RGB
	return s, nil
}

// program is a running ffmpeg.
type program struct {
	cmd  *exec.Cmd
	name string
	hint string
	last lastLine
	once sync.Once
	err  error
}

// patience is how long a program whose output has ended, or a device's read after closing, may take to end itself.
const patience = 2 * time.Second

// reap waits for its end, once.
func (p *program) reap() error {
	p.once.Do(func() {
		late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
		defer late.Stop()
		p.err = p.cmd.Wait()
	})
	return p.err
}

// Close kills the program and waits for its end.
func (p *program) Close() error {
	_ = p.cmd.Process.Kill() // an error means that it has ended
	_ = p.reap()
	return nil
}

// explain turns the end of the output into what ffmpeg said about it.
func (p *program) explain(err error) error {
	if KindOf(err) == TooLarge || KindOf(err) == Unsupported {
		return err
	}
	failed := p.reap()
	if errors.Is(err, io.EOF) && failed == nil {
		return io.EOF
	}
	line := p.last.String()
	if line == "" && failed == nil {
		return err
	}
	if line == "" {
		line = failed.Error()
	}
	return &Error{
		Op: "read", Kind: BadData, Msg: fmt.Sprintf("ffmpeg cannot read %s: %s", p.name, line),
		Hint: p.hint, Err: failed,
	}
}

// lastLine keeps the last line that is written to it and is not empty.
type lastLine struct {
	mu   sync.Mutex
	line []byte // begun or whole
	done bool   // line has ended
}

const maxSaid = 400 // bytes of a line that are kept

// Write never fails.
func (l *lastLine) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range b {
		switch {
		case c == '\n' || c == '\r':
			l.done = true
		case l.done && len(bytes.TrimSpace([]byte{c})) > 0:
			l.line, l.done = append(l.line[:0], c), false
		case !l.done && len(l.line) < maxSaid:
			l.line = append(l.line, c)
		}
	}
	return len(b), nil
}

// String is the line, with control bytes as spaces.
func (l *lastLine) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, string(l.line))
	return strings.TrimSpace(clean)
}
