package sixel

import (
	"slices"

	"acip/render/internal/paint"
)

const (
	maxColours = 256
	quantBits  = 5 // of each channel, in the histogram and in the table
	quantCells = 1 << (3 * quantBits)
)

// Quantiser brings pictures to at most 256 colours of their own. It keeps its colours for the next picture as long as
// they serve it about as well as the one that they were made for, so that flat places do not shimmer.
type Quantiser struct {
	colors []paint.Paint
	table  [quantCells]uint8 // the nearest colour
	error  float32           // mean squared error per pixel of the picture that the colours were made for
	boxes  []colorBox
	counts [quantCells]int32
}

// apply returns the picture as numbers of colours; the slice is dst if that is large enough.
func (q *Quantiser) apply(dst []uint8, pix []byte, width int) []uint8 {
	if q.colors == nil {
		q.learn(pix)
	}
	dst, e := q.paint(dst, pix, width)
	if e > q.error*1.3+4 {
		q.learn(pix)
		dst, e = q.paint(dst, pix, width)
		q.error = e
	} else if q.error == 0 {
		q.error = e
	}
	return dst
}

// paint looks each pixel up, with a small ordered dither that depends on its place alone.
func (q *Quantiser) paint(dst []uint8, pix []byte, width int) ([]uint8, float32) {
	n := len(pix) / 3
	if cap(dst) < n {
		dst = make([]uint8, n)
	}
	dst = dst[:n]
	var sum int64
	for i := range dst {
		x, y := i%width, i/width
		d := int32(paint.Bayer(x, y)*ditherSpan) - ditherSpan/2
		r, g, b := int32(pix[i*3]), int32(pix[i*3+1]), int32(pix[i*3+2])
		k := q.table[quantCell(min(max(r+d, 0), 255), min(max(g+d, 0), 255), min(max(b+d, 0), 255))]
		dst[i] = k
		c := q.colors[k]
		sum += int64(paint.Square(r-int32(c>>16&0xff)) + paint.Square(g-int32(c>>8&0xff)) + paint.Square(b-int32(c&0xff)))
	}
	return dst, float32(sum) / float32(max(n, 1))
}

const ditherSpan = 8

func quantCell(r, g, b int32) int32 {
	const s = 8 - quantBits
	return r>>s<<(2*quantBits) | g>>s<<quantBits | b>>s
}

// colorBox is a box of histogram cells, to be cut where that helps most.
type colorBox struct {
	cells []uint16
	error float64
}

// learn chooses colours by cutting the box with the most squared error at its mean, until there are enough.
func (q *Quantiser) learn(pix []byte) {
	clear(q.counts[:])
	for i := 0; i+2 < len(pix); i += 3 {
		q.counts[quantCell(int32(pix[i]), int32(pix[i+1]), int32(pix[i+2]))]++
	}
	var all []uint16
	for i, n := range q.counts {
		if n > 0 {
			all = append(all, uint16(i))
		}
	}
	q.boxes = append(q.boxes[:0], q.boxed(all))
	for len(q.boxes) < maxColours {
		worst := 0
		for i := range q.boxes {
			if q.boxes[i].error > q.boxes[worst].error {
				worst = i
			}
		}
		if q.boxes[worst].error == 0 {
			break
		}
		low, high := q.cut(q.boxes[worst].cells)
		q.boxes[worst] = low
		q.boxes = append(q.boxes, high)
	}
	q.finish()
}

// channelOf returns a histogram cell's middle in one channel.
func channelOf(cell uint16, ch int) float64 {
	return float64(cell>>(quantBits*(2-ch))&(1<<quantBits-1))*8 + 3.5
}

// moments returns the pixels of some cells, and the mean and squared deviation of each channel.
func (q *Quantiser) moments(cells []uint16) (n float64, mean, deviation [3]float64) {
	for _, c := range cells {
		w := float64(q.counts[c])
		n += w
		for ch := range 3 {
			v := channelOf(c, ch)
			mean[ch] += w * v
			deviation[ch] += w * v * v
		}
	}
	for ch := range 3 {
		mean[ch] /= max(n, 1)
		deviation[ch] = max(deviation[ch]-n*mean[ch]*mean[ch], 0)
	}
	return n, mean, deviation
}

func (q *Quantiser) boxed(cells []uint16) colorBox {
	_, _, d := q.moments(cells)
	if len(cells) < 2 {
		return colorBox{cells, 0}
	}
	return colorBox{cells, d[0] + d[1] + d[2]}
}

// cut parts cells at the mean of the channel that deviates most.
func (q *Quantiser) cut(cells []uint16) (low, high colorBox) {
	_, mean, d := q.moments(cells)
	ch := 0
	for k := range 3 {
		if d[k] > d[ch] {
			ch = k
		}
	}
	slices.SortFunc(cells, func(a, b uint16) int { return int(channelOf(a, ch) - channelOf(b, ch)) })
	at := 1
	for at < len(cells)-1 && channelOf(cells[at], ch) <= mean[ch] {
		at++
	}
	return q.boxed(cells[:at]), q.boxed(cells[at:])
}

// finish makes the colours of the boxes, and the table of the nearest one.
func (q *Quantiser) finish() {
	q.colors = q.colors[:0]
	for _, b := range q.boxes {
		_, m, _ := q.moments(b.cells)
		q.colors = append(q.colors, paint.RGB(uint8(m[0]+.5), uint8(m[1]+.5), uint8(m[2]+.5)))
	}
	for i := range q.table {
		want := paint.RGB(uint8(channelOf(uint16(i), 0)), uint8(channelOf(uint16(i), 1)), uint8(channelOf(uint16(i), 2)))
		best, least := 0, int32(1<<30)
		for k, c := range q.colors {
			if d := paint.Distance(c, want); d < least {
				best, least = k, d
			}
		}
		q.table[i] = uint8(best)
	}
}
