package y4m

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"acip/capture/internal/fail"
	"acip/capture/internal/yuv"
	"acip/frame"
)

// header is the first line of a YUV4MPEG2 stream.
type header struct {
	size       frame.Size // of the planes
	num        int        // frame rate num/den
	den        int
	aspect     [2]int // width and height of a pixel; equal if unknown
	interlaced bool   // two fields in a picture
	chroma     chroma
	depth      int  // bits of a sample; those of more than 8 are two bytes long, the lower one first
	full       bool // XCOLORRANGE=FULL
	padded     bool // rows are as long as GStreamer has them in memory
}

// chroma is a colour space tag.
type chroma struct {
	tag    string
	sx, sy int
	grey   bool
	alpha  bool // a fourth plane follows, which is skipped
}

// chromas returns the colour spaces that are read. Siting is left aside: a chroma sample colours the block it stands
// for.
func chromas() []chroma {
	return []chroma{
		{tag: "420", sx: 2, sy: 2}, {tag: "420jpeg", sx: 2, sy: 2}, {tag: "420mpeg2", sx: 2, sy: 2},
		{tag: "420paldv", sx: 2, sy: 2}, {tag: "422", sx: 2, sy: 1}, {tag: "444", sx: 1, sy: 1},
		{tag: "411", sx: 4, sy: 1}, {tag: "410", sx: 4, sy: 4}, {tag: "440", sx: 1, sy: 2},
		{tag: "mono", sx: 1, sy: 1, grey: true}, {tag: "444alpha", sx: 1, sy: 1, alpha: true},
	}
}

const (
	// Magic begins every stream.
	Magic      = "YUV4MPEG2"
	maxLine    = 1024 // bytes of a header line
	maxRate    = 1000 // pictures a second; more is no rate
	convertTip = "convert it first: ffmpeg -i FILE -pix_fmt yuv420p -f yuv4mpegpipe -"
)

// parseHeader reads the header line without its end.
func parseHeader(line string) (header, error) {
	h := header{aspect: [2]int{1, 1}, chroma: chromas()[0], depth: 8}
	fields := strings.Fields(line)
	if len(fields) == 0 || fields[0] != Magic {
		return h, badStream("it does not begin with " + Magic)
	}
	for _, f := range fields[1:] {
		if err := h.set(f[0], f[1:]); err != nil {
			return h, err
		}
	}
	switch {
	case h.size.W <= 0 || h.size.H <= 0:
		return h, badStream("its header has no size")
	case fail.Oversized(h.size):
		return h, &fail.Error{
			Op: "open", Kind: fail.TooLarge, Msg: fmt.Sprintf("y4m of %dx%d pixels is too large", h.size.W, h.size.H),
			Hint: fmt.Sprintf("sides up to %d and %d million pixels are read; scale it first: ffmpeg -i FILE -vf scale=1280:-2 -f yuv4mpegpipe -", fail.MaxSide, fail.MaxPixels>>20),
		}
	}
	return h, nil
}

func badStream(why string) error {
	return &fail.Error{Op: "open", Kind: fail.BadData, Msg: "not a y4m stream: " + why, Hint: "make one: ffmpeg -i FILE -f yuv4mpegpipe -"}
}

// set takes one parameter.
func (h *header) set(key byte, value string) error {
	var err error
	switch key {
	case 'W':
		h.size.W, err = strconv.Atoi(value)
	case 'H':
		h.size.H, err = strconv.Atoi(value)
	case 'F':
		var num, den int
		num, den, err = ratio(value)
		if err == nil && den > 0 && num/den <= maxRate {
			h.num, h.den = num, den // others are clocks, as mpv's F24000:1, or nonsense: the rate is not known
		}
		if errors.Is(err, strconv.ErrRange) {
			err = nil
		}
	case 'A':
		var a [2]int
		if a[0], a[1], err = ratio(value); err == nil && a[0] > 0 && a[1] > 0 && max(a[0], a[1]) <= 100*min(a[0], a[1]) {
			h.aspect = a
		}
	case 'I':
		h.interlaced = value != "p" && value != "?"
	case 'C':
		return h.setChroma(value)
	case 'X':
		if range_, ok := strings.CutPrefix(value, "COLORRANGE="); ok {
			h.full = range_ == "FULL"
		}
	}
	if err != nil {
		return badStream("its parameter " + strconv.QuoteToASCII(string(key)+value) + " makes no sense")
	}
	return nil
}

func (h *header) setChroma(tag string) error {
	for _, c := range chromas() {
		rest, ok := strings.CutPrefix(tag, c.tag)
		if depth := c.depth(rest); ok && depth > 0 {
			h.chroma, h.depth = c, depth
			return nil
		}
	}
	return &fail.Error{
		Op: "open", Kind: fail.Unsupported, Msg: "y4m colour space " + strconv.QuoteToASCII(tag) + " is not read", Hint: convertTip,
	}
}

// depth reads what follows the tag as ffmpeg writes it: "" or "p10" of 10 bits, "10" of grey ones. It is 0 if it is
// something else.
func (c *chroma) depth(suffix string) int {
	if suffix == "" {
		return 8
	}
	digits, ok := strings.CutPrefix(suffix, "p")
	if ok == c.grey || c.alpha {
		return 0
	}
	switch digits {
	case "9", "10", "12", "14", "16":
		depth, _ := strconv.Atoi(digits)
		return depth
	}
	return 0
}

// ratio reads "30000:1001".
func ratio(s string) (num, den int, err error) {
	a, b, ok := strings.Cut(s, ":")
	if !ok {
		return 0, 0, strconv.ErrSyntax
	}
	if num, err = strconv.Atoi(a); err != nil {
		return 0, 0, err
	}
	if den, err = strconv.Atoi(b); err != nil || num < 0 || den < 0 {
		return 0, 0, strconv.ErrSyntax
	}
	return num, den, nil
}

// fps returns the rate; 0 if the stream does not say.
func (h *header) fps() float64 {
	if h.num == 0 || h.den == 0 {
		return 0
	}
	return float64(h.num) / float64(h.den)
}

// square returns the size in square pixels: one side is reduced where the stream's pixels are not.
func (h *header) square() frame.Size {
	s := h.size
	switch a := h.aspect; {
	case a[0] > a[1]:
		s.H = max(1, int(math.Round(float64(s.H)*float64(a[1])/float64(a[0]))))
	case a[0] < a[1]:
		s.W = max(1, int(math.Round(float64(s.W)*float64(a[0])/float64(a[1]))))
	}
	return s
}

// bytes returns the length of a picture.
func (h *header) bytes() int {
	return h.samples() * ((h.depth + 7) / 8)
}

// samples returns how many a picture has.
func (h *header) samples() int {
	luma := h.size.W * h.size.H
	switch c := yuv.ChromaSize(h.size, h.chroma.sx, h.chroma.sy); {
	case h.chroma.grey:
		return luma
	case h.chroma.alpha:
		return 4 * luma
	default:
		return luma + 2*c.W*c.H
	}
}

// planes returns a picture of the stream.
func (h *header) planes(pix []byte, m yuv.Matrix) yuv.Picture {
	e := yuv.Encoding{Matrix: m, Full: h.full}
	if h.chroma.grey {
		return yuv.FromGrey(pix, h.size.W, h.size, e)
	}
	return yuv.FromPlanes(pix, h.size, h.chroma.sx, h.chroma.sy, e)
}

// paddedPlane is a plane as GStreamer's video-info.c lays it out.
type paddedPlane struct{ row, stride, rows, paddedRows int }

// paddedPlanes returns those of the formats that y4menc takes; none if nothing is padded, or the format is another.
func (h *header) paddedPlanes() (planes []paddedPlane) {
	if h.depth != 8 || h.chroma.alpha {
		return nil
	}
	up := func(n, to int) int { return (n + to - 1) / to * to }
	rows := h.size.H
	luma := paddedPlane{h.size.W, up(h.size.W, 4), rows, rows}
	c := yuv.ChromaSize(h.size, h.chroma.sx, h.chroma.sy)
	chroma := paddedPlane{row: c.W, rows: c.H, paddedRows: c.H}
	switch {
	case h.chroma.grey:
		return []paddedPlane{luma}
	case h.chroma.sx == 2 && h.chroma.sy == 2:
		luma.paddedRows = up(rows, 2)
		chroma.stride = up(up(h.size.W, 2)/2, 4)
	case h.chroma.sx == 2 && h.chroma.sy == 1:
		chroma.stride = up(h.size.W, 8) / 2
	case h.chroma.sx == 4 && h.chroma.sy == 1:
		chroma.stride = up(h.size.W, 16) / 4
	case h.chroma.sx == 1 && h.chroma.sy == 1:
		chroma.stride = luma.stride
	default:
		return nil
	}
	return []paddedPlane{luma, chroma, chroma}
}

// paddedBytes returns the length of a picture with padded rows; 0 if there is no such thing.
func (h *header) paddedBytes() (n int) {
	for _, p := range h.paddedPlanes() {
		n += p.stride * p.paddedRows
	}
	return n
}

// unpad takes the padding out of a picture, in its place.
func (h *header) unpad(pix []byte) []byte {
	from, to := 0, 0
	for _, p := range h.paddedPlanes() {
		for y := range p.rows {
			copy(pix[to:to+p.row], pix[from+y*p.stride:])
			to += p.row
		}
		from += p.stride * p.paddedRows
	}
	return pix[:to]
}
