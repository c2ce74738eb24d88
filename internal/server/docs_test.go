package server

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"acip/packet"
	"acip/pool"
)

// TestOperationsSaysItAll holds the operator's page against the code: every close
// code, drop reason, tag and metric stands there.
func TestOperationsSaysItAll(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	must := []string{logDisconnect, logCleanup, logReassembly, logTimeout}
	for _, c := range packet.Codes() {
		must = append(must, fmt.Sprintf("| %d |", c.Code))
	}
	for r := pool.Replaced; r <= pool.Left; r++ {
		must = append(must, "| `"+r.String()+"` |")
	}
	r := start(t, Config{})
	r.join(hello("x", "join"))
	_, metrics := r.get("/metrics")
	for line := range strings.Lines(metrics) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok && strings.HasPrefix(name, "acip_") {
			must = append(must, "`"+strings.Fields(name)[0])
		}
	}
	for _, m := range must {
		if !strings.Contains(string(page), m) {
			t.Errorf("docs/operations.md does not say %q", m)
		}
	}
}
