//go:build cgo

package capture

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/driver/camera"
)

const devFolder = "/dev"

// newCandidate reads mediadevices' label "LINK;videoN" and name "NAME;BUS".
func newCandidate(d driver.Driver) (candidate, bool) {
	link, node, ok := strings.Cut(d.Info().Label, camera.LabelSeparator)
	n, err := strconv.Atoi(strings.TrimPrefix(node, "video"))
	if !ok || err != nil || !strings.HasPrefix(node, "video") {
		return candidate{}, false
	}
	c := candidate{driver: d, number: n}
	c.info.Path = filepath.Join(devFolder, node)
	c.info.Name, c.info.Bus, _ = strings.Cut(d.Info().Name, camera.LabelSeparator)
	if c.info.Name == "" {
		c.info.Name = nodeName(node)
	}
	for _, kind := range []string{"by-id", "by-path"} {
		path := filepath.Join(devFolder, "v4l", kind, link)
		if _, err := os.Lstat(path); link != node && err == nil {
			c.info.Link = path
			break
		}
	}
	return c, true
}

// nodeName returns the name that the kernel shows of a node which could not be opened.
func nodeName(node string) string {
	b, _ := os.ReadFile(filepath.Join("/sys/class/video4linux", node, "name"))
	return strings.TrimSpace(string(b))
}

// is reports whether id is the camera's path, or a link to it.
func (c *candidate) is(id string) bool {
	if id == c.info.Path || id == c.info.Link || filepath.Base(c.info.Path) == id {
		return true
	}
	to, err := filepath.EvalSymlinks(id)
	return err == nil && to == c.info.Path
}

// scanning guards mediadevices' only manager while it is emptied and filled again.
var scanning sync.Mutex

// rescan registers what was plugged in since. mediadevices looks for cameras once, at the start, and its looking again
// forgets all that is registered, so that is done only where the nodes are others, and what is no camera is kept. Its
// drivers are then replaced by ours.
func rescan() {
	scanning.Lock()
	defer scanning.Unlock()
	m := driver.GetManager()
	known, others := map[string]bool{}, []driver.Driver(nil)
	for _, d := range m.Query(driver.FilterVideoRecorder()) {
		if c, ok := newCandidate(d); ok {
			known[c.info.Path] = true
		} else {
			others = append(others, d)
		}
	}
	if nodesOtherThan(known) {
		lookForNodes()
		for _, d := range others {
			_ = m.Register(d, d.Info()) // never fails
		}
	}
	for _, d := range m.Query(driver.FilterVideoRecorder()) {
		if c, ok := newCandidate(d); ok && d.Info().DeviceType != ownDeviceType {
			replaceDriver(d, c.info.Path)
		}
	}
}

// lookForNodes has mediadevices look for cameras. As with v4l2Device.Open, no program may be started meanwhile.
func lookForNodes() {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	camera.Initialize()
}

// nodesOtherThan reports whether the cameras' nodes are others than the known ones.
func nodesOtherThan(known map[string]bool) bool {
	nodes, _ := filepath.Glob(filepath.Join(devFolder, "video*"))
	for _, n := range nodes {
		if !known[n] {
			return true
		}
	}
	return len(nodes) != len(known)
}

// notCamera reports whether a node is something else: an output, a tuner, metadata.
func notCamera(err error) bool {
	return errors.Is(err, syscall.ENOTTY) || strings.HasPrefix(err.Error(), "Not a video capture device") ||
		strings.HasPrefix(err.Error(), "Device does not support")
}

// holder is who else has path open, as far as this user may see: "zoom (pid 4211)".
func holder(path string) string {
	fds, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	self := strconv.Itoa(os.Getpid())
	for _, fd := range fds {
		pid := strings.Split(fd, "/")[2]
		if to, err := os.Readlink(fd); err != nil || to != path || pid == self {
			continue
		}
		name, _ := os.ReadFile(filepath.Join("/proc", pid, "comm"))
		return fmt.Sprintf("%s (pid %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}

// permissionTip names the group that may open the node.
func permissionTip(path string) string {
	var st syscall.Stat_t
	if syscall.Stat(path, &st) == nil && st.Gid != 0 {
		if g, err := user.LookupGroupId(strconv.Itoa(int(st.Gid))); err == nil {
			return "sudo usermod -aG " + g.Name + " $USER, then log in again"
		}
	}
	return "ls -l " + path + " shows who may"
}
