package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"acip/capture/internal/fail"
	"acip/capture/internal/format"
	"acip/capture/internal/imagefile"
	"acip/capture/internal/turn"
)

// maxImageFile is the longest image file that is held in memory: a raw picture of the largest size read takes 108 MB.
const maxImageFile = 256 << 20

// opening is bytes whose format is not known yet. Files, pipes and standard input all become sources by way of it, so
// that the same bytes are the same picture wherever they come from. The format is decided by content alone, and the
// bytes of a pipe are read once.
type opening struct {
	in   *input
	file *os.File // a regular file at its start, which can be read again; nil for pipes
	path string   // of the file, empty for standard input
	name string   // for people
	o    Options

	stdin bool // the bytes are those of standard input
}

// open makes a source of the bytes. Unless the source keeps the input, it is closed.
func (p *opening) open(ctx context.Context) (Source, error) {
	var kind format.Kind
	err := p.in.during(ctx, func() (err error) {
		kind, err = sniff(p.in)
		return err
	})
	if err != nil {
		_ = p.in.Close()
		if ctx.Err() != nil || errors.Is(err, ErrClosed) {
			return nil, err
		}
		return nil, fileError(p.name, err)
	}
	switch {
	case kind == format.Y4M:
		return p.openY4M(ctx)
	case kind == format.JPEG && p.file == nil:
		return p.openMotion(ctx)
	case kind == format.Other:
		return p.openOther(ctx)
	}
	return p.openImage(ctx, kind)
}

// openImage reads an image file whole.
func (p *opening) openImage(ctx context.Context, kind format.Kind) (Source, error) {
	if kind == format.JPEG && p.longFile() {
		return p.openMotion(ctx)
	}
	defer p.in.Close()
	data, err := p.all(ctx)
	if err != nil {
		return nil, err
	}
	if kind == format.JPEG && imagefile.IsMotionJPEG(data) {
		p.in = newInput(&lifecycle{}, bytes.NewReader(data))
		return p.openMotion(ctx)
	}
	src, err := imageSource(ctx, data, kind, p.name, p.o)
	if KindOf(err) != TooLarge {
		return src, err
	}
	if size := imagefile.Size(data, kind); size.W*size.H <= fail.MaxScaledPixels {
		if src, serr := openFFmpeg(ctx, &ffmpegInput{name: p.name, stdin: bytes.NewReader(data), alpha: true, shrink: true}, p.o); serr == nil {
			return src, nil
		}
	}
	return nil, err
}

// longFile reports whether it is a file beyond what is held in memory.
func (p *opening) longFile() bool {
	if p.file == nil {
		return false
	}
	st, err := p.file.Stat()
	return err == nil && st.Size() > maxImageFile
}

// all returns the rest of the input.
func (p *opening) all(ctx context.Context) (data []byte, err error) {
	err = p.in.during(ctx, func() error {
		for err == nil && len(data) <= maxImageFile {
			var n int
			if len(data) == cap(data) {
				data = append(make([]byte, 0, max(2*cap(data), inputBuffer)), data...)
			}
			n, err = p.in.Reader.Read(data[len(data):cap(data)])
			data = data[:len(data)+n]
		}
		return err
	})
	switch {
	case len(data) > maxImageFile:
		return nil, &Error{Op: "open", Kind: TooLarge, Msg: fmt.Sprintf("%s is longer than %d MB", p.name, maxImageFile>>20), Hint: "make it smaller"}
	case err == nil || errors.Is(err, io.EOF):
		return data, nil
	case ctx.Err() != nil || errors.Is(err, ErrClosed):
		return nil, err
	}
	return nil, fileError(p.name, err)
}

// openY4M makes a source of a y4m stream.
func (p *opening) openY4M(ctx context.Context) (Source, error) {
	s := &stream{in: p.in}
	s.in.lifecycle = &s.lifecycle
	if p.file != nil && p.o.Loop {
		s.rewind = func() (io.Reader, error) {
			_, err := p.file.Seek(0, io.SeekStart)
			return p.file, err
		}
	}
	err := s.begin(ctx, p.name, p.o)
	if err == nil && !p.o.Ends {
		err = s.learnWhetherStill(ctx, p.o, p.file != nil)
	}
	if err != nil {
		_ = p.in.Close()
		return nil, err
	}
	return s, nil
}

// openMotion makes a source of JPEGs that follow each other, of which there may be one alone.
func (p *opening) openMotion(ctx context.Context) (Source, error) {
	m := newMotion(p.in, p.name, p.o)
	_, inMemory := p.in.under.(*bytes.Reader)
	if err := m.learnWhetherStill(ctx, inMemory || p.file != nil); err != nil {
		_ = p.in.Close()
		return nil, err
	}
	return m, nil
}

// openOther lets ffmpeg read what we do not.
func (p *opening) openOther(ctx context.Context) (Source, error) {
	head, _ := p.in.Peek(p.in.Buffered())
	in := &ffmpegInput{name: p.name, tellHow: p.stdin, alpha: !format.IsFilm(head), still: !format.IsFilm(head)}
	var upright turn.Turn
	if format.IsAVIF(head) {
		upright, in.upright = imagefile.AVIFTurn(head), true
	}
	switch demuxer := format.ImageDemuxer(head); {
	case demuxer != "":
		return p.openForeign(ctx, in, demuxer)
	case p.file != nil && p.path != "" && (plainName(p.path) || runtime.GOOS == "windows"):
		_ = p.in.Close()
		in.url = "file:" + p.path
	case p.file != nil:
		defer p.in.Close()
		if _, err := p.file.Seek(0, io.SeekStart); err != nil {
			return nil, fileError(p.name, err)
		}
		in.file = p.file
	case format.NeedsSeeking(head):
		defer p.in.Close()
		f, err := p.spool(ctx)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in.file = f
	default:
		in.stdin, in.closer = p.in, p.in
	}
	src, err := openFFmpeg(ctx, in, p.o)
	if err != nil {
		return nil, err
	}
	return turned(src, upright), nil
}

// openForeign lets ffmpeg read one image of a kind that it is told.
func (p *opening) openForeign(ctx context.Context, in *ffmpegInput, demuxer string) (Source, error) {
	defer p.in.Close()
	data, err := p.all(ctx)
	if err != nil {
		return nil, err
	}
	in.stdin, in.length, in.demuxer = bytes.NewReader(data), len(data), demuxer
	return openFFmpeg(ctx, in, p.o)
}

// maxSpool is the longest film that is kept in the file system because ffmpeg must jump about in it.
const maxSpool = 4 << 30

// spool copies a pipe into a file that has no name any more.
func (p *opening) spool(ctx context.Context) (*os.File, error) {
	f, err := os.CreateTemp("", "acip-film-*")
	if err != nil {
		return nil, fileError(p.name, err)
	}
	_ = os.Remove(f.Name()) // where a file in use cannot be removed it stays for the system to clean up
	var n int64
	err = p.in.during(ctx, func() error {
		n, err = io.Copy(f, io.LimitReader(p.in.Reader, maxSpool+1))
		return err
	})
	if err == nil && n > maxSpool {
		err = &Error{Op: "open", Kind: TooLarge, Msg: fmt.Sprintf("%s is longer than %d GB", p.name, maxSpool>>30), Hint: "write it into a file, and name that"}
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// imageSource makes a source of an image file.
func imageSource(ctx context.Context, data []byte, kind format.Kind, name string, o Options) (Source, error) {
	var film imagefile.Film
	var err error
	switch kind {
	case format.GIF:
		film, err = imagefile.ParseGIF(data)
		if err != nil {
			return nil, imagefile.Damaged(name, err)
		}
	case format.PNG:
		film = imagefile.ParseAPNG(data)
	case format.WebP:
		film = imagefile.ParseWebP(data)
	}
	if kind == format.GIF || len(film.Pictures) > 1 {
		return newAnimation(film, name, o)
	}
	s := newStill(name, o)
	if err := (&imagefile.File{Data: data, Kind: kind, Name: name, Foreign: ffmpegStill}).Decode(ctx, &s.whole); err != nil {
		return nil, err
	}
	s.start(o)
	return s, nil
}
