package capture

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"acip/frame"
)

func TestFFmpegReadsTheRest(t *testing.T) {
	path := sample(t, "street.avi")
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	want := ffmpeg(t, "-i", path, "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
	s, err := Open(context.Background(), "file:"+path, Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if i := s.Info(); i.FPS != 10 || i.Size != (frame.Size{W: 320, H: 240}) {
		t.Errorf("%+v", i)
	}
	var f frame.Frame
	frames := 0
	for ; ; frames++ {
		err := s.Read(context.Background(), &f, frame.Size{})
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if worst := farthest(f.Pix, want[:len(f.Pix)]); worst > 2 {
			t.Fatalf("picture %d: up to %d of 255 from ffmpeg's", frames, worst)
		}
		want = want[len(f.Pix):]
	}
	if len(want) != 0 || frames == 0 {
		t.Errorf("%d pictures read, %d bytes of ffmpeg's left", frames, len(want))
	}
}

func TestFFmpegSaysWhy(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	_, err := openFast(t, "odd.avi", []byte("RIFF nothing that anybody can read"))
	if err == nil || KindOf(err) != BadData || !strings.Contains(err.Error(), "Invalid data") {
		t.Errorf("%v", err)
	}
}

func TestFFmpegIsReaped(t *testing.T) {
	path := sample(t, "head.avi")
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	s, err := Open(context.Background(), "file:"+path, Options{Loop: true})
	if err != nil {
		t.Fatal(err)
	}
	var f frame.Frame
	done := make(chan error, 1)
	go func() {
		for {
			if err := s.Read(context.Background(), &f, frame.Size{W: 160, H: 120}); err != nil {
				done <- err
				return
			}
		}
	}()
	time.AfterFunc(100*time.Millisecond, func() { _ = s.Close() })
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("Read ended with %v", err)
	}
	_ = s.Close()
	p := s.(*stream).in.close[0].(*program)
	_ = p.Close()
	if p.cmd.ProcessState == nil {
		t.Error("ffmpeg was not waited for")
	}
}

func TestFFmpegMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := openFast(t, "odd.avi", []byte("RIFF"))
	if KindOf(err) != Unsupported || !strings.Contains(err.(*Error).Hint, "install") {
		t.Errorf("%v", err)
	}
}

func TestReason(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "one": "one", "one\ntwo\n": "one", "\r\n one\r\n\n": "one", "a\x1b[31mb\n": "a [31mb", strings.Repeat("y", 2*maxSaid): strings.Repeat("y", maxSaid),
		"[webp @ 0x5634ab] image data not found\nError while decoding stream #0:0: Invalid data found when processing input\nError marking filters as finished\n": "webp: image data not found",
		"[mjpeg @ 0x5634ab] overread 8\nno more\n": "no more",
	} {
		var r reason
		for _, c := range []byte(said) {
			_, _ = r.Write([]byte{c})
		}
		if r.String() != want {
			t.Errorf("%q: %q", said, r.String())
		}
	}
}
