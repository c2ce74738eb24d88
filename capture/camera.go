package capture

// CameraInfo describes a camera that can be opened.
type CameraInfo struct {
	Index  int    `json:"index"`            // the number that it is opened by; 0 is the first that can capture
	Name   string `json:"name"`             // as the driver calls it
	Path   string `json:"path"`             // "/dev/video0", or the system's identifier
	Bus    string `json:"bus,omitempty"`    // where it is plugged in
	Link   string `json:"link,omitempty"`   // a path that stays the same when cameras come and go
	Modes  []Mode `json:"modes"`            // what it offers, the smallest first
	Holder string `json:"holder,omitempty"` // who uses it now: "zoom (pid 4211)"
	Error  string `json:"error,omitempty"`  // why it cannot be opened
	Hint   string `json:"hint,omitempty"`   // what helps against Error
	Reason Reason `json:"-"`                // the situation, as in an Error
}

// Mode is one format and size that a camera offers, with its rates.
type Mode struct {
	Format string    `json:"format"` // "YUYV", "MJPEG", …
	Width  int       `json:"width"`
	Height int       `json:"height"`
	FPS    []float64 `json:"fps"` // the fastest first; empty: the camera does not say
}
