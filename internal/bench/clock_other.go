//go:build !linux

package main

import "time"

// clock is the time of day: what a thread takes is not known here.
func clock() time.Duration { return time.Duration(time.Now().UnixNano()) }
