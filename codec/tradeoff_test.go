package codec

import (
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"acip/codec/internal/ycc"
	"acip/frame"
	"acip/media"
)

// packetHead is what the protocol puts in front of each coded picture, in bytes: a packet's header and a picture's head.
const packetHead = 22 + 20

// goal is what a clip must reach: not more kbit/s, packets' heads included, and not fewer dB of luma.
type goal struct {
	file, filter string
	size         frame.Size
	fps          float64
	id           media.Codec
	kbps, db     float64
}

func goals() []goal {
	small, wide := frame.Size{W: 80, H: 48}, frame.Size{W: 160, H: 90}
	const noise = "noise=alls=8:allf=t,"
	return []goal{
		{"head.avi", "", wide, 30, media.VP8, 60, 35},
		{"head.avi", "", small, 30, media.VP8, 25, 32},
		{"head.avi", noise, wide, 30, media.VP8, 30, 32.5},
		{"street.avi", "", wide, 10, media.VP8, 30, 34},
		{"street.avi", "", small, 10, media.VP8, 25, 32},
		{"head.avi", "", wide, 30, media.JPEG, 600, 33},
		{"street.avi", "", wide, 10, media.JPEG, 600, 33},
		{"head.avi", "", small, 30, media.JPEG, 600, 30},
	}
}

// The table of rates and qualities that the settings were chosen by, on real clips where they are at hand.
func TestRatesAndQualitiesOfRealClips(t *testing.T) {
	if testing.Short() {
		t.Skip("encodes whole clips")
	}
	for _, g := range goals() {
		if _, err := NewEncoder(g.id, Options{}); err != nil {
			t.Logf("%v left out: %v", g.id, err)
			continue
		}
		clip := loadClip(t, g)
		kbps, rgb, luma := measure(t, g, clip)
		t.Logf("%-10s %-4s %dx%d noise %-5v %2.0f fps: %6.1f kbit/s (goal %3.0f), %.1f dB luma (goal %4.1f), %.1f dB RGB",
			g.file, g.id, g.size.W, g.size.H, g.filter != "", g.fps, kbps, g.kbps, luma, g.db, rgb)
		if kbps > g.kbps || luma < g.db {
			t.Errorf("%s %v at %v misses its goal", g.file, g.id, g.size)
		}
	}
}

// measure codes a clip; the qualities are of the mean squared error over all pictures.
func measure(t *testing.T, g goal, clip []*frame.Frame) (kbps, rgb, luma float64) {
	e, d := open(t, g.id, Options{FPS: g.fps})
	m := ycc.BT601()
	var got frame.Frame
	var a, b planes
	bytes, sumRGB, sumY := 0, 0.0, 0.0
	for _, f := range clip {
		data, _, err := e.Encode(nil, f, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(&got, data, g.size); err != nil {
			t.Fatal(err)
		}
		bytes += len(data) + packetHead
		sumRGB += squares(f.Pix, got.Pix)
		a.fromRGB(&m, f.Pix, g.size.W, g.size.H)
		b.fromRGB(&m, got.Pix, g.size.W, g.size.H)
		sumY += squares(a.y, b.y)
	}
	n := float64(len(clip))
	return float64(bytes) * 8 * g.fps / n / 1000, 10 * math.Log10(255*255*n/sumRGB), 10 * math.Log10(255*255*n/sumY)
}

// loadClip scales a clip of the test data with ffmpeg, or skips the test.
func loadClip(t *testing.T, g goal) (clip []*frame.Frame) {
	t.Helper()
	dir := os.Getenv("ACIP_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "testdata")
	}
	path := filepath.Join(dir, g.file)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s: set ACIP_TESTDATA", path)
	}
	scale := fmt.Sprintf("%sscale=%d:%d:flags=area,format=yuv420p", g.filter, g.size.W, g.size.H)
	pix, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-vf", scale, "-f", "rawvideo", "-pix_fmt", "rgb24", "-").Output()
	if err != nil {
		t.Skipf("ffmpeg: %v", err)
	}
	for n := g.size.W * g.size.H * 3; len(pix) >= n; pix = pix[n:] {
		clip = append(clip, &frame.Frame{Width: g.size.W, Height: g.size.H, Pix: pix[:n]})
	}
	if len(clip) == 0 {
		t.Fatal(io.ErrUnexpectedEOF)
	}
	return clip
}
