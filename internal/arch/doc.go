// Package arch asserts the house rules: which package may import which, which packages may use outside libraries and
// escape sequences, and how long a function may be.
//
// It holds tests only. The table is the one in ARCHITECTURE.md. Each of its rows is an area: a package with those below
// it. A package that is in no area fails the test, so that adding one is a decision.
package arch
