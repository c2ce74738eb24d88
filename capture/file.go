package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// maxImageFile is the longest GIF, PNG or JPEG that is read: they are held in memory.
const maxImageFile = 256 << 20

// openFile finds out what a file is by its first bytes.
func openFile(ctx context.Context, path string, o Options) (Source, error) {
	if strings.Contains(path, "://") {
		return openFFmpeg(ctx, path, path, o)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		_ = f.Close()
		return nil, &Error{Op: "open", Kind: Usage, Msg: path + " is a folder", Hint: "name a file in it"}
	}
	s := &stream{}
	in := newInput(&s.life, f, f)
	kind, err := sniff(in)
	if err != nil {
		_ = f.Close()
		return nil, fileError(path, err)
	}
	switch kind {
	case kindY4M:
		s.in = in
		if o.Loop {
			s.rewind = func() (io.Reader, error) {
				_, err := f.Seek(0, io.SeekStart)
				return f, err
			}
		}
		if err := s.begin(ctx, path, o); err != nil {
			_ = f.Close()
			return nil, err
		}
		return s, nil
	case kindOther:
		_ = f.Close()
		return openFFmpeg(ctx, path, "file:"+path, o)
	}
	defer f.Close()
	return openImage(in, kind, path, o)
}

// openImage reads a GIF or a still whole.
func openImage(r io.Reader, kind fileKind, name string, o Options) (Source, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxImageFile+1))
	if err != nil {
		return nil, fileError(name, err)
	}
	if len(data) > maxImageFile {
		return nil, &Error{Op: "open", Kind: TooLarge, Msg: fmt.Sprintf("%s is longer than %d MB", name, maxImageFile>>20), Hint: "make it smaller"}
	}
	if kind == kindGIF {
		return newAnimation(data, name, o)
	}
	return newStill(data, name, o)
}

type fileKind uint8

const (
	kindOther fileKind = iota
	kindY4M
	kindGIF
	kindStill
)

// sniff looks at the first bytes without taking them.
func sniff(in *input) (fileKind, error) {
	head, err := in.Peek(len(y4mMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	switch {
	case len(head) == 0:
		return 0, errEmpty
	case bytes.HasPrefix(head, []byte(y4mMagic)):
		return kindY4M, nil
	case bytes.HasPrefix(head, []byte("GIF8")):
		return kindGIF, nil
	case bytes.HasPrefix(head, []byte("\x89PNG")), bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return kindStill, nil
	}
	return kindOther, nil
}

var errEmpty = errors.New("capture: empty file")

func fileError(name string, err error) error {
	e := &Error{Op: "open", Err: err}
	switch {
	case errors.Is(err, errEmpty):
		e.Kind, e.Msg, e.Hint = BadData, name+" is empty", "see whether what makes it failed"
	case errors.Is(err, fs.ErrNotExist):
		e.Kind, e.Msg, e.Hint = Missing, "there is no file "+strconv.Quote(name), "see that the path is right from "+workingFolder()
	case errors.Is(err, fs.ErrPermission):
		e.Kind, e.Msg, e.Hint = Permission, "no permission to read "+name, "ls -l "+strconv.Quote(name)+" shows who may"
	default:
		e.Msg = "cannot read " + name + ": " + plain(err)
	}
	return e
}

// plain is the cause of a file system error alone.
func plain(err error) string {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func workingFolder() string {
	if dir, err := os.Getwd(); err == nil {
		return dir
	}
	return "here"
}
