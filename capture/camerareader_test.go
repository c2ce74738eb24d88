package capture

import (
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	mdframe "github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"acip/capture/internal/yuv"
	"acip/frame"
)

// fake is a device whose reads a test scripts.
type fake struct {
	modes  []prop.Media
	read   func() (image.Image, func(), error)
	record error
	asked  prop.Media
	closed sync.Once
	ended  chan struct{}
}

func newFake(read func() (image.Image, func(), error)) *fake {
	return &fake{read: read, ended: make(chan struct{}), modes: []prop.Media{media(mdframe.FormatYUYV, 64, 48, 30)}}
}

func media(f mdframe.Format, w, h int, fps float32) prop.Media {
	return prop.Media{Video: prop.Video{Width: w, Height: h, FrameFormat: f, FrameRate: fps}}
}

func (d *fake) Open() error              { return nil }
func (d *fake) Properties() []prop.Media { return d.modes }
func (d *fake) Close() error {
	d.closed.Do(func() { close(d.ended) })
	return nil
}
func (d *fake) VideoRecord(m prop.Media) (video.Reader, error) {
	d.asked = m
	return video.ReaderFunc(d.read), d.record
}

// fakes registers d, and takes it back at the end of the test.
func fakes(t testing.TB, d *fake) {
	t.Helper()
	m := driver.GetManager()
	const label = "a fake for tests"
	_ = m.Register(d, driver.Info{Label: label, DeviceType: "virtual"})
	t.Cleanup(func() {
		for _, r := range m.Query(func(d driver.Driver) bool { return d.Info().Label == label }) {
			m.Delete(r.ID())
		}
	})
}

// ticking yields pattern-like planes at a rate.
func ticking(period time.Duration) func() (image.Image, func(), error) {
	m := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio422)
	for i := range m.Y {
		m.Y[i] = 81 // red in limited range
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = 90, 240
	}
	return func() (image.Image, func(), error) {
		time.Sleep(period)
		return m, func() {}, nil
	}
}

func openFake(ctx context.Context) (Source, error) {
	return Open(ctx, "device:a fake", Options{})
}

func TestRecorderSkipsToNow(t *testing.T) {
	d := newFake(ticking(time.Second / 30))
	fakes(t, d)
	synctest.Test(t, func(t *testing.T) {
		s, err := openFake(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if d.asked.Width != 64 || d.asked.FrameRate != 30 || d.asked.FrameFormat != mdframe.FormatYUYV {
			t.Errorf("asked for %+v", d.asked.Video)
		}
		var f frame.Frame
		for range 3 {
			if err := s.Read(context.Background(), &f, frame.Size{W: 16, H: 16}); err != nil {
				t.Fatal(err)
			}
		}
		if f.Size() != (frame.Size{W: 16, H: 12}) || f.Pix[0] < 252 || f.Pix[1] > 2 || f.Pix[2] > 2 {
			t.Errorf("%v, first pixel %v", f.Size(), f.Pix[:3])
		}
		last := f.Seq
		time.Sleep(time.Second)
		if err := s.Read(context.Background(), &f, frame.Size{}); err != nil || f.Seq < last+29 || time.Since(f.Time) > time.Second/30 {
			t.Errorf("after a second: %v, number %d after %d, %v old", err, f.Seq, last, time.Since(f.Time))
		}
	})
}

func TestRecorderErrors(t *testing.T) {
	tick := ticking(time.Second / 30)
	after := func(good int, err error) func() (image.Image, func(), error) {
		n := 0
		return func() (image.Image, func(), error) {
			if n++; n > good {
				time.Sleep(time.Second / 30)
				return nil, nil, err // a nil release function, as mediadevices has it for bad JPEGs
			}
			return tick()
		}
	}
	timeout := func(good int) func() (image.Image, func(), error) {
		n := 0
		return func() (image.Image, func(), error) {
			if n++; n > good {
				time.Sleep(time.Second)
				return nil, func() {}, errors.New("read timeout")
			}
			return tick()
		}
	}
	cases := []struct {
		name   string
		read   func() (image.Image, func(), error)
		open   bool
		frames int
		kind   Kind
		within time.Duration
	}{
		{"unplugged", after(5, syscall.ENODEV), true, 4, Lost, time.Second},
		{"no first picture", timeout(0), false, 0, Stalled, 3100 * time.Millisecond},
		{"stalls", timeout(5), true, 4, Stalled, 4500 * time.Millisecond},
		{"damaged for ever", after(5, jpeg.FormatError("short")), true, 4, Lost, 3 * time.Second},
		{"only damaged ones", after(0, jpeg.FormatError("short")), false, 0, Lost, 3100 * time.Millisecond},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fakes(t, newFake(c.read))
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s, err := openFake(context.Background())
				if (err == nil) != c.open {
					t.Fatal(err)
				}
				frames := 0
				for err == nil {
					var f frame.Frame
					if err = s.Read(context.Background(), &f, frame.Size{}); err == nil {
						frames++
					}
				}
				if KindOf(err) != c.kind || frames < c.frames || time.Since(start) > c.within {
					t.Errorf("%d pictures, then %v (%v) after %v", frames, err, KindOf(err), time.Since(start))
				}
				if s == nil {
					return
				}
				var f frame.Frame
				if again := s.Read(context.Background(), &f, frame.Size{}); again != err {
					t.Errorf("the next Read: %v", again)
				}
				s.Close()
				s.Close()
			})
		})
	}
}

func TestRecorderSkipsDamagedPictures(t *testing.T) {
	tick, n := ticking(time.Second/30), 0
	fakes(t, newFake(func() (image.Image, func(), error) {
		if n++; n%5 == 0 {
			time.Sleep(time.Second / 30)
			return nil, nil, io.ErrUnexpectedEOF
		}
		return tick()
	}))
	synctest.Test(t, func(t *testing.T) {
		s, err := openFake(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var f frame.Frame
		for range 40 {
			if err := s.Read(context.Background(), &f, frame.Size{}); err != nil {
				t.Fatal(err)
			}
		}
		if f.Seq < 48 || f.Seq > 52 {
			t.Errorf("picture 40 has number %d: each fifth was damaged", f.Seq)
		}
	})
}

func TestRecorderIsInterrupted(t *testing.T) {
	fakes(t, newFake(ticking(time.Second)))
	synctest.Test(t, func(t *testing.T) {
		s, err := openFake(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var f frame.Frame
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		if err := s.Read(ctx, &f, frame.Size{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := s.Read(context.Background(), &f, frame.Size{}); err != nil {
			t.Error(err)
		}
		start := time.Now()
		time.AfterFunc(100*time.Millisecond, func() { s.Close() })
		if err := s.Read(context.Background(), &f, frame.Size{}); !errors.Is(err, ErrClosed) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		s.Close()
	})
}

func TestRecorderCannotStart(t *testing.T) {
	d := newFake(ticking(time.Second))
	d.record = syscall.EBUSY
	fakes(t, d)
	if s, err := openFake(context.Background()); err == nil || s != nil {
		t.Errorf("%v, %v", s, err)
	}
	d.modes = []prop.Media{media(mdframe.FormatZ16, 64, 48, 30), media(mdframe.FormatYUYV, 0, 0, 30)}
	if _, err := openFake(context.Background()); KindOf(err) != Unsupported {
		t.Errorf("a depth camera: %v", err)
	}
	if _, err := Open(context.Background(), "device:nobody", Options{}); KindOf(err) != Missing {
		t.Errorf("%v", err)
	}
}

func TestPatternDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(context.Background(), "device:PATTERN", Options{Size: frame.Size{W: 330, H: 250}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if i := s.Info(); i.Size != (frame.Size{W: 320, H: 240}) || i.Note == "" {
			t.Errorf("%+v", i)
		}
		var f frame.Frame
		var last uint32
		for range 30 {
			if err := s.Read(context.Background(), &f, frame.Size{W: 80, H: 48}); err != nil {
				t.Fatal(err)
			}
			n, ok := PatternNumber(&f)
			if !ok || last != 0 && n != last+1 {
				t.Fatalf("number %d %v after %d", n, ok, last)
			}
			last = n
		}
	})
}

func TestCameraFollowsTheDemand(t *testing.T) {
	d := newFake(ticking(time.Second / 30))
	d.modes = []prop.Media{
		media(mdframe.FormatYUYV, 320, 240, 30), media(mdframe.FormatYUYV, 640, 480, 30), media(mdframe.FormatMJPEG, 1920, 1080, 60),
	}
	fakes(t, d)
	synctest.Test(t, func(t *testing.T) {
		s, err := openFake(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		steps := []struct {
			box  frame.Size
			hold time.Duration
			want int // width
		}{
			{frame.Size{W: 160, H: 90}, 20 * time.Second, 640}, // decoding 640x480 YUYV is cheap
			{frame.Size{W: 1280, H: 720}, time.Second, 640}, {frame.Size{W: 640, H: 360}, time.Second, 640},
			{frame.Size{W: 1280, H: 720}, 3 * time.Second, 1920}, {frame.Size{W: 160, H: 90}, 10 * time.Second, 1920},
			{frame.Size{W: 160, H: 90}, 10 * time.Second, 320}, {frame.Size{}, 5 * time.Second, 320},
		}
		var f frame.Frame
		last := uint64(0)
		for i, step := range steps {
			for until := time.Now().Add(step.hold); time.Now().Before(until); {
				if err := s.Read(context.Background(), &f, step.box); err != nil {
					t.Fatal(err)
				}
				if f.Seq <= last && last > 0 {
					t.Fatalf("number %d after %d", f.Seq, last)
				}
				last = f.Seq
			}
			if w := s.Info().Size.W; w != step.want {
				t.Errorf("step %d: %d wide, want %d", i, w, step.want)
			}
		}
	})
}

func TestRecorderAllocatesNothing(t *testing.T) {
	r := &cameraReader{wake: make(chan struct{}, 1), colour: yuv.Encoding{}}
	m := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio422)
	var f frame.Frame
	n := testing.AllocsPerRun(20, func() {
		r.want, r.box, r.filled = &f, frame.Size{W: 160, H: 90}, false
		r.serve(m, 1)
		if done, err := r.taken(); !done || err != nil {
			t.Fatal(done, err)
		}
	})
	if n != 0 {
		t.Errorf("%g allocations a picture", n)
	}
}

func TestChoice(t *testing.T) {
	webcam := []prop.Media{
		media(mdframe.FormatYUYV, 640, 480, 30), media(mdframe.FormatYUYV, 640, 480, 15), media(mdframe.FormatYUYV, 320, 240, 30),
		media(mdframe.FormatYUYV, 160, 120, 30), media(mdframe.FormatYUYV, 1280, 720, 10), media(mdframe.FormatYUYV, 1920, 1080, 5),
		media(mdframe.FormatMJPEG, 640, 480, 30), media(mdframe.FormatMJPEG, 1280, 720, 30), media(mdframe.FormatMJPEG, 1920, 1080, 30),
		media(mdframe.FormatMJPEG, 1280, 720, 60),
	}
	cases := []struct {
		o    Options
		want prop.Media
		note bool
	}{
		{Options{}, media(mdframe.FormatYUYV, 640, 480, 30), false},
		{Options{FPS: 15}, media(mdframe.FormatYUYV, 640, 480, 15), false},
		{Options{Box: frame.Size{W: 160, H: 90}}, media(mdframe.FormatYUYV, 320, 240, 30), false},
		{Options{Box: frame.Size{W: 640, H: 480}}, media(mdframe.FormatYUYV, 640, 480, 30), false},
		{Options{Box: frame.Size{W: 1000, H: 700}}, media(mdframe.FormatMJPEG, 1280, 720, 30), false},
		{Options{Box: frame.Size{W: 4000, H: 3000}}, media(mdframe.FormatMJPEG, 1920, 1080, 30), false},
		{Options{Size: frame.Size{W: 1280, H: 720}}, media(mdframe.FormatMJPEG, 1280, 720, 30), false},
		{Options{Size: frame.Size{W: 1280, H: 720}, FPS: 10}, media(mdframe.FormatYUYV, 1280, 720, 10), false},
		{Options{Size: frame.Size{W: 500, H: 400}}, media(mdframe.FormatYUYV, 640, 480, 30), true},
		{Options{Size: frame.Size{W: 1, H: 1}}, media(mdframe.FormatYUYV, 160, 120, 30), true},
		{Options{Size: frame.Size{W: 640, H: 480}, FPS: 90}, media(mdframe.FormatYUYV, 640, 480, 30), true},
	}
	for _, c := range cases {
		if m, note := choose(webcam, c.o); m.Video != c.want.Video || (note != "") != c.note {
			t.Errorf("%+v: %s %dx%d at %g, %q", c.o, m.FrameFormat, m.Width, m.Height, m.FrameRate, note)
		}
	}
	list := listModes(webcam)
	if len(list) != 8 || list[0].Width != 160 || list[6].FPS[0] != 5 && list[7].FPS[0] != 5 {
		t.Errorf("%+v", list)
	}
}
