package pagetest

import (
	"os/exec"
	"testing"
)

// typescript is the compiler that checks the page's types.
const typescript = "typescript@7.0.2"

// TestModules runs the tests of the page's pure modules in node.
func TestModules(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("needs node")
	}
	if said, err := exec.Command(node, "--test", "node/modules.test.js").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// TestTypes checks the page's modules against their JSDoc types.
func TestTypes(t *testing.T) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("needs npm")
	}
	tsc := func(args ...string) *exec.Cmd {
		return exec.Command(npm, append([]string{"exec", "--yes", "--prefer-offline", "--package=" + typescript, "--", "tsc"}, args...)...)
	}
	if said, err := tsc("--version").CombinedOutput(); err != nil {
		t.Skipf("%s is not to be had: %v: %s", typescript, err, said)
	}
	if said, err := tsc("-p", "../web").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}
