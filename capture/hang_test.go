package capture

import (
	"context"
	"errors"
	"image"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"acip/frame"
)

// blocking is a device that yields so many pictures and whose next read lasts until it is closed, as mediadevices' do on
// Windows; a deaf one's lasts until the test ends.
func blocking(t *testing.T, pictures int, deaf bool) *fake {
	t.Helper()
	tick := ticking(time.Second / 30)
	d := newFake(nil)
	until := d.ended
	if deaf {
		until = make(chan struct{})
		t.Cleanup(func() {
			close(until)
			synctest.Wait()
		})
	}
	n := 0
	d.read = func() (image.Image, func(), error) {
		if n++; n <= pictures {
			return tick()
		}
		<-until
		return nil, func() {}, io.EOF
	}
	fakes(t, d)
	return d
}

func TestClosingEndsTheOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := blocking(t, 0, false)
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		if _, err := openFake(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		<-d.ended
	})
}

func TestFirstPictureNeverComes(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d := blocking(t, 0, deaf)
			start := time.Now()
			_, err := openFake(context.Background())
			if KindOf(err) != Stalled || time.Since(start) > firstPicture+patience {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			<-d.ended
		})
	}
}

func TestClosingEndsARead(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d := blocking(t, 2, deaf)
			s, err := openFake(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			closed := make(chan time.Duration, 2)
			start := time.Now()
			for range 2 { // twice, at the same time
				time.AfterFunc(time.Second, func() {
					_ = s.Close()
					closed <- time.Since(start) - time.Second
				})
			}
			var f frame.Frame
			for err == nil {
				err = s.Read(context.Background(), &f, frame.Size{})
			}
			if !errors.Is(err, ErrClosed) || time.Since(start) != time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			limit := time.Duration(0)
			if deaf {
				limit = patience
			}
			for range 2 {
				if took := <-closed; took > limit {
					t.Errorf("closing took %v", took)
				}
			}
			<-d.ended
		})
	}
}

func TestStallsWithoutATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocking(t, 2, false)
		s, err := openFake(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var f frame.Frame
		for err == nil {
			err = s.Read(context.Background(), &f, frame.Size{})
		}
		if KindOf(err) != Stalled {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
