package imagefile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"io"
	"iter"
	"time"

	"acip/capture/internal/fail"
	"acip/capture/internal/format"
	"acip/frame"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// chunk is a part of a PNG or RIFF file.
type chunk struct {
	name string
	body []byte
}

// pngChunks yields the chunks of a PNG (ISO/IEC 15948). Of one that is cut short it is what there is; checksums are
// left to whoever minds them.
func pngChunks(b []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		b := bytes.TrimPrefix(b, []byte(pngMagic))
		for len(b) >= 8 {
			n := int(binary.BigEndian.Uint32(b))
			c := chunk{name: string(b[4:8]), body: b[8:]}
			if n <= len(c.body) {
				c.body = c.body[:n]
			}
			if !yield(c) || c.name == "IEND" || n+4 > len(b)-8 {
				return
			}
			b = b[8+n+4:]
		}
	}
}

// appendChunk appends a chunk with its checksum.
func appendChunk(dst []byte, name string, body []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(body)))
	from := len(dst)
	dst = append(append(dst, name...), body...)
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[from:]))
}

// pngHeader is the IHDR chunk.
type pngHeader struct {
	size       frame.Size
	depth      int // bits of a sample
	samples    int // of a pixel
	interlaced bool
}

func parsePNGHeader(b []byte) (h pngHeader, ok bool) {
	if len(b) < 13 {
		return h, false
	}
	h.size = frame.Size{W: int(binary.BigEndian.Uint32(b)), H: int(binary.BigEndian.Uint32(b[4:]))}
	h.depth, h.interlaced = int(b[8]), b[12] != 0
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
	h.samples = samples[b[9]]
	return h, h.samples > 0 && h.depth > 0 && h.depth <= 16 && !h.size.Empty() && !fail.Oversized(h.size)
}

// rows yields the lengths of the rows of filtered bytes in the order in which they stand in the file.
func (h *pngHeader) rows() iter.Seq[int] {
	passes := [][4]int{{0, 0, 1, 1}} // first column and row, and the steps between
	if h.interlaced {
		passes = [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	return func(yield func(int) bool) {
		for _, p := range passes {
			columns, rows := (h.size.W-p[0]+p[2]-1)/p[2], (h.size.H-p[1]+p[3]-1)/p[3]
			if columns <= 0 {
				continue
			}
			for range rows {
				if !yield(1 + (columns*h.samples*h.depth+7)/8) {
					return
				}
			}
		}
	}
}

// mendPNG makes a whole PNG of one that is cut short or damaged: of its picture what can be decompressed, and nothing,
// which is black or transparent, in place of the rest. Chunks that do not belong to the picture are left out, and so
// are checksums that are wrong.
func mendPNG(data []byte) []byte {
	out := []byte(pngMagic)
	var header pngHeader
	var packed []byte
	ok := false
	for c := range pngChunks(data) {
		switch c.name {
		case "IHDR":
			if header, ok = parsePNGHeader(c.body); !ok {
				return nil
			}
			out = appendChunk(out, c.name, c.body[:13])
		case "PLTE", "tRNS":
			if len(packed) == 0 {
				out = appendChunk(out, c.name, c.body)
			}
		case "IDAT":
			packed = append(packed, c.body...)
		}
	}
	if !ok || len(packed) == 0 {
		return nil
	}
	whole := header.mend(packed)
	if whole == nil {
		return nil
	}
	return appendChunk(appendChunk(out, "IDAT", whole), "IEND", nil)
}

// mend returns the compressed picture, whole; nil if not a row of it is there.
func (h *pngHeader) mend(packed []byte) []byte {
	total := 0
	for n := range h.rows() {
		total += n
	}
	raw := make([]byte, total)
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	got, _ := io.ReadFull(r, raw) // as far as it goes
	at := 0
	for n := range h.rows() {
		if at == 0 && got < n {
			return nil
		}
		if raw[at] > 4 { // there is no such filter: here it goes wrong
			clear(raw[at:])
			break
		}
		at += n
	}
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.NoCompression) // the level is a valid one
	_, _ = w.Write(raw)                                 // a buffer takes all
	_ = w.Close()
	return b.Bytes()
}

// ParseAPNG finds the pictures of an animated PNG (PNG third edition, 4.9). One that is not animated has none.
func ParseAPNG(data []byte) Film {
	var f Film
	var shared, ihdr []byte // chunks that every picture has
	var p *apngPicture
	for c := range pngChunks(data) {
		switch c.name {
		case "IHDR":
			header, ok := parsePNGHeader(c.body)
			if !ok {
				return f
			}
			f.Size, ihdr = header.size, c.body[:13]
		case "acTL":
			if len(c.body) >= 8 {
				f.Plays = int(binary.BigEndian.Uint32(c.body[4:]))
			}
		case "PLTE", "tRNS":
			shared = appendChunk(shared, c.name, c.body)
		case "fcTL":
			p = nil
			if pic, ok := newAPNGPicture(c.body, f.Size); ok {
				p = &pic
				f.Pictures = append(f.Pictures, Picture{Over: c.body[25] == 1, Disposal: apngDisposal(c.body[24]), Delay: apngDelay(c.body)})
				q, n := p, len(f.Pictures)-1
				f.Pictures[n].Decode = func() (image.Image, image.Rectangle, error) { return q.decode(ihdr, shared) }
			}
		case "IDAT":
			if p != nil {
				p.packed = append(p.packed, c.body...)
			}
		case "fdAT":
			if p != nil && len(c.body) > 4 {
				p.packed = append(p.packed, c.body[4:]...)
			}
		}
	}
	if len(f.Pictures) > 0 && f.Pictures[0].Disposal == DisposePrevious {
		f.Pictures[0].Disposal = DisposeBackground // there is nothing before it
	}
	return f
}

// apngPicture is a picture of an animated PNG, still compressed.
type apngPicture struct {
	rect   image.Rectangle
	packed []byte
}

func newAPNGPicture(b []byte, size frame.Size) (p apngPicture, ok bool) {
	if len(b) < 26 {
		return p, false
	}
	field := func(at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	w, h, x, y := field(4), field(8), field(12), field(16)
	if w <= 0 || h <= 0 || x > size.W-w || y > size.H-h {
		return p, false
	}
	p.rect = image.Rect(x, y, x+w, y+h)
	return p, true
}

func apngDisposal(b byte) Disposal {
	switch b {
	case 1:
		return DisposeBackground
	case 2:
		return DisposePrevious
	}
	return DisposeNothing
}

func apngDelay(b []byte) time.Duration {
	num, den := binary.BigEndian.Uint16(b[20:]), binary.BigEndian.Uint16(b[22:])
	if den == 0 {
		den = 100
	}
	return asBrowsers(time.Duration(num) * time.Second / time.Duration(den))
}

// decode makes a PNG of the picture, and reads that. A damaged one is what there is of it.
func (p *apngPicture) decode(ihdr, shared []byte) (image.Image, image.Rectangle, error) {
	header := bytes.Clone(ihdr)
	binary.BigEndian.PutUint32(header, uint32(p.rect.Dx()))
	binary.BigEndian.PutUint32(header[4:], uint32(p.rect.Dy()))
	one := append(appendChunk([]byte(pngMagic), "IHDR", header), shared...)
	one = appendChunk(appendChunk(one, "IDAT", p.packed), "IEND", nil)
	m, err := decodeGo(one, format.PNG)
	if err != nil {
		m, err = decodeGo(mendPNG(one), format.PNG)
	}
	return m, p.rect, err
}
