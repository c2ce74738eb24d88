package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// programsKey is the variable that says where Programs has built: the tests of a script see it too.
const programsKey = "ACIP_TEST_PROGRAMS"

// Programs is the TestMain of tests that run real programs: it builds cmd/NAME as acip-NAME, with flags for go build, runs
// the tests, takes the programs away again, and returns the exit code.
func Programs(m *testing.M, flags []string, names ...string) int {
	dir, err := os.MkdirTemp("", "acip-programs")
	if err == nil {
		defer os.RemoveAll(dir)
		err = buildPrograms(dir, flags, names)
	}
	if err == nil {
		err = os.Setenv(programsKey, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the programs:", err)
		return 1
	}
	return m.Run()
}

func buildPrograms(dir string, flags, names []string) error {
	for _, name := range names {
		args := append(append([]string{"build"}, flags...), "-o", filepath.Join(dir, "acip-"+name), "acip/cmd/"+name)
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	return nil
}

// ProgramPath is where Programs has built a program, the folder of all of them for "".
func ProgramPath(name string) string { return filepath.Join(os.Getenv(programsKey), name) }
