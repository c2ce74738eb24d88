// Package imagefile reads image files: stills, animations and streams of JPEGs, which way up they stand, and what can
// be saved of damaged ones.
package imagefile

import (
	"image"
	"time"

	"acip/frame"
)

// Film is an image file of several pictures, each laid over what was there before: GIF, animated PNG and WebP.
type Film struct {
	Size     frame.Size
	Pictures []Picture
	Plays    int // how often it is to be played; 0: for ever
}

// Picture is one of them.
type Picture struct {
	Decode   func() (image.Image, image.Rectangle, error) // the picture, and where it goes
	Over     bool                                         // transparent pixels leave what is below; else they replace it
	Disposal Disposal
	Delay    time.Duration
}

// Disposal is what becomes of a picture when the next one comes.
type Disposal uint8

const (
	DisposeNothing    Disposal = iota // it stays
	DisposeBackground                 // its place becomes transparent
	DisposePrevious                   // its place becomes what it was before
)

// shortest is what browsers make of delays under 20 ms, which date from when no machine could keep them.
const shortest = 100 * time.Millisecond

func asBrowsers(delay time.Duration) time.Duration {
	if delay < 20*time.Millisecond {
		return shortest
	}
	return delay
}

// FPS returns the mean rate in pictures a second.
func (f *Film) FPS() float64 {
	var total time.Duration
	for _, p := range f.Pictures {
		total += p.Delay
	}
	return float64(len(f.Pictures)) / total.Seconds()
}
