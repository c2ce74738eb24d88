package neonasm

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestWords has an assembler that knows NEON by name translate what stands beside each word.
func TestWords(t *testing.T) {
	mc, err := exec.LookPath("llvm-mc")
	if err != nil {
		t.Skip("llvm-mc is not installed (apt-get install llvm)")
	}
	var source, words []string
	for _, op := range Operations() {
		operands := []any{&Vec{number: 29}, &Vec{number: 30}, &Vec{number: 19}}
		switch shapes := strings.Fields(operations[op].shapes); {
		case strings.Contains(op, "sh") || op == "sli.4s": // all shift by a number
			operands[2] = 7
		case len(shapes) > 0:
			operands = operands[:len(shapes)]
		}
		code, text, _ := strings.Cut(strings.TrimPrefix(word(op, operands), "WORD $0x"), " // ")
		source, words = append(source, text), append(words, code)
	}
	cmd := exec.Command(mc, "-triple=aarch64", "-show-encoding")
	cmd.Stdin = strings.NewReader(strings.Join(source, "\n") + "\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("llvm-mc: %v: %s", err, err.(*exec.ExitError).Stderr)
	}
	found := regexp.MustCompile(`encoding: \[0x(..),0x(..),0x(..),0x(..)\]`).FindAllStringSubmatch(string(out), -1)
	if len(found) != len(words) {
		t.Fatalf("%d instructions of %d", len(found), len(words))
	}
	for i, m := range found {
		if want := fmt.Sprint(m[4], m[3], m[2], m[1]); strings.ReplaceAll(want, " ", "") != words[i] {
			t.Errorf("%s is %s, not %s", source[i], want, words[i])
		}
	}
}
