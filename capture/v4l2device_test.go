//go:build linux && cgo

package capture

import (
	"errors"
	"os/exec"
	"syscall"
	"testing"

	"github.com/pion/mediadevices/pkg/driver"
	mdframe "github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"
)

// leaky is a driver as mediadevices' own: what it opens, a program started meanwhile inherits.
type leaky struct {
	driver.Driver
	t     *testing.T
	fails error
	open  bool
}

// shut says that no program can be started while the node is open.
func (d *leaky) shut(what string) {
	if syscall.ForkLock.TryLock() {
		syscall.ForkLock.Unlock()
		d.t.Errorf("%s: a program could be started now, and keep the camera open", what)
	}
}

func (d *leaky) Open() error {
	d.shut("opening")
	d.open = d.fails == nil
	return d.fails
}

func (d *leaky) Properties() []prop.Media {
	d.shut("asking")
	if !d.open {
		return nil
	}
	return []prop.Media{media(mdframe.FormatYUYV, 64, 48, 30)}
}

func (d *leaky) Close() error {
	d.shut("closing")
	d.open = false
	return nil
}

func TestAskingACameraLeavesNothingOpen(t *testing.T) {
	found := &leaky{t: t}
	d := &v4l2Device{found: found}
	if err := d.Open(); err != nil || len(d.Properties()) != 1 {
		t.Errorf("%v, %d modes", err, len(d.Properties()))
	}
	if found.open {
		t.Error("the node is open")
	}
	if err := d.Close(); err != nil || len(d.Properties()) != 0 {
		t.Errorf("closed: %v, %d modes", err, len(d.Properties()))
	}
	found.fails = errors.New("busy")
	if err := d.Open(); !errors.Is(err, found.fails) {
		t.Error(err)
	}
	if err := exec.Command("true").Run(); err != nil {
		t.Error("a program can be started again: ", err)
	}
}
