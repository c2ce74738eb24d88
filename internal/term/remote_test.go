package term

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// conn is a Device of unknown size, whose writes know no deadlines.
type conn struct{ dev io.ReadWriteCloser }

func (c conn) Read(b []byte) (int, error)  { return c.dev.Read(b) }
func (c conn) Write(b []byte) (int, error) { return c.dev.Write(b) }
func (c conn) Close() error                { return c.dev.Close() }

func (conn) Window() Window           { return Window{} }
func (conn) Resized() <-chan struct{} { return nil }

// TestDeviceThatTakesNothing: a terminal elsewhere that does not take a frame is closed once Close has waited for it,
// even if its writes know no deadlines.
func TestDeviceThatTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		r := newRemote(conn{dev: near})
		if got := r.size(); got != (Window{Cols: 80, Rows: 24}) {
			t.Errorf("of unknown size: %v", got)
		}
		written := make(chan error, 1)
		go func() {
			_, err := r.write([]byte("frame"))
			written <- err
		}()
		synctest.Wait()
		begun := time.Now()
		r.bound(drainWrites)
		if err := <-written; err == nil {
			t.Error("a write that nobody took succeeded")
		}
		if _, err := r.write([]byte(leave)); err == nil {
			t.Error("a write behind it succeeded")
		}
		if took := time.Since(begun); took != drainWrites {
			t.Errorf("gave up after %v, want %v", took, drainWrites)
		}
		_ = r.close()
		_ = far.Close()
	})
}

// TestDeviceReads: input arrives in order and in pieces, a read without any ends in time, and interrupt ends one at
// once.
func TestDeviceReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		r := newRemote(conn{dev: near})
		go far.Write([]byte("abc"))
		got, b := "", make([]byte, 2)
		for range 2 {
			n, err := r.read(b, 0)
			if err != nil {
				t.Fatal(err)
			}
			got += string(b[:n])
		}
		if got != "abc" {
			t.Errorf("read %q", got)
		}
		begun := time.Now()
		if _, err := r.read(b, time.Second); err == nil || time.Since(begun) != time.Second {
			t.Errorf("without input: %v after %v", err, time.Since(begun))
		}
		time.AfterFunc(time.Second, r.interrupt)
		if _, err := r.read(b, 0); err == nil || !r.stopped() {
			t.Errorf("interrupted: %v", err)
		}
		_ = r.close()
		_ = far.Close()
	})
}
