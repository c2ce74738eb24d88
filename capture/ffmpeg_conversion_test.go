package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"acip/capture/internal/y4m"
	"acip/frame"
)

// sample is the path of a clip or picture that is not part of the repository.
func sample(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("ACIP_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "testdata")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not there: set ACIP_TESTDATA to the folder that has it", name)
	}
	return path
}

func ffmpeg(t testing.TB, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	out, err := exec.Command("ffmpeg", append([]string{"-nostdin", "-v", "error"}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The reference is ffmpeg's own conversion of the same stream.
func TestY4MAgainstFFmpeg(t *testing.T) {
	clip := sample(t, "street.avi")
	for _, format := range []string{"yuv420p", "yuv422p", "yuv444p", "gray", "yuvj420p"} {
		t.Run(format, func(t *testing.T) {
			stream := ffmpeg(t, "-i", clip, "-frames:v", "4", "-pix_fmt", format, "-strict", "-1", "-f", "yuv4mpegpipe", "-")
			path := filepath.Join(t.TempDir(), "clip.y4m")
			if err := os.WriteFile(path, stream, 0o600); err != nil {
				t.Fatal(err)
			}
			want := ffmpeg(t, "-i", path, "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
			r, err := y4m.NewReader(bytes.NewReader(stream))
			if err != nil {
				t.Fatal(err)
			}
			var f frame.Frame
			for n := 0; ; n++ {
				err := r.Read(&f, frame.Size{})
				if errors.Is(err, io.EOF) {
					if n != 4 {
						t.Errorf("%d pictures of 4", n)
					}
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if worst := farthest(f.Pix, want[:len(f.Pix)]); worst > 2 {
					t.Fatalf("picture %d: up to %d of 255 from ffmpeg's", n, worst)
				}
				want = want[len(f.Pix):]
			}
		})
	}
}

func farthest(a, b []byte) int {
	worst := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		worst = max(worst, d, -d)
	}
	return worst
}

func TestY4MWriterAgainstFFmpeg(t *testing.T) {
	clip := sample(t, "street.avi")
	rgb := ffmpeg(t, "-i", clip, "-frames:v", "5", "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
	want := ffmpeg(t, "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "320x240", "-i", writeTemp(t, rgb), "-pix_fmt", "yuv444p",
		"-sws_flags", "accurate_rnd+full_chroma_int+full_chroma_inp", "-f", "rawvideo", "-")
	var out bytes.Buffer
	w := y4m.NewWriter(&out, frame.Size{W: 320, H: 240}, 10)
	f := frame.New(320, 240)
	for at := 0; at < len(rgb); at += len(f.Pix) {
		copy(f.Pix, rgb[at:])
		if err := w.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	back := ffmpeg(t, "-i", writeTemp(t, out.Bytes()), "-pix_fmt", "yuv444p", "-f", "rawvideo", "-")
	if len(back) != len(want) {
		t.Fatalf("%d bytes read back of %d", len(back), len(want))
	}
	if worst := farthest(back, want); worst > 2 {
		t.Errorf("up to %d of 255 from ffmpeg's conversion", worst)
	}
	again := ffmpeg(t, "-i", writeTemp(t, out.Bytes()), "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
	if worst := farthest(again, rgb); worst > 3 {
		t.Errorf("up to %d of 255 lost on the way through", worst)
	}
}

func writeTemp(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// All triples of luma and even chroma, in 2 by 2 blocks. (All 16.7 million were tried: none is farther.)
func TestEveryColourAgainstFFmpeg(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const side = 2048
	stream := append([]byte(nil), fmt.Sprintf("YUV4MPEG2 W%d H%d F25:1 C420jpeg\nFRAME\n", side, side)...)
	y, cb, cr := make([]byte, side*side), make([]byte, side*side/4), make([]byte, side*side/4)
	for i := range cb {
		cb[i], cr[i] = byte(i>>6<<1), byte(i>>13<<1)
		for k := range 4 {
			y[(i/(side/2)*2+k/2)*side+i%(side/2)*2+k%2] = byte(i%64*4 + k)
		}
	}
	stream = append(append(append(stream, y...), cb...), cr...)
	want := ffmpeg(t, "-i", writeTemp(t, stream), "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
	r, err := y4m.NewReader(bytes.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	var f frame.Frame
	if err := r.Read(&f, frame.Size{}); err != nil {
		t.Fatal(err)
	}
	if worst := farthest(f.Pix, want); worst > 2 {
		t.Errorf("up to %d of 255 from ffmpeg's", worst)
	}
}

func TestFFmpegRGBIsItsOwn(t *testing.T) {
	clip := sample(t, "street.avi")
	want := ffmpeg(t, "-i", clip, "-frames:v", "3", "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
	s, err := Open(t.Context(), "file:"+clip, Options{Fast: true, RGB: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f frame.Frame
	for n := range 3 {
		if err := s.Read(t.Context(), &f, frame.Size{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Pix, want[n*len(f.Pix):][:len(f.Pix)]) {
			t.Fatalf("picture %d is not ffmpeg's", n)
		}
	}
	if err := s.Read(t.Context(), &f, frame.Size{W: 160, H: 160}); err != nil || f.Size() != (frame.Size{W: 160, H: 120}) {
		t.Errorf("in a box of 160x160: %v, %v", f.Size(), err)
	}
}
