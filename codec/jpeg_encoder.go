package codec

import (
	"math"
	"math/bits"

	"acip/codec/internal/ycc"
	"acip/frame"
	"acip/media"
)

// jpegEncoder writes baseline JFIF, 4:2:0, with Huffman tables made for each picture: at terminal sizes the standard tables,
// which image/jpeg uses, would be a quarter of the whole.
type jpegEncoder struct {
	options Options
	share   float64 // of the ceiling
	quality float64 // in force
	tables  [2][64]uint16
	divide  [2][64]divisor
	zigzag  [64]uint8
	matrix  ycc.Matrix
	planes  planes
	blocks  []jpegBlock
	dc, ac  [2]huffman // luma, chroma
	bits    bitWriter
	closed  bool
}

// jpegBlock is one block's quantized coefficients in the order of the stream.
type jpegBlock struct {
	c     [64]int16
	table uint8 // 0 luma, 1 chroma
	comp  uint8
	last  uint8 // index of the last coefficient that is not zero
}

// divisor divides by multiplication.
type divisor struct{ recip, bias int32 }

// jpegShare is the ceiling in bits a picture where none is given: 560 kbit/s at 160x90 and 30 pictures a second, growing with
// the pixels, shrinking a little less, and never under a thousand bytes, of which the tables take a third.
func jpegShare(w, h int) float64 {
	n := float64(w*h) / (160 * 90)
	return max(560_000.0/30*max(n, math.Pow(n, 0.6)), 8*1000)
}

func newJPEGEncoder(o Options) *jpegEncoder {
	if o.Quality == 0 {
		o.Quality = DefaultQuality
	}
	o.Quality = min(max(o.Quality, 1), 100)
	if o.FPS <= 0 {
		o.FPS = 30
	}
	e := &jpegEncoder{options: o, share: 1, matrix: ycc.JFIF(), zigzag: zigzag()}
	e.setQuality(float64(o.Quality))
	return e
}

func (e *jpegEncoder) Encode(dst []byte, f *frame.Frame, _ bool) ([]byte, media.Flags, error) {
	if e.closed {
		return dst, 0, ErrClosed
	}
	if err := checkFrame(f); err != nil {
		return dst, 0, err
	}
	resized := f.Width != e.planes.w || f.Height != e.planes.h
	if resized {
		e.setQuality(float64(e.options.Quality))
	}
	e.planes.fromRGB(&e.matrix, f.Pix, f.Width, f.Height)
	out := e.code(dst)
	for n := 0; resized && n < firstTries && e.over(len(out)-len(dst)) > firstOver; n++ {
		e.adapt(len(out) - len(dst))
		out = e.code(dst)
	}
	e.adapt(len(out) - len(dst))
	return out, media.Key | media.Discardable, nil
}

// The quality that suits a size is not known before its first picture. One far above the ceiling would take a thin link
// half a second, so it is coded again, coarser, at most so often.
const (
	firstOver  = 1.2
	firstTries = 2
)

// code appends the picture in the planes at the quality in force.
func (e *jpegEncoder) code(dst []byte) []byte {
	e.transform()
	e.count()
	return e.scan(e.head(dst))
}

func (e *jpegEncoder) SetRate(kbps int, fps float64) {
	e.options.KBPS = kbps
	if fps > 0 {
		e.options.FPS = fps
	}
}

func (e *jpegEncoder) SetShare(share float64) { e.share = share }

func (e *jpegEncoder) Close() error {
	e.closed = true
	return nil
}

// setQuality makes the tables for a quality of 1..100.
func (e *jpegEncoder) setQuality(q float64) {
	e.quality = q
	e.tables = quantization(q)
	for i := range e.tables {
		for j, t := range e.tables[i] {
			e.divide[i][j] = divisorFor(int32(t)*8, j == 0)
		}
	}
}

// divisorFor rounds coefficients of the average to the nearest and the others a little towards zero, which saves more bytes
// than it costs quality.
func divisorFor(d int32, dc bool) divisor {
	bias := d * 2 / 5
	if dc {
		bias = d / 2
	}
	return divisor{recip: (1<<19 + d - 1) / d, bias: bias}
}

func (v divisor) of(c int32) int16 {
	if c < 0 {
		return -int16(int64(-c+v.bias) * int64(v.recip) >> 19)
	}
	return int16(int64(c+v.bias) * int64(v.recip) >> 19)
}

// over returns how many times the ceiling a picture of n bytes takes.
func (e *jpegEncoder) over(n int) float64 {
	share := jpegShare(e.planes.w, e.planes.h)
	if e.options.KBPS > 0 {
		share = float64(e.options.KBPS) * 1000 / e.options.FPS
	}
	return float64(n) * 8 / (share * e.share)
}

// adapt moves the quality so that the next picture meets the ceiling.
func (e *jpegEncoder) adapt(n int) {
	over := e.over(n)
	q := e.quality
	switch {
	case over > 1:
		q /= min(over, 2)
	case over < 0.95:
		q *= min(1/over, 1.1)
	}
	q = min(max(q, 5), float64(e.options.Quality))
	if q != e.quality {
		e.setQuality(q)
	}
}

// transform fills blocks from the planes, four of luma and one of each chroma for each 16x16 pixels.
func (e *jpegEncoder) transform() {
	p := &e.planes
	e.blocks = e.blocks[:0]
	for y := 0; y < p.h; y += 16 {
		for x := 0; x < p.w; x += 16 {
			for i := range 4 {
				e.block(p.y, p.ys, p.w, p.h, x+i%2*8, y+i/2*8, 0)
			}
			e.block(p.u, p.cs, p.cw, p.ch, x/2, y/2, 1)
			e.block(p.v, p.cs, p.cw, p.ch, x/2, y/2, 2)
		}
	}
}

// block transforms and quantizes the block at x, y of a plane of w x h, repeating its edge outside.
func (e *jpegEncoder) block(plane []byte, stride, w, h, x, y int, comp uint8) {
	var s [64]int32
	if x+8 <= w && y+8 <= h {
		for i := range 8 {
			for j, v := range plane[(y+i)*stride+x : (y+i)*stride+x+8] {
				s[i*8+j] = int32(v) - 128
			}
		}
	} else {
		for i := range 64 {
			s[i] = int32(plane[min(y+i/8, h-1)*stride+min(x+i%8, w-1)]) - 128
		}
	}
	forwardDCT(&s)
	e.quantize(&s, comp)
}

// quantize appends a block.
func (e *jpegEncoder) quantize(s *[64]int32, comp uint8) {
	if len(e.blocks) == cap(e.blocks) {
		e.blocks = append(e.blocks, jpegBlock{})
	} else {
		e.blocks = e.blocks[:len(e.blocks)+1]
	}
	b := &e.blocks[len(e.blocks)-1]
	b.comp, b.table, b.last = comp, min(comp, 1), 0
	divide := &e.divide[b.table]
	for i, at := range e.zigzag {
		b.c[i] = divide[at&63].of(s[at&63])
		if b.c[i] != 0 {
			b.last = uint8(i)
		}
	}
}

// count makes the Huffman tables for the blocks.
func (e *jpegEncoder) count() {
	for i := range 2 {
		e.dc[i].reset()
		e.ac[i].reset()
	}
	e.walk(func(h *huffman, symbol uint8, _ uint32, _ int) { h.count[symbol]++ })
	for i := range 2 {
		e.dc[i].build()
		e.ac[i].build()
	}
}

// scan appends the coded blocks and the end.
func (e *jpegEncoder) scan(dst []byte) []byte {
	e.bits.reset(dst)
	e.walk(func(h *huffman, symbol uint8, extra uint32, n int) {
		e.bits.put(uint32(h.code[symbol])<<n|extra, int(h.size[symbol])+n)
	})
	out := append(e.bits.end(), 0xFF, markerEOI)
	e.bits.out = nil
	return out
}

// walk calls for each symbol of the stream with its table and the n extra bits after it.
func (e *jpegEncoder) walk(emit func(h *huffman, symbol uint8, extra uint32, n int)) {
	var before [3]int16
	for i := range e.blocks {
		b := &e.blocks[i]
		v := b.c[0] - before[b.comp]
		before[b.comp] = b.c[0]
		extra, n := magnitude(v)
		emit(&e.dc[b.table], uint8(n), extra, n)
		walkAC(&e.ac[b.table], b, emit)
	}
}

// walkAC calls for the coefficients after the first: runs of zeros and values.
func walkAC(h *huffman, b *jpegBlock, emit func(h *huffman, symbol uint8, extra uint32, n int)) {
	run := 0
	for _, v := range b.c[1 : int(b.last)+1] {
		if v == 0 {
			run++
			continue
		}
		for ; run > 15; run -= 16 {
			emit(h, 0xF0, 0, 0)
		}
		extra, n := magnitude(v)
		emit(h, uint8(run<<4|n), extra, n)
		run = 0
	}
	if b.last < 63 {
		emit(h, 0, 0, 0)
	}
}

// magnitude is a value's number of bits, and the bits: of a negative one those of the value less one.
func magnitude(v int16) (extra uint32, n int) {
	if v < 0 {
		n = bits.Len16(uint16(-v))
		return uint32(v-1) & (1<<n - 1), n
	}
	return uint32(v), bits.Len16(uint16(v))
}

// head appends everything before the scan's data.
func (e *jpegEncoder) head(dst []byte) []byte {
	dst = append(dst, 0xFF, markerSOI, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0)
	dst = append(dst, 0xFF, markerDQT, 0, 2+2*65)
	for i := range e.tables {
		dst = append(dst, byte(i))
		for _, at := range e.zigzag {
			dst = append(dst, byte(e.tables[i][at]))
		}
	}
	w, h := e.planes.w, e.planes.h
	dst = append(dst, 0xFF, markerSOF0, 0, 17, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 3)
	dst = append(dst, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1)
	for i := range 2 {
		dst = appendDHT(dst, byte(i), &e.dc[i])
		dst = appendDHT(dst, 0x10|byte(i), &e.ac[i])
	}
	return append(dst, 0xFF, markerSOS, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0)
}

// appendDHT appends one table's segment.
func appendDHT(dst []byte, id byte, h *huffman) []byte {
	n := 2 + 17 + len(h.values)
	dst = append(dst, 0xFF, markerDHT, byte(n>>8), byte(n), id)
	dst = append(dst, h.bits[1:]...)
	return append(dst, h.values...)
}
