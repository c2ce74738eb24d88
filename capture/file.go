package capture

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// openFile opens what path names: a file, a pipe that has a name, standard input by one of its names, or an address
// that ffmpeg reads.
func openFile(ctx context.Context, path string, o Options) (Source, error) {
	switch path {
	case "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0":
		return openStdin(ctx, o) // a socket cannot be opened by these names
	}
	if strings.Contains(path, "://") {
		if _, err := os.Stat(path); err != nil {
			return openFFmpeg(ctx, &ffmpegInput{name: path, url: path}, o)
		}
	}
	f, err := openPath(ctx, path)
	if err != nil {
		return nil, err
	}
	p := &opening{name: path, path: path, o: o}
	st, err := f.Stat()
	switch {
	case err == nil && st.IsDir():
		_ = f.Close()
		return nil, &Error{Op: "open", Kind: Usage, Msg: path + " is a folder", Hint: "name a file in it"}
	case err == nil && st.Mode().IsRegular():
		p.file = f
	}
	p.in = newInput(&lifecycle{}, f, f)
	return p.open(ctx)
}

// openPath opens a file for reading. A pipe that has a name opens only when something opens its other end: ctx ends the
// wait.
func openPath(ctx context.Context, path string) (*os.File, error) {
	if st, err := os.Stat(path); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		f, err := os.Open(path)
		if err != nil {
			return nil, fileError(path, err)
		}
		return f, nil
	}
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(path)
		done <- opened{f, err}
	}()
	select {
	case p := <-done:
		if p.err != nil {
			return nil, fileError(path, p.err)
		}
		return p.file, nil
	case <-ctx.Done():
	}
	again := time.NewTicker(10 * time.Millisecond) // the opening may not have begun to wait yet
	defer again.Stop()
	for {
		release(path)
		select {
		case p := <-done:
			if p.file != nil {
				_ = p.file.Close()
			}
			return nil, ctx.Err()
		case <-again.C:
		}
	}
}

// fileError says why name could not be opened or read.
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

// plain returns the cause of a file system error alone.
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
