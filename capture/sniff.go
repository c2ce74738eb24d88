package capture

import (
	"errors"
	"io"
	"strings"

	"acip/capture/internal/format"
)

var errEmpty = errors.New("capture: empty file")

// sniff looks at the first bytes without taking them.
func sniff(in *input) (format.Kind, error) {
	head, err := in.Peek(16)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if len(head) == 0 {
		return 0, errEmpty
	}
	return format.Of(head), nil
}

// plainName reports whether ffmpeg takes a path for what it is. A per cent sign or a wildcard in a name makes a
// sequence of files of it.
func plainName(path string) bool { return !strings.ContainsAny(path, "%*?[]{}") }
