// Package account keeps the account of a call: what became of every picture, upward from the camera and downward to the
// screen. Every picture that is captured or received ends as sent, as drawn, or as dropped with a Reason; nothing is
// left over once the call has ended.
package account
