package imagefile

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"time"

	"acip/capture/internal/fail"
	"acip/frame"
)

// gifFile is a GIF taken apart (GIF89a specification, CompuServe 1990), its pictures still compressed. It is read as
// browsers read it: what is wrong with a picture costs that picture at most.
type gifFile struct {
	Film
	palette color.Palette // the global one
	control []byte        // the graphic control extension before the next picture; may be nil
}

// gifPicture is a picture of a GIF, still compressed.
type gifPicture struct {
	rect       image.Rectangle
	palette    color.Palette
	clear      int // the transparent colour; -1: none
	interlaced bool
	bits       int      // of the smallest codes
	blocks     [][]byte // the codes
}

var (
	errGIF      = errors.New("not a GIF, or one that is cut short")
	errGIFEmpty = errors.New("no picture in it")
)

// gifSize returns the size of the logical screen.
func gifSize(b []byte) frame.Size {
	if len(b) < 10 {
		return frame.Size{}
	}
	return frame.Size{W: int(binary.LittleEndian.Uint16(b[6:])), H: int(binary.LittleEndian.Uint16(b[8:]))}
}

// ParseGIF finds the pictures. One that is cut short is taken as far as it goes, and what follows a break is left out.
func ParseGIF(b []byte) (Film, error) {
	if len(b) < 13 || string(b[:4]) != "GIF8" {
		return Film{}, errGIF
	}
	g := gifFile{Film: Film{Size: gifSize(b), Plays: 1}}
	at := 13 + colourTable(b[10])
	if at > len(b) {
		return Film{}, errGIF
	}
	g.palette = gifPalette(b[13:at])
	for at > 0 && at+1 < len(b) {
		at = g.block(b, at)
	}
	if len(g.Pictures) == 0 {
		return Film{}, errGIFEmpty
	}
	return g.Film, nil
}

// block takes the block at offset at. It returns the offset of the next, 0 at the end.
func (g *gifFile) block(b []byte, at int) int {
	switch b[at] {
	case 0x21: // extension
		blocks, end := subBlocks(b, at+2)
		switch {
		case b[at+1] == 0xF9 && len(blocks) > 0 && len(blocks[0]) >= 4:
			g.control = blocks[0]
		case b[at+1] == 0xFF && len(blocks) > 1 && string(blocks[0]) == "NETSCAPE2.0" && len(blocks[1]) >= 3 && blocks[1][0] == 1:
			if g.Plays = int(binary.LittleEndian.Uint16(blocks[1][1:])); g.Plays > 0 {
				g.Plays++ // it counts the repetitions
			}
		}
		return end
	case 0x2C: // image
		data := at + 10
		if data >= len(b) {
			return 0
		}
		data += colourTable(b[at+9])
		if data+1 >= len(b) {
			return 0
		}
		blocks, end := subBlocks(b, data+1)
		g.add(b[at+1:data], int(b[data]), blocks)
		return end
	}
	return 0
}

// add takes a picture: its descriptor with its colours, the bits of its smallest codes, and its codes.
func (g *gifFile) add(head []byte, bits int, blocks [][]byte) {
	field := func(at int) int { return int(binary.LittleEndian.Uint16(head[at:])) }
	p := gifPicture{rect: image.Rect(field(0), field(2), field(0)+field(4), field(2)+field(6)), palette: g.palette, clear: -1, bits: bits, blocks: blocks}
	p.interlaced = head[8]&0x40 != 0
	if head[8]&0x80 != 0 {
		p.palette = gifPalette(head[9:])
	}
	f := Picture{Over: true, Delay: shortest}
	if c := g.control; c != nil {
		f.Disposal, f.Delay = gifDisposal(c[0]>>2&7), asBrowsers(time.Duration(binary.LittleEndian.Uint16(c[1:]))*10*time.Millisecond)
		if c[0]&1 != 0 {
			p.clear = int(c[3])
		}
		g.control = nil
	}
	if len(g.Pictures) == 0 { // as browsers: the first picture may be larger than the screen, others are clipped
		g.Size = frame.Size{W: max(g.Size.W, p.rect.Max.X), H: max(g.Size.H, p.rect.Max.Y)}
	}
	f.Decode = func() (image.Image, image.Rectangle, error) {
		if fail.Oversized(frame.Size{W: p.rect.Dx(), H: p.rect.Dy()}) {
			return nil, p.rect, errImageSize
		}
		return p.decode(), p.rect, nil
	}
	g.Pictures = append(g.Pictures, f)
}

func gifDisposal(n byte) Disposal {
	switch n {
	case 2:
		return DisposeBackground
	case 3, 4: // 4 is nothing, and is what some encoders wrote for 3
		return DisposePrevious
	}
	return DisposeNothing
}

func gifPalette(b []byte) color.Palette {
	var p color.Palette
	for ; len(b) >= 3; b = b[3:] {
		p = append(p, color.RGBA{b[0], b[1], b[2], 255})
	}
	return p
}

// colourTable returns the length of the table that flags announce.
func colourTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// subBlocks returns the chain of data blocks that begins at offset at, and the offset after it. Of a chain that is cut
// short it is what there is, and the offset is that of the end of b.
func subBlocks(b []byte, at int) (blocks [][]byte, end int) {
	for at < len(b) {
		n := int(b[at])
		at++
		if n == 0 {
			return blocks, at
		}
		blocks = append(blocks, b[at:min(at+n, len(b))])
		at += n
	}
	return blocks, len(b)
}

// decode returns the picture. What its codes do not reach is transparent, as are colours that are not in its table, and
// codes beyond its end are left alone.
func (p *gifPicture) decode() image.Image {
	var colours [256][4]byte
	for i, c := range p.palette {
		if r, _ := c.(color.RGBA); i != p.clear {
			colours[i] = [4]byte{r.R, r.G, r.B, 255}
		}
	}
	w, h := p.rect.Dx(), p.rect.Dy()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	pix := make([]byte, w*h)
	pix = pix[:unpackLZW(pix, p.bits, p.blocks)]
	for _, pass := range p.passes() {
		for y := pass[0]; y < h && len(pix) > 0; y += pass[1] {
			line := pix[:min(w, len(pix))]
			row := m.Pix[y*m.Stride:]
			for x, v := range line {
				*(*[4]byte)(row[4*x:]) = colours[v]
			}
			pix = pix[len(line):]
		}
	}
	return m
}

// passes returns the first row and the step of each pass over the picture.
func (p *gifPicture) passes() [][2]int {
	if p.interlaced {
		return [][2]int{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
	}
	return [][2]int{{0, 1}}
}

// unpackLZW decompresses GIF's variable-length codes into dst, and returns how many bytes came. It ends at a code that
// cannot be, at the end of either side, and takes whatever bits is up to 11, as browsers do.
func unpackLZW(dst []byte, bits int, blocks [][]byte) int {
	if bits < 1 || bits >= lzwMost {
		return 0
	}
	l := newLZW(dst, bits)
	var waiting uint32 // bits that are no whole code yet
	have := 0
	for _, block := range blocks {
		for _, c := range block {
			waiting |= uint32(c) << have
			for have += 8; have >= l.width; {
				code, width := int(waiting&(1<<l.width-1)), l.width
				waiting >>= width
				have -= width
				if !l.take(code) {
					return l.n
				}
			}
		}
	}
	return l.n
}

const lzwMost = 12 // bits of the longest code

// lzw is the table of a decompression: each code stands for what an earlier one does and one byte more.
type lzw struct {
	dst   []byte
	n     int // bytes of dst that came
	bits  int // of a byte
	width int // bits of a code
	next  int // the code that will be new next
	old   int // the code before; -1 at the start

	prefix             [1 << lzwMost]uint16
	last, first, stack [1 << lzwMost]byte
}

func newLZW(dst []byte, bits int) *lzw {
	l := &lzw{dst: dst, bits: bits}
	for i := range 1 << bits {
		l.last[i], l.first[i] = byte(i), byte(i)
	}
	l.reset()
	return l
}

func (l *lzw) reset() { l.width, l.next, l.old = l.bits+1, 1<<l.bits+2, -1 }

// take takes a code; it reports whether more is wanted.
func (l *lzw) take(code int) bool {
	switch reset := 1 << l.bits; {
	case code == reset:
		l.reset()
		return true
	case code == reset+1 || code > l.next, code == l.next && (l.old < 0 || l.next == 1<<lzwMost):
		return false
	}
	if l.old >= 0 && l.next < 1<<lzwMost {
		l.learn(code)
	}
	at := len(l.stack) // it is spelled from its end
	for w := code; ; w = int(l.prefix[w]) {
		at--
		l.stack[at] = l.last[w]
		if w < 1<<l.bits {
			break
		}
	}
	l.n += copy(l.dst[l.n:], l.stack[at:])
	l.old = code
	return l.n < len(l.dst)
}

// learn makes a new code of the one before and the first byte of this one.
func (l *lzw) learn(code int) {
	l.prefix[l.next], l.first[l.next] = uint16(l.old), l.first[l.old]
	l.last[l.next] = l.first[code] // of the new code itself too: it begins as the one before does
	if code == l.next {
		l.last[l.next] = l.first[l.old]
	}
	if l.next++; l.next == 1<<l.width && l.width < lzwMost {
		l.width++
	}
}
