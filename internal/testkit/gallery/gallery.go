// Package gallery reads what a viewer wrote, for the tests of clients.
package gallery

import (
	"io"
	"math"
	"sync"
	"testing"

	"acip/capture"
	"acip/frame"
)

// Gallery is what came of a sender of the test pattern, out of a stream of RGB pictures.
type Gallery struct {
	mu      sync.Mutex
	numbers []uint32
	coarse  int // came in so few pixels that no number can be read
	torn    int
}

// Look reads pictures of that size until the stream ends.
func (g *Gallery) Look(r io.Reader, size frame.Size) {
	f := frame.New(size.W, size.H)
	for {
		if _, err := io.ReadFull(r, f.Pix); err != nil {
			return
		}
		g.hang(f)
	}
}

func (g *Gallery) hang(f *frame.Frame) {
	n, whole := capture.PatternNumber(f)
	coarse := !whole && Coarse(f)
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case whole:
		g.numbers = append(g.numbers, n)
	case coarse:
		g.coarse++
	default:
		g.torn++
	}
}

// Count is how many pictures came whole.
func (g *Gallery) Count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.numbers) + g.coarse
}

// Check holds that none was torn, twice or out of order.
func (g *Gallery) Check(t testing.TB) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.torn > 0 || len(g.numbers) == 0 {
		t.Errorf("%d torn pictures beside %d, and %d coarse ones", g.torn, len(g.numbers), g.coarse)
	}
	for i := 1; i < len(g.numbers); i++ {
		if g.numbers[i] <= g.numbers[i-1] {
			t.Errorf("picture %d after %d", g.numbers[i], g.numbers[i-1])
		}
	}
}

// blurred is the PSNR, in dB, above which a picture tells no more than its half-sized self. The test pattern and a street
// have 22 to 28 at their own size, 33 and more where they were sent at three quarters of it, or less.
const blurred = 32

// Coarse reports whether a picture came in fewer pixels than it has, as a sender does whose link is too slow: a machine that
// has much else to do looks like one.
func Coarse(f *frame.Frame) bool {
	size := f.Size()
	whole, half := frame.Rect{W: size.W, H: size.H}, frame.Rect{W: size.W / 2, H: size.H / 2}
	small, back := frame.New(half.W, half.H), frame.New(size.W, size.H)
	var down, up frame.Scaler
	down.Scale(small, half, f, whole)
	up.Scale(back, whole, small, half)
	return PSNR(f.Pix, back.Pix) > blurred
}

// PSNR is how alike two pictures of one size are, in dB; infinite where they are the same.
func PSNR(a, b []byte) float64 {
	var sum float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	if sum == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(255*255*float64(len(a))/sum)
}
