package main

import (
	"os/exec"
	"regexp"
	"testing"

	"acip/internal/testkit"
)

// TestFlagsThatScriptsRelyOn: the help names each with its default; the log's flags are both programs'.
func TestFlagsThatScriptsRelyOn(t *testing.T) {
	help, err := exec.Command(testkit.ProgramPath("acip-server"), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"listen ADDR": ":27226", "max-clients N": "32", "reassembly-timeout D": "2s", "max-frame N": "4194304",
		"log-level": "info", "log-format": "", "log-file": "", "config": "", "version": "",
	} {
		flag := regexp.QuoteMeta("--" + name)
		if value != "" {
			flag += `[^-]*\(` + regexp.QuoteMeta(value) + `\)`
		}
		if !regexp.MustCompile(flag).Match(help) {
			t.Errorf("no %s in the help", flag)
		}
	}
}
