package screen

import (
	"testing"

	"acip/internal/term"
	"acip/internal/testkit"
)

func TestMain(m *testing.M) {
	if term.RunGuard() { // the guard of a screen under test is this program
		return
	}
	testkit.Main(m)
}
