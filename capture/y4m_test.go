package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"acip/capture/internal/y4m"
	"acip/frame"
)

// clip is a y4m stream of n pictures of the pattern, numbered from 1, in 4:4:4.
func clip(t testing.TB, n int, size frame.Size, fps float64) []byte {
	t.Helper()
	var b bytes.Buffer
	w := y4m.NewWriter(&b, size, fps)
	for i := range n {
		if err := w.WriteFrame(drawPattern(uint64(i+1), size)); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// noise is n random bytes.
func noise(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	pix := make([]byte, n)
	for i := range pix {
		pix[i] = byte(r.Uint32())
	}
	return pix
}

func TestFileKeepsItsRate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clip.y4m")
	if err := os.WriteFile(path, clip(t, 20, frame.Size{W: 64, H: 48}, 10), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(context.Background(), "file:"+path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if i := s.Info(); i.FPS != 10 || i.Size != (frame.Size{W: 64, H: 48}) || i.Live {
			t.Errorf("%+v", i)
		}
		start := time.Now()
		var f frame.Frame
		for i := range uint64(20) {
			if i == 10 {
				time.Sleep(time.Second) // late: none is missed, and no burst follows
			}
			mustReadNumber(t, s, &f, uint32(i+1))
			if f.Seq != i {
				t.Fatalf("Seq %d for picture %d", f.Seq, i)
			}
		}
		if d := time.Since(start); d < 2800*time.Millisecond || d > 2950*time.Millisecond {
			t.Errorf("20 pictures at 10 a second and a second's pause took %v", d)
		}
		if err := s.Read(context.Background(), &f, frame.Size{}); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	})
}

func mustReadNumber(t testing.TB, s Source, f *frame.Frame, n uint32) {
	t.Helper()
	if err := s.Read(context.Background(), f, frame.Size{}); err != nil {
		t.Fatal(err)
	}
	wantNumber(t, f, n)
}

func TestFileLoops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clip.y4m")
	if err := os.WriteFile(path, clip(t, 3, frame.Size{W: 64, H: 48}, 10), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), "file:"+path, Options{Loop: true, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f frame.Frame
	for i := range uint32(10) {
		mustReadNumber(t, s, &f, i%3+1)
		if f.Seq != uint64(i) {
			t.Errorf("Seq %d for picture %d", f.Seq, i)
		}
	}
}

// A Read that is interrupted inside a picture loses nothing.
func TestPipeIsInterruptedAndGoesOn(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	stream := clip(t, 2, frame.Size{W: 64, H: 48}, 30)
	half := len(stream) / 4
	if _, err := w.Write(stream[:half]); err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), "-", Options{Stdin: r})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f frame.Frame
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := s.Read(ctx, &f, frame.Size{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if _, err := w.Write(stream[half:]); err != nil {
		t.Fatal(err)
	}
	mustReadNumber(t, s, &f, 1)
	mustReadNumber(t, s, &f, 2)
	done := make(chan error, 1)
	go func() { done <- s.Read(context.Background(), &f, frame.Size{}) }()
	time.AfterFunc(20*time.Millisecond, func() { _ = s.Close() })
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("closed while reading: %v", err)
	}
}

func TestOpeningWaitsNoLongerThanItMay(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, "-", Options{Stdin: r}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a pipe that says nothing: %v", err)
	}
}
