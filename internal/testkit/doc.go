// Package testkit holds what the tests of several rooms need: a check for
// leaked goroutines, golden files, connections in memory, a WebSocket peer that
// writes its frames by hand.
package testkit
