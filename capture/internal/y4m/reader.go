// Package y4m reads and writes YUV4MPEG2, the uncompressed films that programs hand to each other in pipes.
package y4m

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"acip/capture/internal/fail"
	"acip/capture/internal/yuv"
	"acip/frame"
)

// Reader reads a YUV4MPEG2 stream (man 5 yuv4mpeg): 4:2:0 of any siting, 4:2:2, 4:4:4 (an alpha plane is skipped),
// 4:1:1, 4:4:0, 4:1:0 and mono; samples of 9 to 16 bits are rounded to 8. Numbers mean BT.601, limited range unless the
// header says XCOLORRANGE=FULL. A chroma sample colours the whole block of pixels that it stands for, as in swscale's
// default conversion. Pixels that are not square are made so by reducing the longer side. Interlaced pictures are taken
// as they are.
type Reader struct {
	r            *bufio.Reader
	header       header
	line         []byte // of a line that is not whole yet
	pix          []byte // of a picture that is not whole yet
	want         int    // bytes of a picture
	inside       bool   // a picture has begun
	count        uint64
	shrink       yuv.Shrinker
	gbr          bool // the planes are green, blue and red
	matrix       yuv.Matrix
	begun        bool // the first picture was read
	paddingKnown bool // whether rows are padded is known
	ready        bool // pix is a whole picture that was not taken yet
	drawn        bool // pix is a whole picture
	merger       planeMerger
}

// NewReader reads the header from r. Its errors are of kind BadData, TooLarge or Unsupported, or r's own.
func NewReader(r io.Reader) (*Reader, error) {
	y := &Reader{r: bufio.NewReaderSize(r, 64<<10)}
	return y, y.Resume()
}

// Resume reads the header; after an interrupted read it can be called again.
func (y *Reader) Resume() error {
	line, err := y.readLine()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return badStream("it ends before its header does")
	}
	if err != nil {
		return err
	}
	y.header, err = parseHeader(line)
	y.want = y.header.bytes()
	return err
}

// SetMatrix says which matrix the numbers are of; without it they are taken for BT.601 ones. The header has no place
// for it.
func (y *Reader) SetMatrix(m yuv.Matrix) { y.matrix = m }

// SetGBR says whether the planes of 4:4:4 are green, blue and red.
func (y *Reader) SetGBR(gbr bool) { y.gbr = gbr }

// Interlaced reports whether a picture has two fields.
func (y *Reader) Interlaced() bool { return y.header.interlaced }

// More returns nil if bytes follow the picture that was read last, and io.EOF if the stream ends there.
func (y *Reader) More() error {
	_, err := y.r.Peek(1)
	return err
}

// Follow returns a reader of another stream, with the settings and the memory of this one, which is over.
func (y *Reader) Follow(r io.Reader) (*Reader, error) {
	next, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	next.shrink, next.pix, next.matrix, next.gbr = y.shrink, y.pix[:0], y.matrix, y.gbr
	return next, nil
}

// Size returns the size of the pictures in square pixels.
func (y *Reader) Size() frame.Size { return y.header.square() }

// FPS returns the stream's rate in pictures a second; 0 if it does not say.
func (y *Reader) FPS() float64 { return y.header.fps() }

// Read draws the next picture into dst, scaled down into box, and numbers it from 0. At the end it returns io.EOF, and
// an *Error of kind BadData where the stream breaks off inside a picture. An error of the underlying reader that
// passes, such as a deadline, loses nothing: the next Read goes on.
func (y *Reader) Read(dst *frame.Frame, box frame.Size) error {
	if err := y.Prefetch(); err != nil {
		return err
	}
	y.Draw(dst, box)
	y.count++
	y.ready = false
	return nil
}

// Prefetch reads the next picture, unless one has been read that nobody took yet.
func (y *Reader) Prefetch() error {
	if y.ready {
		return nil
	}
	if err := y.fill(); err != nil {
		return err
	}
	if y.header.padded {
		y.pix = y.header.unpad(y.pix)
	}
	if y.header.depth > 8 {
		y.pix = rounded(y.pix, y.header.depth)
	}
	y.ready, y.drawn = true, true
	return nil
}

// HasPicture reports whether there is a picture to draw.
func (y *Reader) HasPicture() bool { return y.drawn }

// Draw draws the picture that was read last.
func (y *Reader) Draw(dst *frame.Frame, box frame.Size) {
	if size := frame.Within(y.Size(), box); y.gbr {
		y.merger.draw(dst, y.pix, y.header.size, size)
	} else {
		p := y.header.planes(y.pix, y.matrix)
		y.shrink.Draw(dst, &p, size)
	}
	dst.Seq = y.count
}

// rounded makes bytes of samples of more bits, in their place.
func rounded(pix []byte, depth int) []byte {
	n := len(pix) / 2
	for i := range n {
		v := uint32(pix[2*i]) | uint32(pix[2*i+1])<<8
		pix[i] = byte(min((v+1<<(depth-9))>>(depth-8), 255))
	}
	return pix[:n]
}

// fill makes pix whole.
func (y *Reader) fill() error {
	if err := y.detectPadding(true); err != nil {
		return y.broken(err)
	}
	if !y.inside {
		line, err := y.readLine()
		if errors.Is(err, io.EOF) && len(y.line) == 0 && y.count == 0 {
			return &fail.Error{Op: "read", Kind: fail.BadData, Msg: "the y4m stream has a header and no picture", Hint: "see whether what makes it failed"}
		}
		if err != nil {
			return y.broken(err)
		}
		if line != "FRAME" && !strings.HasPrefix(line, "FRAME ") {
			return y.broken(errNoFrame)
		}
		y.inside, y.drawn, y.pix = true, false, y.pix[:0]
	}
	for len(y.pix) < y.want {
		if err := y.more(); err != nil {
			return y.broken(err)
		}
	}
	y.inside, y.begun = false, true
	return y.detectPadding(y.r.Buffered() > 0)
}

// detectPadding finds out, after the first picture, whether rows are padded as GStreamer's y4menc pads them: where a
// picture as long as its size demands is not followed by another or by the end, but one of the padded length is. It
// waits for what follows only if that is known to come, or has been asked for.
func (y *Reader) detectPadding(now bool) error {
	if !y.begun || y.paddingKnown || !now {
		return nil
	}
	more := y.header.paddedBytes() - y.header.bytes()
	if more > 0 && y.want == y.header.bytes() {
		next, err := y.r.Peek(len("FRAME"))
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(next) > 0 && string(next) != "FRAME" {
			y.want += more
			y.pix = append(make([]byte, 0, y.want), y.pix...)
		}
	}
	for len(y.pix) < y.want && y.want > y.header.bytes() {
		if err := y.more(); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return errNoFrame // as long as neither
			}
			return err
		}
	}
	y.paddingKnown, y.header.padded = true, y.want > y.header.bytes()
	return nil
}

// more reads a part of the picture. Memory is taken as bytes come, not as the header promises.
func (y *Reader) more() error {
	const step = 1 << 20
	have := len(y.pix)
	if cap(y.pix) < y.want && cap(y.pix) < have+step {
		y.pix = append(make([]byte, 0, min(max(2*have, step), y.want)), y.pix...)
	}
	n, err := io.ReadFull(y.r, y.pix[have:min(cap(y.pix), y.want)])
	y.pix = y.pix[:have+n]
	if n > 0 && errors.Is(err, io.EOF) {
		return nil // the next call says so
	}
	return err
}

// broken tells the end of the stream inside a picture, and nonsense, from an error of the reader.
func (y *Reader) broken(err error) error {
	var msg string
	switch {
	case errors.Is(err, errNoFrame):
		msg = fmt.Sprintf("the y4m stream has no FRAME where picture %d should begin", y.count+1)
	case errors.Is(err, io.EOF) && !y.inside && len(y.line) == 0:
		return io.EOF
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = io.ErrUnexpectedEOF // io.EOF itself would be taken for a clean end
		msg = fmt.Sprintf("the y4m stream breaks off inside picture %d", y.count+1)
	default:
		return err
	}
	return &fail.Error{Op: "read", Kind: fail.BadData, Msg: msg, Err: err,
		Hint: "see whether its maker was cut short, or its pictures are not of the size that its header says"}
}

var (
	errLongLine = errors.New("capture: y4m line too long")
	errNoFrame  = errors.New("capture: no FRAME")
)

// readLine reads up to a newline, which is left out. What was read before an error is kept for the next call.
func (y *Reader) readLine() (string, error) {
	for {
		part, err := y.r.ReadSlice('\n')
		if len(y.line)+len(part) > maxLine {
			y.line = nil
			return "", &fail.Error{Op: "read", Kind: fail.BadData, Msg: "not a y4m stream: a line of its header is too long", Err: errLongLine, Hint: "make one: ffmpeg -i FILE -f yuv4mpegpipe -"}
		}
		y.line = append(y.line, part...)
		if err == nil {
			line := string(bytes.TrimSuffix(y.line, []byte("\n")))
			y.line = y.line[:0]
			return line, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
}
