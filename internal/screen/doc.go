// Package screen is a call on the terminal: the full screen and its keys, or plain lines, and the recordings that it
// makes and plays.
//
// It is an Output of the call. What the call tells goes into an inbox, in order, with the newest picture of each peer;
// one goroutine takes it from there, keeps the model of internal/ui, and draws when the terminal has caught up.
package screen
