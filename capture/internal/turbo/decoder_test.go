//go:build cgo && turbojpeg

package turbo

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os/exec"
	"testing"

	"acip/frame"
)

// pictures are JPEGs of awkward sizes in the subsamplings that cameras send.
func pictures(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, s := range []frame.Size{{W: 1, H: 1}, {W: 7, H: 3}, {W: 16, H: 16}, {W: 17, H: 33}, {W: 95, H: 41}, {W: 330, H: 250}} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, image.NewYCbCr(image.Rect(0, 0, s.W, s.H), image.YCbCrSubsampleRatio420), nil); err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprintf("420 %dx%d", s.W, s.H)] = b.Bytes()
		b = bytes.Buffer{}
		if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, s.W, s.H)), nil); err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprintf("grey %dx%d", s.W, s.H)] = b.Bytes()
		if _, err := exec.LookPath("ffmpeg"); err != nil {
			continue
		}
		for _, format := range []string{"yuvj422p", "yuvj444p"} {
			out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", fmt.Sprintf("color=red:s=%dx%d", s.W, s.H),
				"-frames:v", "1", "-pix_fmt", format, "-c:v", "mjpeg", "-f", "image2pipe", "-").Output()
			if err == nil && len(out) > 0 {
				all[fmt.Sprintf("%s %dx%d", format, s.W, s.H)] = out
			}
		}
	}
	return all
}

// The library writes through pointers: what lies behind the planes must stay as it was.
func TestDecodeStaysInItsPlanes(t *testing.T) {
	for name, data := range pictures(t) {
		for _, to := range []frame.Size{{}, {W: 20, H: 20}, {W: 90, H: 90}, {W: 4096, H: 4096}} {
			d := Decoder{pix: bytes.Repeat([]byte{0xA5}, 1<<20)}
			m, err := d.Decode(data, to, func(frame.Size) error { return nil })
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			used := len(d.picture.Y) + len(d.picture.Cb) + len(d.picture.Cr)
			if rest := d.pix[used:]; !bytes.Equal(rest, bytes.Repeat([]byte{0xA5}, len(rest))) {
				t.Errorf("%s to %v: written behind %d bytes of planes for %v", name, to, used, m.Bounds())
			}
			d.Close()
			d.Close()
		}
	}
}
