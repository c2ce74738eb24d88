package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"acip/internal/testkit"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain builds both programs once, with what the machine has, as make build does.
func TestMain(m *testing.M) {
	tags, err := exec.Command("sh", "../../scripts/tags.sh").Output()
	if err != nil {
		tags = nil // without a shell: the plain build
	}
	os.Exit(testkit.Programs(m, []string{"-tags", strings.TrimSpace(string(tags))}, "client", "server"))
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		Setup:         setUp,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "serve": serve, "web": web, "members": members, "certificate": certificate, "drawn": drawn, "terminal": terminal, "player": player},
		Condition:     condition,
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// setUp gives a script the programs, a home of its own and nothing else.
func setUp(e *testscript.Env) error {
	e.Setenv("PATH", testkit.ProgramPath("")+string(os.PathListSeparator)+e.Getenv("PATH"))
	home := filepath.Join(e.WorkDir, "home")
	for _, k := range []string{"HOME", "USERPROFILE"} {
		e.Setenv(k, home)
	}
	e.Setenv("USER", "tester")
	e.Setenv("TERM", "")
	return os.MkdirAll(home, 0o755)
}

func condition(name string) (bool, error) {
	switch name {
	case "terminal":
		if _, err := exec.LookPath("setsid"); err != nil {
			return false, nil
		}
		master, tty, err := pty.Open()
		if err == nil {
			err = errors.Join(tty.Close(), master.Close())
		}
		return err == nil, nil
	case "camera":
		list, err := filepath.Glob("/dev/video*")
		return err == nil && len(list) > 0, nil
	case "mounts":
		return exec.Command("unshare", "-m", "true").Run() == nil, nil
	case "asciinema":
		_, err := exec.LookPath("asciinema")
		return err == nil, nil
	case "asciinema-player":
		_, err := exec.LookPath("chromium")
		return err == nil && playerScript() != "", nil
	case "full-disk":
		_, err := os.Stat("/dev/full")
		return err == nil, nil
	case "network":
		out, err := exec.Command("unshare", "-n", "sh", "-c", "ip link add d0 type veth peer name d1").CombinedOutput()
		return err == nil && len(out) == 0, nil
	}
	return false, fmt.Errorf("no such condition: %s", name)
}

// exits runs a program and holds its exit code and the form of its error: exits CODE PROGRAM ARGS…
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	said := ts.ReadFile("stderr")
	if form := regexp.MustCompile(`(^|\n)` + args[1] + `: error: [^\n]+\n(` + args[1] + `: hint: [^\n]+\n)?$`); code != 0 && !form.MatchString(said) {
		ts.Fatalf("not the form of an error: %q", said)
	}
	tryHint(ts, said)
}

// serve starts a server on a free port and puts its address into a variable: serve NAME FLAGS…
func serve(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(testkit.ProgramPath("acip-server"), append([]string{"--listen", "127.0.0.1:0", "--log-format", "json"}, args[1:]...)...)
	cmd.Env = []string{"HOME=" + ts.Getenv("HOME")}
	banner, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill() // a test is over: nobody waits for a clean end
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(banner)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), " --camera 0 "); ok {
			ts.Setenv(args[0], strings.TrimPrefix(address, "ws://"))
			return
		}
	}
	ts.Fatalf("the server said no address")
}

// members waits until a server has so many: members ADDRESS N
func members(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var stats struct{ Slots struct{ Used int } }
		r, err := http.Get("http://" + args[0] + "/stats")
		ts.Check(err)
		err = json.NewDecoder(r.Body).Decode(&stats)
		_ = r.Body.Close() // read to its end
		ts.Check(err)
		if fmt.Sprint(stats.Slots.Used) == args[1] {
			return
		}
	}
	ts.Fatalf("never %s members", args[1])
}

// web starts something that is no acip server, and puts its address into a variable: web NAME plain|accepting|silent
func web(ts *testscript.TestScript, _ bool, args []string) {
	if args[1] == "silent" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		ts.Defer(func() { _ = l.Close() })
		ts.Setenv(args[0], l.Addr().String())
		return
	}
	s := httptest.NewServer(map[string]http.HandlerFunc{"plain": http.NotFound, "accepting": acceptWithoutProtocol}[args[1]])
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.Listener.Addr().String())
}

// acceptWithoutProtocol takes an upgrade and does not say our sub-protocol.
func acceptWithoutProtocol(w http.ResponseWriter, r *http.Request) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	c, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	_ = rw.Flush()
	_, _ = io.Copy(io.Discard, rw) // until the client goes
}

// certificate makes localhost's own: certificate CERT KEY
func certificate(ts *testscript.TestScript, _ bool, args []string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	is := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, is, is, private.Public(), private)
	ts.Check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	ts.Check(err)
	for i, b := range []*pem.Block{{Type: "CERTIFICATE", Bytes: der}, {Type: "PRIVATE KEY", Bytes: secret}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[i]), pem.EncodeToMemory(b), 0o600))
	}
}

// drawn waits until a viewer has told a server that it drew so many pictures of each sender: drawn ADDRESS VIEWER N
func drawn(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if fewest(ts, args[0], args[1]) >= want {
			return
		}
	}
	ts.Fatalf("%s has drawn %d pictures of somebody, want %d", args[1], fewest(ts, args[0], args[1]), want)
}

// fewest is the least that a viewer drew of any sender; -1 if it is not there.
func fewest(ts *testscript.TestScript, address, viewer string) int {
	var stats struct {
		Rooms []struct {
			Members []struct {
				Name string
				From []struct{ Drawn int }
			}
		}
	}
	r, err := http.Get("http://" + address + "/stats")
	ts.Check(err)
	defer r.Body.Close()
	ts.Check(json.NewDecoder(r.Body).Decode(&stats))
	least := -1
	for _, room := range stats.Rooms {
		for _, m := range room.Members {
			for i, from := range m.From {
				if m.Name == viewer && (i == 0 || from.Drawn < least) {
					least = from.Drawn
				}
			}
		}
	}
	return least
}

// playerScript is asciinema-player 3 as npm install -g puts it, or at the path in ACIP_ASCIINEMA_PLAYER; empty if there is
// none.
func playerScript() string {
	const bundle = "asciinema-player/dist/bundle/asciinema-player.min.js"
	list := []string{os.Getenv("ACIP_ASCIINEMA_PLAYER")}
	if root, err := exec.Command("npm", "root", "-g").Output(); err == nil {
		list = append(list, filepath.Join(strings.TrimSpace(string(root)), bundle))
	}
	for _, path := range list {
		if _, err := os.Stat(path); path != "" && err == nil {
			return path
		}
	}
	return ""
}

// player shows a recording in asciinema-player in a browser, and looks for text on its last picture: player FILE TEXT
func player(ts *testscript.TestScript, _ bool, args []string) {
	script, err := os.ReadFile(playerScript())
	ts.Check(err)
	cast, err := json.Marshal(ts.ReadFile(args[0]))
	ts.Check(err)
	page := fmt.Sprintf("<!doctype html><meta charset=utf-8><div id=p></div><script>%s</script><script>"+
		"AsciinemaPlayer.create({data: %s}, document.getElementById('p'), {preload: true, poster: 'npt:0.2'})</script>", script, cast)
	path := ts.MkAbs("player.html")
	ts.Check(os.WriteFile(path, []byte(page), 0o600))
	cmd := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom", "file://"+path)
	cmd.Env = []string{"HOME=" + ts.Getenv("HOME"), "PATH=" + os.Getenv("PATH")}
	out, err := cmd.Output()
	ts.Check(err)
	if !strings.Contains(string(out), args[1]) {
		ts.Fatalf("asciinema-player does not show %q:\n%.3000s", args[1], out)
	}
}
