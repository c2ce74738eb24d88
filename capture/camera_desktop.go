//go:build cgo && (darwin || windows)

package capture

import (
	"runtime"

	"github.com/pion/mediadevices/pkg/driver"
	_ "github.com/pion/mediadevices/pkg/driver/camera" // registers the cameras
)

func newCandidate(d driver.Driver) (candidate, bool) {
	if d.Info().DeviceType != driver.Camera {
		return candidate{}, false
	}
	c := candidate{driver: d}
	c.info.Path, c.info.Name = d.Info().Label, d.Info().Name
	if runtime.GOOS == "windows" {
		c.info.Name = c.info.Path
	}
	return c, true
}

func (c *candidate) is(id string) bool { return id == c.info.Path }

func rescan() {}

func notCamera(error) bool { return false }

func holder(string) string { return "" }

func permissionTip(string) string {
	if runtime.GOOS == "windows" {
		return "Settings → Privacy & security → Camera: let desktop apps access the camera"
	}
	return "System Settings → Privacy & Security → Camera: allow the terminal program, then restart it"
}
