package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"io"
	"time"

	"acip/frame"
)

// animation plays a GIF. Each picture is decoded when it is due, so that a long one takes no more memory than a short
// one.
type animation struct {
	life   life
	pace   *pacer
	info   Info
	file   gifFile
	loop   bool
	fast   bool
	next   int
	seq    uint64
	delay  time.Duration // how long the picture before stays
	canvas *image.RGBA
	before *image.RGBA // the canvas as it was, for disposal "previous"
	undo   func()      // disposes of the picture that is shown
	whole  frame.Frame
	shown  frame.Frame
	scale  frame.Scaler
}

func newAnimation(data []byte, name string, o Options) (Source, error) {
	file, err := splitGIF(data)
	if err != nil {
		return nil, badImage(name, err)
	}
	if tooLarge(file.size) || file.size.Empty() {
		return nil, imageTooLarge(name, file.size)
	}
	a := &animation{file: file, loop: o.Loop, fast: o.Fast, undo: func() {}}
	a.pace = newPacer(&a.life, 0, false)
	a.info = Info{Name: name, Size: file.size, FPS: file.fps()}
	a.clear()
	if len(file.pictures) > 1 {
		return a, nil
	}
	s := &still{info: Info{Name: name, FPS: o.FPS, Live: true, Still: true}}
	if s.info.FPS <= 0 {
		s.info.FPS = defaultFPS
	}
	if err := a.draw(0); err != nil {
		return nil, badImage(name, err)
	}
	fromRGBA(&s.whole, a.canvas.Pix, a.canvas.Stride, file.size)
	s.start(s.info.FPS, o)
	return s, nil
}

func (a *animation) clear() {
	r := image.Rect(0, 0, a.file.size.W, a.file.size.H)
	if a.canvas == nil {
		a.canvas = image.NewRGBA(r)
	}
	clear(a.canvas.Pix)
	a.undo = func() {}
}

// Info describes the animation; FPS is its mean rate.
func (a *animation) Info() Info { return a.info }

// Close ends a Read.
func (a *animation) Close() error {
	a.life.end()
	return nil
}

// Read yields the next picture when the one before has stayed as long as it says.
func (a *animation) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	delay := a.delay
	if a.fast {
		delay = 0
	}
	if err := a.pace.hold(ctx, delay); err != nil {
		return err
	}
	if a.next == len(a.file.pictures) {
		if !a.loop {
			return io.EOF
		}
		a.next = 0
		a.clear()
	}
	if err := a.draw(a.next); err != nil {
		return &Error{Op: "read", Kind: BadData, Msg: fmt.Sprintf("picture %d of %s is damaged: %v", a.next+1, a.info.Name, err), Hint: "see whether another program shows it", Err: err}
	}
	a.delay = a.file.pictures[a.next].delay
	a.next++
	fromRGBA(&a.whole, a.canvas.Pix, a.canvas.Stride, a.file.size)
	a.shown.Resize(0, 0)
	scaleInto(&a.scale, &a.shown, &a.whole, box)
	dst.CopyFrom(&a.shown)
	dst.Time, dst.Seq = time.Now(), a.seq
	a.seq++
	return nil
}

// draw disposes of the picture before and lays picture i over the canvas.
func (a *animation) draw(i int) error {
	p := &a.file.pictures[i]
	m, err := p.decode(&a.file)
	if err != nil {
		return err
	}
	a.undo()
	r := m.Rect.Intersect(a.canvas.Rect)
	switch p.disposal {
	case gif.DisposalPrevious:
		if a.before == nil {
			a.before = image.NewRGBA(a.canvas.Rect)
		}
		copy(a.before.Pix, a.canvas.Pix)
		a.undo = func() { copy(a.canvas.Pix, a.before.Pix) }
	case gif.DisposalBackground:
		a.undo = func() { a.blank(r) } // browsers take transparent for the background, whatever colour the file names
	default:
		a.undo = func() {}
	}
	a.lay(m, r)
	return nil
}

func (a *animation) blank(r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		clear(a.canvas.Pix[a.canvas.PixOffset(r.Min.X, y):a.canvas.PixOffset(r.Max.X, y)])
	}
}

// lay draws the part r of m, whose transparent pixels change nothing.
func (a *animation) lay(m *image.Paletted, r image.Rectangle) {
	var colours [256][4]uint8
	for i, c := range m.Palette {
		red, green, blue, alpha := c.RGBA()
		colours[i] = [4]uint8{uint8(red >> 8), uint8(green >> 8), uint8(blue >> 8), uint8(alpha >> 8)}
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		src := m.Pix[m.PixOffset(r.Min.X, y):][:r.Dx()]
		dst := a.canvas.Pix[a.canvas.PixOffset(r.Min.X, y):][:r.Dx()*4]
		for i, v := range src {
			if c := colours[v]; c[3] != 0 {
				*(*[4]uint8)(dst[i*4:]) = c
			}
		}
	}
}

// gifFile is a GIF taken apart (GIF89a specification, CompuServe 1990), its pictures still compressed.
type gifFile struct {
	size     frame.Size
	head     []byte // signature, logical screen and global colours, as they stand in the file
	pictures []gifPicture
}

type gifPicture struct {
	block    []byte // the image descriptor up to the end of its data
	control  []byte // the graphic control extension before it; may be empty
	disposal byte
	delay    time.Duration
}

var (
	errGIF      = errors.New("not a GIF, or one that is cut short")
	errGIFEmpty = errors.New("no picture in it")
)

// splitGIF finds the pictures. What follows a break is left out, so long as there is a whole picture before it.
func splitGIF(b []byte) (gifFile, error) {
	var g gifFile
	if len(b) < 13 || string(b[:4]) != "GIF8" {
		return g, errGIF
	}
	g.size = frame.Size{W: int(binary.LittleEndian.Uint16(b[6:])), H: int(binary.LittleEndian.Uint16(b[8:]))}
	at := 13 + colourTable(b[10])
	if at > len(b) {
		return g, errGIF
	}
	g.head = b[:at]
	g.split(b, at)
	if len(g.pictures) == 0 {
		return g, errGIFEmpty
	}
	return g, nil
}

// split goes through the blocks from at on.
func (g *gifFile) split(b []byte, at int) {
	var control []byte
	for at+1 < len(b) {
		from := at
		switch b[at] {
		case 0x21: // extension
			if at = subBlocks(b, at+2); at < 0 {
				return
			}
			if b[from+1] == 0xF9 && at-from == 8 {
				control = b[from:at]
			}
		case 0x2C: // image
			if at+10 > len(b) {
				return
			}
			if at = subBlocks(b, at+10+colourTable(b[at+9])+1); at < 0 {
				return
			}
			g.pictures = append(g.pictures, newGIFPicture(b[from:at], control))
			control = nil
		default:
			return
		}
	}
}

func newGIFPicture(block, control []byte) gifPicture {
	p := gifPicture{block: block, control: control, delay: shortestGIF}
	if len(control) == 8 {
		p.disposal = control[3] >> 2 & 7
		p.delay = time.Duration(binary.LittleEndian.Uint16(control[4:])) * 10 * time.Millisecond
	}
	if p.delay < 20*time.Millisecond {
		p.delay = shortestGIF
	}
	return p
}

// shortestGIF is what browsers make of delays under 20 ms, which date from when no machine could keep them.
const shortestGIF = 100 * time.Millisecond

// colourTable is the length of the table that flags announce.
func colourTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// subBlocks is where the chain of data blocks that begins at ends; -1 if that is beyond b.
func subBlocks(b []byte, at int) int {
	for at < len(b) {
		n := int(b[at])
		at += n + 1
		if n == 0 {
			return at
		}
	}
	return -1
}

// decode decompresses the picture alone, as a GIF of one picture. Its place and size are within the canvas, or it is
// an error, before anything is allocated for it.
func (p *gifPicture) decode(g *gifFile) (*image.Paletted, error) {
	one := io.MultiReader(bytes.NewReader(g.head), bytes.NewReader(p.control), bytes.NewReader(p.block), bytes.NewReader([]byte{0x3B}))
	all, err := gif.DecodeAll(one)
	if err != nil {
		return nil, err
	}
	return all.Image[0], nil
}

// fps is the mean rate.
func (g *gifFile) fps() float64 {
	var total time.Duration
	for _, p := range g.pictures {
		total += p.delay
	}
	return float64(len(g.pictures)) / total.Seconds()
}
