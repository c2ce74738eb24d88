package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/internal/testkit"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// patience is for machines that are busy; nothing waits for it when all is well.
const patience = 5 * time.Minute

// person sits at a pseudo-terminal that answers questions, and reads what it says.
type person struct {
	ts     *testscript.TestScript
	master *os.File
	mu     sync.Mutex
	more   *sync.Cond
	seen   []byte
	ended  bool
	read   int // how much of what was seen a "see" has found
}

// sequences are what a terminal does not show.
var sequences = regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\x1b\x07]*(\x1b\\\\|\x07)|[^\\[\\]PX^_])|\x18")

// terminal runs a program at a terminal, in a dialogue of lines "see TEXT", "press KEYS" and "run COMMAND", holds its exit code and
// that the terminal's modes are as before, and leaves in the file "after" what stands on the restored screen:
// terminal CODE COLSxROWS DIALOGUE PROGRAM ARGS…
func terminal(ts *testscript.TestScript, _ bool, args []string) {
	cols, rows, _ := strings.Cut(args[1], "x")
	w, errW := strconv.Atoi(cols)
	h, errH := strconv.Atoi(rows)
	ts.Check(errors.Join(errW, errH))
	master, tty, err := pty.Open()
	ts.Check(err)
	p := &person{ts: ts, master: master}
	p.more = sync.NewCond(&p.mu)
	var group sync.WaitGroup
	group.Go(p.watch)
	defer group.Wait()
	defer master.Close()
	defer tty.Close() // first: its end is what ends the watching
	ts.Check(pty.Setsize(master, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}))
	before := modes(ts, tty)
	cmd := exec.Command("setsid", append([]string{"-wc", args[3]}, args[4:]...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir = tty, tty, tty, ts.Getenv("WORK")
	cmd.Env = environment(ts)
	ts.Check(cmd.Start())
	defer func() { _ = cmd.Process.Kill() }() // where the dialogue failed
	late := time.AfterFunc(2*patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	p.talk(ts.ReadFile(args[2]))
	_ = cmd.Wait() // its exit code is looked at below
	after := modes(ts, tty)
	_ = tty.Close()
	group.Wait() // all that was written has been read
	if after != before {
		ts.Fatalf("the terminal's modes are %s, were %s", after, before)
	}
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("exit code %s, want %s, after:\n%s", got, args[0], p.left())
	}
	ts.Check(os.WriteFile(ts.MkAbs("after"), []byte(p.left()), 0o600))
}

// environment is the script's, in a terminal of today.
func environment(ts *testscript.TestScript) (env []string) {
	for _, k := range []string{"PATH", "HOME", "USER", "NO_COLOR", "TMUX"} {
		env = append(env, k+"="+ts.Getenv(k))
	}
	return append(env, "TERM=xterm-256color", "LANG=C.UTF-8")
}

func modes(ts *testscript.TestScript, tty *os.File) string {
	cmd := exec.Command("stty", "-g")
	cmd.Stdin = tty
	out, err := cmd.Output()
	ts.Check(err)
	return string(out)
}

// watch keeps what is written and answers the questions in it.
func (p *person) watch() {
	status, attributes := []byte("\x1b[5n"), []byte("\x1b[c")
	buf := make([]byte, 64<<10)
	var answered [2]int
	for {
		n, err := p.master.Read(buf)
		p.mu.Lock()
		p.seen = append(p.seen, buf[:n]...)
		asked := [2]int{bytes.Count(p.seen, status), bytes.Count(p.seen, attributes)}
		answer := strings.Repeat("\x1b[0n", asked[0]-answered[0]) + strings.Repeat("\x1b[?62c", asked[1]-answered[1])
		answered = asked
		p.ended = err != nil
		p.more.Broadcast()
		p.mu.Unlock()
		if err != nil {
			return
		}
		_, _ = io.WriteString(p.master, answer) // the program may have ended
	}
}

// talk goes through a dialogue.
func (p *person) talk(dialogue string) {
	for _, line := range strings.Split(strings.TrimSpace(dialogue), "\n") {
		do, what, _ := strings.Cut(line, " ")
		text := strings.NewReplacer(`\r`, "\r", `\x1b`, "\x1b", `\^Z`, "\x1a").Replace(what)
		switch do {
		case "see":
			p.see(text)
		case "press":
			_, err := io.WriteString(p.master, text)
			p.ts.Check(err)
		case "run":
			words := strings.Fields(what)
			cmd := exec.Command(words[0], words[1:]...)
			cmd.Dir = p.ts.Getenv("WORK")
			p.ts.Check(cmd.Run())
		case "":
		default:
			p.ts.Fatalf("a dialogue does not know %q", line)
		}
	}
}

// see waits for text behind what was found last.
func (p *person) see(text string) {
	late := time.AfterFunc(patience, p.more.Broadcast)
	defer late.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for end := time.Now().Add(patience); ; p.more.Wait() {
		shown := sequences.ReplaceAllString(string(p.seen), "")
		p.read = min(p.read, len(shown)) // a sequence may have been whole only now
		if i := strings.Index(shown[p.read:], text); i >= 0 {
			p.read += i + len(text)
			return
		}
		if p.ended || time.Now().After(end) {
			p.ts.Fatalf("never shown: %q; shown: %.3000q", text, shown[p.read:])
		}
	}
}

// left is what stands on the screen that was there before.
func (p *person) left() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := p.seen
	if i := bytes.LastIndex(rest, []byte("\x1b[?1049l")); i >= 0 {
		rest = rest[i:]
	}
	return strings.ReplaceAll(sequences.ReplaceAllString(string(rest), ""), "\r\n", "\n")
}

// Hints that are commands are commands that run: they are no usage error.
func TestHintCommands(t *testing.T) {
	for hint, want := range map[string]string{
		"start one there: acip-server; or check the port": "acip-server", "close it, or pick another: acip-client cameras": "acip-client cameras",
		"--wait goes on trying": "", "acip-client cameras lists what there is": "",
		"x; acip-client doctor ws://a.b:1 looks closer": "acip-client doctor ws://a.b:1", "x: acip-client --version, acip-server --version": "acip-client --version",
	} {
		if got := strings.Join(hintCommand(hint), " "); got != want {
			t.Errorf("%q: %q, want %q", hint, got, want)
		}
	}
}

// commandInHint finds commands that are to be typed; commandWord is what they are made of, beside the prose that may
// follow.
var (
	commandInHint = regexp.MustCompile(`(?:: |; )(acip-(?:client|server))((?: [^ ,;]+)*)`)
	commandWord   = regexp.MustCompile(`^(-.*|.*[.:/0-9].*|cameras|doctor|mirror|render|config|path|check|man|[A-Z]+)$`)
)

// hintCommand is the first command that a hint names to be typed; nil where it is about one.
func hintCommand(hint string) []string {
	m := commandInHint.FindStringSubmatch(hint)
	if m == nil {
		return nil
	}
	words := []string{m[1]}
	for _, w := range strings.Fields(m[2]) {
		if !commandWord.MatchString(w) {
			break
		}
		if w == strings.ToUpper(w) && w != strings.ToLower(w) {
			w = "127.0.0.1:1" // ADDRESS stands for one
		}
		words = append(words, w)
	}
	if len(words) == 1 && words[0] == "acip-client" {
		return nil // it would join, with a camera
	}
	return words
}

// soon is how long a command from a hint may run: a wrong one ends sooner.
const soon = 2 * time.Second

// tryHint runs the command that an error's hint names: any end is right but one that says it was used wrongly.
func tryHint(ts *testscript.TestScript, said string) {
	_, hint, _ := strings.Cut(said, ": hint: ")
	words := hintCommand(strings.TrimSpace(hint))
	if len(words) == 0 {
		return
	}
	cmd := exec.Command(testkit.ProgramPath(words[0]), words[1:]...)
	cmd.Dir, cmd.Env = ts.Getenv("WORK"), append(environment(ts), "TERM=")
	ts.Check(cmd.Start())
	late := time.AfterFunc(soon, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() == 2 { // how else it ends is no matter
		ts.Fatalf("the hint's command is used wrongly: %q", words)
	}
}
