// Package proc runs programs and reads what they cost.
package proc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Process is a program that runs beside the benchmark, so that its cost is its own.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // its end, once done is closed

	mu    sync.Mutex
	lines []string // of its standard error
	heard chan struct{}
}

// Start runs a program. Its standard error is kept, its standard output goes to out, nil for nowhere.
func Start(out io.Writer, name string, args ...string) (*Process, error) {
	return StartCommand(exec.Command(name, args...), out)
}

// StartCommand is Start for a command with an environment, input or namespace of its own.
func StartCommand(cmd *exec.Cmd, out io.Writer) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{}), heard: make(chan struct{}, 1)}
	if out != nil {
		cmd.Stdout = out
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	go p.follow(said)
	return p, nil
}

// follow keeps what the program says until it ends; Stop and Wait wait for it.
func (p *Process) follow(said io.Reader) {
	defer close(p.done)
	lines := bufio.NewScanner(said)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		if p.lines = append(p.lines, lines.Text()); len(p.lines) > 1000 {
			p.lines = p.lines[500:]
		}
		p.mu.Unlock()
		select {
		case p.heard <- struct{}{}:
		default:
		}
	}
	p.err = p.cmd.Wait()
}

// Await returns the first line of standard error that holds text.
func (p *Process) Await(ctx context.Context, text string) (string, error) {
	for {
		for _, l := range p.Lines() {
			if strings.Contains(l, text) {
				return l, nil
			}
		}
		select {
		case <-p.heard:
		case <-p.done:
			return "", fmt.Errorf("%s ended before saying %q: %w: %s", p.name(), text, errOr(p.err), strings.Join(p.Lines(), " | "))
		case <-ctx.Done():
			return "", fmt.Errorf("%s did not say %q: %w", p.name(), text, ctx.Err())
		}
	}
}

func errOr(err error) error {
	if err == nil {
		return errors.New("exit 0")
	}
	return err
}

// Lines is what the program said on standard error.
func (p *Process) Lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...)
}

func (p *Process) name() string { return filepath.Base(p.cmd.Path) }

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Usage is what a process cost from start to end.
type Usage struct {
	CPU time.Duration // user and system
}

// Wait waits for the program's own end.
func (p *Process) Wait(ctx context.Context) (Usage, error) {
	select {
	case <-p.done:
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
		<-p.done
		return p.usage(), fmt.Errorf("%s: %w: %s", p.name(), ctx.Err(), strings.Join(p.Lines(), " | "))
	}
	if p.err != nil {
		return p.usage(), fmt.Errorf("%s: %w: %s", p.name(), p.err, strings.Join(p.Lines(), " | "))
	}
	return p.usage(), nil
}

// Stop interrupts the program, and kills it after three seconds. Again is harmless.
func (p *Process) Stop() Usage {
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.done:
	case <-time.After(3 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	return p.usage()
}

func (p *Process) usage() Usage {
	s := p.cmd.ProcessState
	if s == nil {
		return Usage{}
	}
	return Usage{CPU: s.UserTime() + s.SystemTime()}
}

// CPU is the processor time that the process's threads have used so far, to the nanosecond (Linux: schedstat).
func (p *Process) CPU() time.Duration {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.PID()))
	total := int64(0)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		n, _ := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		total += n
	}
	return time.Duration(total)
}

// RSS is the resident memory in bytes, now and at its most.
func (p *Process) RSS() (now, peak int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	for line := range strings.Lines(string(text)) {
		var kb int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
			now = kb << 10
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			peak = kb << 10
		}
	}
	return now, peak
}
