package capture

import (
	"io"

	"acip/capture/internal/y4m"
	"acip/frame"
)

// Y4MReader reads a YUV4MPEG2 stream, picture by picture.
type Y4MReader = y4m.Reader

// Y4MWriter writes pictures as a YUV4MPEG2 stream.
type Y4MWriter = y4m.Writer

// NewY4MReader reads the header from r. Its errors are of kind BadData, TooLarge or Unsupported, or r's own.
func NewY4MReader(r io.Reader) (*Y4MReader, error) { return y4m.NewReader(r) }

// NewY4MWriter returns a writer of pictures of one size at fps pictures a second. The header is written with the first
// picture.
func NewY4MWriter(w io.Writer, size frame.Size, fps float64) *Y4MWriter {
	return y4m.NewWriter(w, size, fps)
}
