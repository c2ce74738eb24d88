//go:build cgo && (linux || darwin || windows)

package capture

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"
	"syscall"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/prop"
)

// candidate is a registered camera that may or may not be able to capture.
type candidate struct {
	driver driver.Driver
	info   CameraInfo
	number int // for sorting
}

// candidates returns the registered cameras in the order of their device numbers.
func candidates() []candidate {
	rescan()
	var all []candidate
	for _, d := range driver.GetManager().Query(driver.FilterVideoRecorder()) {
		if c, ok := newCandidate(d); ok {
			all = append(all, c)
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].number != all[j].number {
			return all[i].number < all[j].number
		}
		return all[i].info.Path < all[j].info.Path
	})
	return all
}

// Cameras lists the cameras in the order of their numbers. Each is opened for a moment to ask what it offers; what is
// no camera, such as the metadata node beside one, is left out. One that cannot be opened is listed with the reason.
// An empty list is no error.
func Cameras(ctx context.Context) ([]CameraInfo, error) {
	list := []CameraInfo{}
	for _, c := range candidates() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.info.Holder = holder(c.info.Path)
		modes, err := c.open()
		switch {
		case err != nil:
			e := c.explain("list", "camera "+c.info.Path, err)
			c.info.Error, c.info.Hint, c.info.Reason = e.Msg, e.Hint, e.Reason
		case len(modes) == 0:
			continue
		default:
			c.info.Modes = listModes(modes)
			_ = c.driver.Close() // it was only asked
		}
		c.info.Index = len(list)
		list = append(list, c.info)
	}
	return list, nil
}

// open opens the camera and asks what it offers; without an error and modes it is no camera, and is closed again.
func (c *candidate) open() ([]prop.Media, error) {
	if err := c.driver.Open(); err != nil {
		if notCamera(err) {
			return nil, nil
		}
		return nil, err
	}
	modes := usable(c.driver.Properties())
	if len(modes) == 0 {
		_ = c.driver.Close() // it was only asked
	}
	return modes, nil
}

// openCamera opens a camera by index, path, link or part of its name.
func openCamera(ctx context.Context, id string, o Options) (Source, error) {
	if id == "" {
		id = "0"
	}
	src, err := openResizing(ctx, o, func(ctx context.Context, o Options) (*cameraReader, error) { return startCamera(ctx, id, o) })
	if err != nil {
		return nil, err
	}
	return src, nil
}

func startCamera(ctx context.Context, id string, o Options) (*cameraReader, error) {
	c, modes, err := findCamera(ctx, id)
	if err != nil {
		return nil, err
	}
	name := "camera " + id
	r := &cameraReader{info: Info{Name: fmt.Sprintf("%s (%s)", name, c.info.Name), Live: true}}
	r.explain = func(op string, err error) error { return c.explain(op, name, err) }
	return r, start(ctx, c.driver, modes, r, o)
}

// findCamera opens the camera that id names: the one with that number among those that can capture, or with that path,
// or with that in its name.
func findCamera(ctx context.Context, id string) (candidate, []prop.Media, error) {
	all := candidates()
	number, err := strconv.Atoi(id)
	if err == nil {
		return firstOf(ctx, all, number, "camera "+id, all)
	}
	var byPath, byName []candidate
	for _, c := range all {
		if c.is(id) {
			byPath = append(byPath, c)
		}
		if strings.Contains(strings.ToLower(c.info.Name), strings.ToLower(id)) {
			byName = append(byName, c)
		}
	}
	return firstOf(ctx, append(byPath, byName...), 0, "camera "+strconv.Quote(id), all)
}

// firstOf opens the camera that has n cameras before it in some.
func firstOf(ctx context.Context, some []candidate, n int, what string, all []candidate) (candidate, []prop.Media, error) {
	for _, c := range some {
		if err := ctx.Err(); err != nil {
			return c, nil, err
		}
		modes, err := c.open()
		switch {
		case err == nil && len(modes) == 0:
		case n == 0 && err != nil:
			return c, nil, c.explain("open", what, err)
		case n == 0:
			return c, modes, nil
		default:
			n--
			if err == nil {
				_ = c.driver.Close() // another is meant
			}
		}
	}
	return candidate{}, nil, missing(what, all)
}

func missing(what string, all []candidate) error {
	e := &Error{Op: "open", Kind: Missing, Msg: "there is no " + what, Reason: NoSuchCamera}
	if len(all) == 0 {
		e.Msg, e.Hint, e.Reason = "there is no "+what+": no camera is attached", "plug one in", NoCameras
	}
	return e
}

// explain makes a sentence of a driver's error.
func (c *candidate) explain(op, name string, err error) *Error {
	e := &Error{Op: op, Err: err}
	switch {
	case errors.Is(err, syscall.EBUSY), strings.Contains(err.Error(), "already opened"):
		e.Kind, e.Reason, e.Msg, e.Hint = Busy, CameraInUse, name+" is busy", "close what uses it"
		if who := holder(c.info.Path); who != "" {
			e.Msg, e.Hint = name+" is busy: held by "+who, "close it"
		}
	case errors.Is(err, fs.ErrPermission):
		e.Kind, e.Msg, e.Hint = Permission, "no permission to open "+name+" ("+c.info.Path+")", permissionTip(c.info.Path)
	case isGone(err) && op == "open":
		e.Kind, e.Reason, e.Msg = Missing, NoSuchCamera, name+" is gone: "+c.info.Path+" is not there any more"
	case isGone(err):
		e.Kind, e.Msg, e.Hint = Lost, name+" was unplugged", "plug it in again"
	case isBadPicture(err):
		e.Kind, e.Reason, e.Msg, e.Hint = BadData, CameraDamaged, name+" sends only damaged pictures", "try another cable or port"
	default:
		e.Kind, e.Msg, e.Hint = Failed, fmt.Sprintf("%s fails: %v", name, err), "unplug it and plug it in again, or see what dmesg says"
		if op == "read" {
			e.Kind = Lost
		}
	}
	return e
}

func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.EIO)
}
