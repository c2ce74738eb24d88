package render

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"acip/frame"
)

// peer is another program that draws pictures in a terminal. Its arguments may hold COLS, ROWS and, as the last one, the
// kind of file that it reads fastest; that is repeated for many pictures, but for y4m, which holds them all.
type peer struct{ name, args string }

var peers = []peer{
	{"chafa half", "chafa --format symbols --symbols vhalf --colors full --threads 1 --size COLSxROWS p.ppm"},
	{"chafa block, half effort", "chafa --format symbols --symbols block --colors full --threads 1 --work 5 --size COLSxROWS p.ppm"},
	{"chafa block, full effort", "chafa --format symbols --symbols block --colors full --threads 1 --work 9 --size COLSxROWS p.ppm"},
	{"timg half", "timg -ph --threads=1 -gCOLSxROWS p.ppm"},
	{"timg quarter", "timg -pq --threads=1 -gCOLSxROWS p.ppm"},
	{"jp2a ascii, with JPEG", "jp2a --colors --size=COLSxROWS p.jpg"},
	{"mpv half", "mpv --no-config --vo=tct --vo-tct-algo=half-blocks --vo-tct-width=COLS --vo-tct-height=ROWS --really-quiet --untimed --no-audio p.y4m"},
}

// peerPictures is how many pictures a peer draws beyond the first one, which pays for its start.
const peerPictures = 20

// BenchmarkPeers draws BenchmarkFrame's first picture with other programs, those that are installed: the CPU time of
// many pictures less that of one.
func BenchmarkPeers(b *testing.B) {
	dir := b.TempDir()
	peerFiles(b, dir, call(640, 480, 0))
	for _, p := range peers {
		for _, size := range benchGrids {
			b.Run(fmt.Sprintf("%s/%dx%d", p.name, size.W, size.H), func(b *testing.B) {
				var cpu time.Duration
				var written int
				for range b.N {
					one, _ := p.run(b, dir, size, 0)
					all, n := p.run(b, dir, size, peerPictures)
					cpu, written = cpu+all-one, n
				}
				b.ReportMetric(cpu.Seconds()*1e3/peerPictures/float64(b.N), "cpu-ms/frame")
				b.ReportMetric(float64(written)/(peerPictures+1), "bytes/frame")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// run draws a picture and so many more.
func (p *peer) run(b *testing.B, dir string, size frame.Size, more int) (cpu time.Duration, written int) {
	b.Helper()
	args := strings.Fields(strings.NewReplacer("COLS", fmt.Sprint(size.W), "ROWS", fmt.Sprint(size.H)).Replace(p.args))
	last := args[len(args)-1]
	if filepath.Ext(last) == ".y4m" {
		args[len(args)-1] = fmt.Sprintf("p%d.y4m", more+1)
	} else {
		for range more {
			args = append(args, last)
		}
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		b.Skip(args[0], "is not installed")
	}
	cmd := exec.Command(path, args[1:]...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout = dir, &out
	if err := cmd.Run(); err != nil {
		b.Fatal(args, err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), out.Len()
}

// peerFiles writes a picture in the files that peers read.
func peerFiles(b *testing.B, dir string, f *frame.Frame) {
	b.Helper()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write("p.ppm", append(fmt.Appendf(nil, "P6 %d %d 255\n", f.Width, f.Height), f.Pix...))
	m := image.NewRGBA(image.Rect(0, 0, f.Width, f.Height))
	planes := make([]byte, 0, len(f.Pix))
	for i := range f.Width * f.Height {
		copy(m.Pix[4*i:], append(f.Pix[3*i:3*i+3:3*i+3], 255))
		planes = append(planes, f.Pix[3*i+1])
	}
	var packed bytes.Buffer
	if err := jpeg.Encode(&packed, m, nil); err != nil {
		b.Fatal(err)
	}
	write("p.jpg", packed.Bytes())
	for i := range 2 * f.Width * f.Height { // any colours do
		planes = append(planes, f.Pix[i])
	}
	for _, n := range []int{1, peerPictures + 1} {
		film := fmt.Appendf(nil, "YUV4MPEG2 W%d H%d F30:1 C444\n", f.Width, f.Height)
		for range n {
			film = append(append(film, "FRAME\n"...), planes...)
		}
		write(fmt.Sprintf("p%d.y4m", n), film)
	}
}
