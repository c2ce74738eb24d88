// Package arch asserts the house rules: who may import whom, where the outside libraries and escape sequences may stand, how
// long a function may be.
//
// It holds tests only. The table is the one in ARCHITECTURE.md; a room that is not in it fails the test, so that a new room
// is a decision.
package arch
