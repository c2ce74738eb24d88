package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"sync/atomic"

	"acip/internal/bench/proc"

	"github.com/creack/pty"
)

// terminal is a pseudo-terminal that draws nothing and answers what a modern terminal answers, at once.
type terminal struct {
	master *os.File
	Bytes  atomic.Uint64 // written to it
	done   chan struct{}
	tail   []byte
}

// startInTerminal runs a program in a terminal of cols x rows.
func startInTerminal(cols, rows int, name string, args ...string) (*proc.Process, *terminal, error) {
	return commandInTerminal(cols, rows, exec.Command(name, args...))
}

// commandInTerminal is startInTerminal for a command that is made already.
func commandInTerminal(cols, rows int, cmd *exec.Cmd) (*proc.Process, *terminal, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer slave.Close()
	if err := pty.Setsize(master, &pty.Winsize{Rows: uint16(rows), Cols: uint16(cols)}); err != nil {
		return nil, nil, err
	}
	cmd.Stdin, cmd.Stdout = slave, slave
	cmd.SysProcAttr = ownTerminal()
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8")
	p, err := proc.StartCommand(cmd, nil)
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	t := &terminal{master: master, done: make(chan struct{})}
	go t.run()
	return p, t, nil
}

// run drains the terminal and answers until it is closed.
func (t *terminal) run() {
	defer close(t.done)
	buf := make([]byte, 64<<10)
	for {
		n, err := t.master.Read(buf)
		if err != nil {
			return // EIO: nobody has it open any more
		}
		t.Bytes.Add(uint64(n))
		t.answer(buf[:n])
	}
}

// replies to the questions that the client asks of its terminal.
func replies() map[string]string {
	return map[string]string{
		"\x1b[5n": "\x1b[0n", "\x1b[6n": "\x1b[1;3R", "\x1b[c": "\x1b[?62;22c", "\x1b[?2026$p": "\x1b[?2026;2$y",
		"\x1b[16t": "\x1b[6;16;8t", "\x1bP$qm\x1b\\": "\x1bP1$r0;48:2::1:2:3m\x1b\\",
	}
}

// answer looks for questions, also where a read cut one in two.
func (t *terminal) answer(p []byte) {
	seen := append(t.tail, p...)
	for ask, reply := range replies() {
		for range bytes.Count(seen, []byte(ask)) {
			_, _ = io.WriteString(t.master, reply) // a closed one is seen by Read
		}
	}
	if i := bytes.LastIndexByte(seen, 0x1b); i >= 0 && len(seen)-i < 10 && !complete(seen[i:]) {
		t.tail = append([]byte(nil), seen[i:]...)
	} else {
		t.tail = nil
	}
}

// complete reports whether a sequence that begins with escape has come to its end.
func complete(s []byte) bool {
	last := s[len(s)-1]
	return len(s) > 2 && last >= 0x40 && last != 'P' && last != '['
}

// close waits until the program has let go of the terminal.
func (t *terminal) close() {
	t.master.Close()
	<-t.done
}
