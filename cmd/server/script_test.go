package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain builds the program once, with the race detector if this test has it.
func TestMain(m *testing.M) {
	if addr := os.Getenv(frozen); addr != "" {
		beMember(addr)
		return
	}
	if addr := os.Getenv(local); addr != "" {
		printStats(addr)
		return
	}
	var flags []string
	if raceEnabled {
		flags = []string{"-race"}
	}
	os.Exit(testkit.Programs(m, flags, "server"))
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Defer(func() { _ = l.Close() })
			e.Setenv("TAKEN", l.Addr().String())
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("PATH", testkit.ProgramPath("")+string(os.PathListSeparator)+os.Getenv("PATH"))
			return nil
		},
	})
}

// daemon is a running server.
type daemon struct {
	*exec.Cmd
	addr   string
	stdout bytes.Buffer
	mu     sync.Mutex
	log    bytes.Buffer
	read   sync.WaitGroup
}

// launch starts the real program and waits until it serves.
func launch(t *testing.T, env []string, args ...string) *daemon {
	t.Helper()
	return launchAs(t, exec.Command(testkit.ProgramPath("acip-server"), args...), env)
}

// launchAs is launch for a command that is the server's.
func launchAs(t *testing.T, cmd *exec.Cmd, env []string) *daemon {
	t.Helper()
	d := &daemon{Cmd: cmd}
	d.Env = append(append(os.Environ(), "HOME="+t.TempDir(), "XDG_CONFIG_HOME="), env...)
	d.Stdout = &d.stdout
	stderr, err := d.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Process.Kill(); d.read.Wait(); _ = d.Wait() })
	serving := make(chan string, 1)
	d.read.Go(func() { d.follow(stderr, serving) })
	select {
	case d.addr = <-serving:
	case <-time.After(5 * time.Minute):
		t.Fatalf("it does not serve: %s", d.lines())
	}
	return d
}

// follow collects the log, and tells the address once it is there.
func (d *daemon) follow(r io.Reader, serving chan<- string) {
	for s := bufio.NewScanner(r); s.Scan(); {
		d.mu.Lock()
		d.log.Write(append(s.Bytes(), '\n'))
		d.mu.Unlock()
		var line struct{ Message, Addr string }
		if json.Unmarshal(s.Bytes(), &line) == nil && line.Addr != "" && line.Message == "serving" {
			serving <- line.Addr
		}
	}
}

func (d *daemon) lines() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.String()
}

// exit waits for the end and returns the exit code.
func (d *daemon) exit(t *testing.T) int {
	t.Helper()
	d.read.Wait()
	err := d.Wait()
	var e *exec.ExitError
	if err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	if log := d.lines(); strings.Contains(log, "DATA RACE") || strings.Contains(log, "panic:") {
		t.Errorf("it says %s", log)
	}
	return d.ProcessState.ExitCode()
}

// upgrade is a raw connection that has said nothing yet.
func (d *daemon) upgrade(t *testing.T) *testkit.Peer {
	t.Helper()
	c, err := net.Dial("tcp", d.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(5 * time.Minute))
	p, _, err := testkit.Upgrade(c, packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// join is a raw client in the lobby.
func (d *daemon) join(t *testing.T) *testkit.Peer {
	t.Helper()
	p := d.upgrade(t)
	err := p.Hello("x", "lobby")
	if err == nil {
		_, err = p.Expect(packet.WelcomeType)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSignalsEndIt is lesson 4: 32 clients that stream, and a signal.
func TestSignalsEndIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("signals are those of Unix")
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			d := launch(t, nil, "--listen", "127.0.0.1:0")
			var all sync.WaitGroup
			var told atomic.Int32
			for i := range 32 {
				p := d.join(t)
				all.Go(func() { stream(p, byte(i)) })
				all.Go(func() {
					switch e, err := p.Closed(); {
					case err == nil && e.Code == packet.CodeGoingAway && strings.Contains(e.Reason, "retry after"):
						told.Add(1)
					case err == nil: // a machine that does much else may leave no time for all the goodbyes
						t.Errorf("client %d: closed with %v", i, e)
					}
					_ = p.Conn.Close()
				})
			}
			before := time.Now()
			if err := d.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := d.exit(t); code != 0 {
				t.Errorf("exit %d", code)
			}
			if took := time.Since(before); took > 15*time.Second { // how long on a machine that is not busy with tests, make soak measures
				t.Errorf("the end took %v", took)
			}
			all.Wait()
			if told.Load() == 0 {
				t.Error("nobody was told that the server is going away")
			}
		})
	}
}

// stream sends small pictures until the connection ends.
func stream(p *testkit.Peer, n byte) {
	picture := testkit.Image(16, 12, n)
	for p.Send(packet.ImageFrame, picture, 0) == nil {
		<-time.After(50 * time.Millisecond)
	}
}

func TestSecondSignalCuts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("signals are those of Unix")
	}
	d := launch(t, nil, "--listen", "127.0.0.1:0")
	d.join(t) // does not answer the goodbye, for which the server waits a little
	_ = d.Process.Signal(syscall.SIGTERM)
	for range 100 { // until one arrives before the end
		if d.Process.Signal(syscall.SIGINT) != nil {
			break
		}
		<-time.After(time.Millisecond)
	}
	if code := d.exit(t); code != 130 {
		t.Errorf("exit %d, want 130", code)
	}
}

func TestAddressAskedForIsTheAddressBound(t *testing.T) {
	config := filepath.Join(t.TempDir(), "server.yaml")
	if err := os.WriteFile(config, []byte("listen: 127.0.0.1:0\nmax-clients: 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		env    []string
		args   []string
		prefix string
		slots  int
	}{
		{"flag", nil, []string{"--listen", "127.0.0.1:0", "--max-clients", "3"}, "127.0.0.1:", 3},
		{"all of IPv4", nil, []string{"--listen", "0.0.0.0:0"}, "0.0.0.0:", 32},
		{"environment", []string{"ACIP_LISTEN=127.0.0.1:0", "ACIP_MAX_CLIENTS=4"}, nil, "127.0.0.1:", 4},
		{"file", nil, []string{"--config", config}, "127.0.0.1:", 5},
		{"flag over environment over file", []string{"ACIP_MAX_CLIENTS=6"}, []string{"--config", config, "--listen", "127.0.0.2:0"}, "127.0.0.2:", 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.HasPrefix(c.prefix, "127.0.0.2") && runtime.GOOS != "linux" {
				t.Skip("only Linux has all of 127/8")
			}
			d := launch(t, c.env, c.args...)
			if !strings.HasPrefix(d.addr, c.prefix) {
				t.Errorf("bound %s, want %s…", d.addr, c.prefix)
			}
			resp, err := http.Get("http://" + strings.Replace(d.addr, "0.0.0.0", "127.0.0.1", 1) + "/stats")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var s struct{ Slots packet.Slots }
			if err := json.NewDecoder(resp.Body).Decode(&s); err != nil || s.Slots.Total != c.slots {
				t.Errorf("%+v, %v; want %d slots", s, err, c.slots)
			}
		})
	}
}

// TestLogLevelAskedForIsWritten is the rest of lesson 26, and the reassembly
// deadline through the front door.
func TestLogLevelAskedForIsWritten(t *testing.T) {
	for level, want := range map[string]string{
		"debug": `"level":"debug"`,
		"info":  `"level":"info"`,
	} {
		t.Run(level, func(t *testing.T) {
			d := launch(t, nil, "--listen", "127.0.0.1:0", "--log-level", level, "--reassembly-timeout", "300ms")
			p := d.join(t)
			half := testkit.Fragments(testkit.Packet(packet.ImageFrame, testkit.Image(320, 240, 1)), 10240)
			if err := p.WriteFrame(half[0]); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Expect(packet.ErrorMessage); err != nil {
				t.Fatal(err)
			}
			_ = p.Conn.Close()
			_ = d.Process.Signal(os.Interrupt)
			d.exit(t)
			log := d.lines()
			for what, there := range map[string]bool{
				want: true, `"level":"debug"`: level == "debug", "[WS_DISCONNECT]": level == "debug", "[WS_CLEANUP]": level == "debug",
				"[WS_REASSEMBLY_TIMEOUT]": true, "client joined": true,
			} {
				if strings.Contains(log, what) != there {
					t.Errorf("%s in the log: %v, want %v\n%s", what, !there, there, log)
				}
			}
		})
	}
}
