// Package v4l2 reads pictures from a Linux camera.
//
// mediadevices' own reader takes each picture apart into new planes, or decodes it, before anybody has asked for it,
// which costs eight times what shrinking it does. This one lends the driver's memory as it is. It takes cgo for the
// kernel's structures; no C is called.
package v4l2
