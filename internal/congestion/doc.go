// Package congestion decides what to send over a link that is too slow: a ladder of steps down and up, sizes that do
// not flap, and limits on rate and bytes. Everything here is pure: time is an argument, and nothing is measured or sent.
package congestion
