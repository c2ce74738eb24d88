package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"acip/internal/fault"
	"acip/internal/server"
	"acip/internal/testkit"
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	const patient = 2 * time.Minute // nobody is to be lost because the machine has much else to do
	go func() {
		done <- server.New(server.Config{HelloTimeout: patient, WriteStall: patient, Silence: patient}).Serve(ctx, l)
	}()
	defer cancel()
	text, err := examine(t, l.Addr().String())
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
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("server: %v", err)
	}
	_, err = examine(t, l.Addr().String())
	var found *unwell
	if fault.Code(err) != fault.ExitFailed || !errors.As(err, &found) || found.Part != "network" {
		t.Errorf("no server there: %v", err)
	}
}
