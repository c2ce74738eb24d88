package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"acip/capture/internal/format"
	"acip/frame"
)

// What ffmpeg makes of its pictures on the way. In y4m the matrix and range of the file become those of y4m. Red, green
// and blue have no tag there, so that they travel as the planes of 4:4:4: green, blue, red. Transparent pixels lie on
// black, as with our own readers: ffmpeg by itself would show the colours that are hidden in them.
const (
	asYUV      = "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p"
	asRGB      = "format=rgb24,format=gbrp,mergeplanes=0x000102:yuv444p"
	asYUVAlpha = "format=rgba,format=gbrap,premultiply=inplace=1,format=gbrp,scale=out_color_matrix=bt601:out_range=tv,format=yuv420p"
	asRGBAlpha = "format=rgba,format=gbrap,premultiply=inplace=1,format=gbrp,mergeplanes=0x000102:yuv444p"
)

// ffmpegInput is something for ffmpeg to read: an address, a file that is open, or a stream of bytes.
type ffmpegInput struct {
	name    string    // for people
	tellHow bool      // if it is nothing that ffmpeg reads, say how to make a stream; else how ffmpeg says more
	url     string    // an address or path
	file    *os.File  // instead: open, at its start
	stdin   io.Reader // instead: bytes
	demuxer string    // ffmpeg's name for the one image that stdin has; empty: found out by ffmpeg
	length  int       // bytes of it
	closer  io.Closer // closed with the source; may be nil
	alpha   bool      // it may have transparent pixels
	still   bool      // it is an image, or a short film: whether there is a second picture can be waited for
	shrink  bool      // make pictures beyond the limits smaller
	upright bool      // do not turn pictures by what the file says: that is done here
}

// args returns the arguments of ffmpeg up to the output.
func (in *ffmpegInput) args(o Options) []string {
	var args []string
	if in.upright {
		args = append(args, "-noautorotate")
	}
	switch {
	case in.file != nil:
		args = append(args, "-i", "/dev/fd/3")
	case in.demuxer != "":
		args = append(args, "-protocol_whitelist", "pipe", "-f", in.demuxer, "-frame_size", strconv.Itoa(in.length), "-i", "pipe:0")
	case in.stdin != nil:
		args = append(args, "-protocol_whitelist", "pipe", "-i", "pipe:0")
	default:
		args = append(args, "-i", in.url)
	}
	return append(args, "-an", "-sn", "-dn", "-vf", in.filter(o.RGB))
}

func (in *ffmpegInput) filter(rgb bool) string {
	filter := map[[2]bool]string{{false, false}: asYUV, {false, true}: asYUVAlpha, {true, false}: asRGB, {true, true}: asRGBAlpha}[[2]bool{rgb, in.alpha}]
	if in.shrink {
		ratio := fmt.Sprintf("min(1\\,min(sqrt(%d/(iw*ih))\\,%d/max(iw\\,ih)))", MaxPixels, MaxSide)
		filter = fmt.Sprintf("scale=w=trunc(iw*%[1]s):h=trunc(ih*%[1]s),", ratio) + filter
	}
	return filter
}

// openFFmpeg lets ffmpeg read what we cannot. in.closer is closed on an error as well.
func openFFmpeg(ctx context.Context, in *ffmpegInput, o Options) (Source, error) {
	s, err := startFFmpeg(ctx, in, in.args(o), o)
	if err != nil {
		return nil, err
	}
	s.y4m.SetGBR(o.RGB)
	if err := s.learnWhetherStill(ctx, o, in.still || in.file != nil || strings.HasPrefix(in.url, "file:")); err != nil {
		_ = s.in.Close()
		return nil, err
	}
	if !o.Loop || s.info.Still || in.stdin != nil {
		return s, nil
	}
	_ = s.in.Close()
	if in.file != nil {
		if _, err := in.file.Seek(0, io.SeekStart); err != nil {
			return nil, fileError(in.name, err)
		}
	}
	if s, err = startFFmpeg(ctx, in, append([]string{"-stream_loop", "-1"}, in.args(o)...), o); err != nil {
		return nil, err
	}
	s.y4m.SetGBR(o.RGB)
	return s, nil
}

func startFFmpeg(ctx context.Context, in *ffmpegInput, args []string, o Options) (*stream, error) {
	p := &program{name: in.name, hint: "ffmpeg itself says more: ffmpeg -i " + strconv.Quote(in.name) + " -f null -", input: in.closer}
	if in.tellHow {
		p.hint, p.reason = pipeTip, NotPictures
	}
	s, err := runFFmpeg(ctx, p, in, args, o)
	if err != nil && in.closer != nil {
		_ = in.closer.Close()
	}
	return s, err
}

// runFFmpeg makes a source of ffmpeg's output as y4m.
func runFFmpeg(ctx context.Context, p *program, in *ffmpegInput, args []string, o Options) (*stream, error) {
	o.BT709 = false // ffmpeg is asked for BT.601
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, &Error{
			Op: "open", Kind: Unsupported, Msg: "reading " + p.name + " takes ffmpeg, which is not installed",
			Hint: "sudo apt-get install ffmpeg, or brew install ffmpeg", Err: err,
		}
	}
	args = append([]string{"-nostdin", "-hide_banner", "-v", "error"}, args...)
	cmd := exec.Command(path, append(args, "-f", "yuv4mpegpipe", "-strict", "-1", "-")...)
	if in != nil && in.file != nil {
		cmd.ExtraFiles = []*os.File{in.file}
	} else if in != nil {
		cmd.Stdin = in.stdin
	}
	cmd.Stderr = &p.said
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, &Error{Op: "open", Msg: "cannot start ffmpeg: " + err.Error(), Err: err}
	}
	if err := cmd.Start(); err != nil {
		return nil, &Error{Op: "open", Msg: "cannot start ffmpeg: " + err.Error(), Err: err, Hint: "see whether ffmpeg -version works"}
	}
	p.cmd = cmd
	s := &stream{explain: p.explain}
	s.in = newInput(&s.lifecycle, out, p)
	if err := s.begin(ctx, p.name, o); err != nil {
		_ = p.Close()
		return nil, err
	}
	return s, nil
}

// ffmpegStill lets ffmpeg decode an image that our own decoders gave up on, into dst.
func ffmpegStill(ctx context.Context, dst *frame.Frame, data []byte, name string) error {
	in := &ffmpegInput{name: name, stdin: bytes.NewReader(data), demuxer: format.ImageDemuxer(data), length: len(data), alpha: true, upright: true, shrink: true}
	s, err := startFFmpeg(ctx, in, in.args(Options{RGB: true}), Options{Fast: true})
	if err != nil {
		return err
	}
	defer s.in.Close()
	s.y4m.SetGBR(true)
	return s.Read(ctx, dst, frame.Size{})
}

// program is a running ffmpeg.
type program struct {
	cmd    *exec.Cmd
	name   string
	hint   string
	reason Reason
	input  io.Closer // what it reads from, if that is ours; may be nil
	said   reason
	once   sync.Once
	err    error
}

// patience is how long a program whose output has ended, or a device's read after closing, may take to end itself.
const patience = 2 * time.Second

// reap waits for its end, once.
func (p *program) reap() error {
	p.once.Do(func() {
		late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
		defer late.Stop()
		if p.input != nil {
			defer p.input.Close()
		}
		p.err = p.cmd.Wait()
	})
	return p.err
}

// Close kills the program and waits for its end.
func (p *program) Close() error {
	_ = p.cmd.Process.Kill() // an error means that it has ended
	if p.input != nil {
		_ = p.input.Close() // ends the copying of what it was given
	}
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
	line := p.said.String()
	if line == "" && failed == nil {
		return err
	}
	if line == "" {
		line = failed.Error()
	}
	return &Error{
		Op: "read", Kind: BadData, Msg: fmt.Sprintf("ffmpeg cannot read %s: %s", p.name, line),
		Hint: p.hint, Reason: p.reason, Err: failed,
	}
}

// reason keeps the first line that is written to it and says why something failed. What ffmpeg adds later is about the
// consequences: "Error marking filters as finished".
type reason struct {
	mu    sync.Mutex
	lines []string // whole ones
	line  []byte   // begun
}

const (
	maxSaid      = 400 // bytes of a line that are kept
	maxSaidLines = 16  // of which the first that says why is shown
)

// Write never fails.
func (l *reason) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range b {
		switch {
		case c == '\n' || c == '\r':
			l.end()
		case len(l.line) < maxSaid:
			l.line = append(l.line, c)
		}
	}
	return len(b), nil
}

func (l *reason) end() {
	if line := cleaned(l.line); line != "" && len(l.lines) < maxSaidLines {
		l.lines = append(l.lines, line)
	}
	l.line = l.line[:0]
}

// String returns the first line that says why, with control bytes as spaces and without the addresses that ffmpeg puts
// first.
func (l *reason) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
	for _, line := range l.lines {
		if !strings.Contains(line, "overread") && !strings.HasPrefix(line, "Last message repeated") {
			return line
		}
	}
	return strings.Join(l.lines, "; ")
}

// cleaned returns a line without what ffmpeg puts before those of a part of it: "[webp @ 0x5634] " becomes "webp: ".
func cleaned(line []byte) string {
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, string(line))
	if part, rest, ok := strings.Cut(text, "] "); ok && strings.HasPrefix(part, "[") {
		if part, _, ok := strings.Cut(part[1:], " @ 0x"); ok {
			text = part + ": " + rest
		}
	}
	return strings.TrimSpace(text)
}
