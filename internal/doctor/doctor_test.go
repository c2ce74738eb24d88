package doctor

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"acip/internal/fault"
	"acip/internal/server"
	"acip/internal/testkit"
	"acip/internal/testkit/host"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// examine is what the doctor writes into a file, as JSON.
func examine(t *testing.T, address string) ([]byte, error) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	err = Examine(t.Context(), Config{Address: address, Source: "pattern", JSON: true, Stdout: out, Getenv: func(string) string { return "" }})
	text, rerr := os.ReadFile(out.Name())
	if rerr != nil {
		t.Fatal(rerr)
	}
	return text, err
}

// TestDoctor: each step of the way to a server is well, what is not has a remedy, and no server is what is wrong.
func TestDoctor(t *testing.T) {
	h := host.Serve(t, server.Config{})
	text, err := examine(t, h.Addr)
	if err != nil {
		t.Fatal(err)
	}
	var all []Finding
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	well := map[string]bool{}
	for _, f := range all {
		well[f.Name] = f.OK
		if !f.OK && f.Hint == "" {
			t.Errorf("%s %s: not well, and no remedy", f.Part, f.Name)
		}
	}
	for _, name := range []string{"tcp", "websocket", "hello", "round trip", "throughput"} {
		if !well[name] {
			t.Errorf("%s is not well: %s", name, text)
		}
	}
	h.Stop()
	_, err = examine(t, h.Addr)
	var found *unwell
	if fault.Code(err) != fault.ExitFailed || !errors.As(err, &found) || found.Part != "network" {
		t.Errorf("no server there: %v", err)
	}
}
