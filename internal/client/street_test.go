package client

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"acip/capture"
	"acip/frame"
	"acip/internal/server"
	"acip/internal/testkit/gallery"
	"acip/internal/testkit/host"
)

// clip is a clip of the test data as YUV4MPEG2; the test is skipped where there is none, or no ffmpeg.
func clip(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("ACIP_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "testdata")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no test data: set ACIP_TESTDATA to the folder that has %s", name)
	}
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("no ffmpeg here")
	}
	out := filepath.Join(t.TempDir(), name+".y4m")
	cmd := exec.Command(ffmpeg, "-v", "error", "-i", path, "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, text)
	}
	return out
}

// pictures reads a whole y4m file with the program's own reader.
func pictures(t *testing.T, path string) (all []*frame.Frame) {
	t.Helper()
	src, err := capture.Open(context.Background(), "file:"+path, capture.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for {
		f := &frame.Frame{}
		err := src.Read(context.Background(), f, frame.Size{})
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
}

// TestStreet: a clip through standard input, a server and a pipe has the pixels that the same conversion gives directly,
// every picture of it once and in order.
func TestStreet(t *testing.T) {
	path := clip(t, "street.avi")
	want := pictures(t, path)
	for coding, least := range map[string]float64{"raw": math.Inf(1), "jpeg": 33} {
		t.Run(coding, func(t *testing.T) {
			h := host.Serve(t, server.Config{})
			out, err := os.Create(filepath.Join(t.TempDir(), "out.rgb"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			viewer := join(t, h, "viewer", func(c *Config) { c.Source, c.Output, c.Peer, c.Stdout = "none", "rgb", "street", out })
			until(t, "the viewer is in", func() bool { return h.Stats(t).Slots.Used == 1 })
			in, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			sender := join(t, h, "street", func(c *Config) {
				c.Source, c.Stdin, c.Codec, c.SendOnly, c.CaptureSize = "-", in, coding, true, frame.Size{}
			})
			if err := sender.wait(t); err != nil {
				t.Fatal(err)
			}
			sent, got := sender.account(t), viewer.account(t)
			if sent.Captured != uint64(len(want)) {
				t.Errorf("captured %d of %d", sent.Captured, len(want))
			}
			bytes, err := os.ReadFile(out.Name())
			if err != nil {
				t.Fatal(err)
			}
			compare(t, want, bytes, int(got.Drawn), least)
			if lost := uint64(len(want)) - got.Drawn; lost > 0 {
				t.Logf("drawn %d of %d: sender dropped %v, viewer dropped %v", got.Drawn, len(want), sent.Dropped, got.Dropped)
			}
		})
	}
}

// compare finds each picture of the stream among those that were sent, in order, at least as alike as least (dB). On a
// machine that has much else to do some come in fewer pixels, as over a slow link.
func compare(t *testing.T, want []*frame.Frame, stream []byte, n int, least float64) {
	t.Helper()
	size := len(want[0].Pix)
	if len(stream) != n*size {
		t.Fatalf("%d bytes for %d pictures of %d", len(stream), n, size)
	}
	next, found := 0, 0
	for i := range n {
		got := &frame.Frame{Width: want[0].Width, Height: want[0].Height, Pix: stream[i*size : (i+1)*size]}
		at, best := next, math.Inf(-1)
		for ; at < len(want); at++ {
			if best = gallery.PSNR(want[at].Pix, got.Pix); best >= least {
				break
			}
		}
		if at < len(want) {
			next, found = at+1, found+1
		} else if !gallery.Coarse(got) {
			t.Fatalf("picture %d is none of those sent: %.1f dB", i, best)
		}
	}
	if found == 0 {
		t.Errorf("none of %d pictures has the pixels of one that was sent", n)
	}
}
