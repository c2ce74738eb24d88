package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/testkit"
	"acip/internal/testkit/gallery"
)

// longVariable says for how long the network goes on being ill, fault after fault; make soak sets it.
const longVariable = "ACIP_TEST_FAULTS_FOR"

// more waits for more pictures.
func more(t *testing.T, g *gallery.Gallery, when string) {
	t.Helper()
	had := g.Count()
	for end := time.Now().Add(patience); g.Count() < had+10; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no pictures %s: %d so far", when, had)
		}
	}
}

// programTold is a client that runs, and what it says.
type programTold struct {
	*exec.Cmd
	said  bytes.Buffer
	stats string
}

// play starts a client that goes on until it is told to end.
func play(t *testing.T, name string, args ...string) (*programTold, io.Reader) {
	t.Helper()
	p := &programTold{stats: filepath.Join(t.TempDir(), name+".json")}
	p.Cmd = exec.Command(testkit.ProgramPath("acip-client"), append(args, "--name", name, "--stats-file", p.stats, "--log-format", "json")...)
	p.Env = []string{"HOME=" + t.TempDir(), "USER=tester"}
	p.Stderr = &p.said
	out, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p, out
}

// account is what a client says of itself at its end.
type account struct {
	Captured, Sent, Received, Drawn, Reconnects uint64
	Dropped                                     map[string]uint64
}

// end interrupts a client whose output is read to its end, and returns its account.
func (p *programTold) end(t *testing.T, read *sync.WaitGroup) (a account) {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	read.Wait()
	if err := p.Wait(); err != nil || strings.Contains(p.said.String(), "panic") {
		t.Errorf("%v: %s", err, p.said.String())
	}
	text, err := os.ReadFile(p.stats)
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a account) lost() (n uint64) {
	for _, d := range a.Dropped {
		n += d
	}
	return n
}

// TestProgramsComeThroughABadNetwork: a sender and a viewer, programs both, with a network between them and the server that
// suffers from one fault after the other. Each time pictures come again by themselves; none is torn, twice or out of order,
// capture goes on, and both accounts are even.
func TestProgramsComeThroughABadNetwork(t *testing.T) {
	t.Parallel()
	_, server, _ := strings.Cut(relay(t), "://")
	net := testkit.Between(t, server)
	size := frame.Size{W: 160, H: 120}
	dims := fmt.Sprintf("%dx%d", size.W, size.H)
	sender, said := play(t, "sender", "--source", "pattern", "--send-only", "--codec", "jpeg", "--capture-size", dims, "--wait", net.Addr())
	viewer, pictures := play(t, "viewer", "--view-only", "--output", "rgb", "--peer", "sender", "--size", dims, "--wait", net.Addr())
	var seen gallery.Gallery
	var quiet, watching sync.WaitGroup
	quiet.Go(func() { _, _ = io.Copy(io.Discard, said) })
	watching.Go(func() { seen.Look(pictures, size) })
	more(t, &seen, "at the beginning")
	for _, f := range illnesses(t) {
		net.Suffer(f)
		<-time.After(time.Second) // of that
		net.Suffer(testkit.Fault{})
		more(t, &seen, "after "+f.Name)
	}
	sent, got := sender.end(t, &quiet), viewer.end(t, &watching)
	if sent.Captured != sent.Sent+sent.lost() || got.Received != got.Drawn+got.lost() || sent.Reconnects == 0 || got.Reconnects == 0 {
		t.Errorf("the sender's account %+v, the viewer's %+v", sent, got)
	}
	seen.Check(t)
	t.Logf("sender %+v, viewer %+v, %d pictures seen", sent, got, seen.Count())
}

// illnesses is each fault once, or, in the long form, any after any until the time is over.
func illnesses(t *testing.T) func(func(int, testkit.Fault) bool) {
	all := testkit.Faults()
	long, err := time.ParseDuration(os.Getenv(longVariable))
	if err != nil && os.Getenv(longVariable) != "" {
		t.Fatal(err)
	}
	return func(yield func(int, testkit.Fault) bool) {
		end := time.Now().Add(long)
		for i := 0; i < len(all) || time.Now().Before(end); i++ {
			f := all[i%len(all)]
			if i >= len(all) {
				f = all[rand.IntN(len(all))]
			}
			if !yield(i, f) {
				return
			}
		}
	}
}
