package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"

	"github.com/creack/pty"
)

// evil is what would rename a window, clear the screen, turn the text round and ring, were it ever written to a terminal.
const evil = "EVIL\x1b]0;owned\a\x1b[2J\x9b31m\u009b2J\u202eLIVE\u200d\u2066\rBACK\x00"

// hostileServer is one that sends evil wherever a text can stand, and ends the call with it once told to.
type hostileServer struct {
	addr   string
	enough chan struct{}
}

func newHostileServer(t *testing.T) *hostileServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &hostileServer{addr: l.Addr().String(), enough: make(chan struct{})}
	var serving sync.WaitGroup
	serving.Go(func() {
		if c, err := l.Accept(); err == nil {
			s.serve(t, c)
			_ = c.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	return s
}

// serve is the whole conversation.
func (s *hostileServer) serve(t *testing.T, c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(patience))
	in := bufio.NewReader(c)
	r, err := http.ReadRequest(in)
	if err != nil {
		t.Error(err)
		return
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: %s\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		packet.Subprotocol, base64.StdEncoding.EncodeToString(sum[:]))
	write := func(t packet.Type, from uint32, payload []byte) {
		b := testkit.Packet(t, payload)
		packet.Header{Type: t, Length: uint32(len(payload)), CRC: packet.Checksum(payload), Client: from}.Put(b)
		_, _ = c.Write(testkit.Frame{Final: true, Op: testkit.OpBinary, Unmasked: true, Payload: b}.Bytes()) // the client may have gone
	}
	text := func(t packet.Type, from uint32, body any) {
		b, _ := json.Marshal(body) // these always can be
		write(t, from, b)
	}
	member := func(id uint32) packet.Member { return packet.Member{ID: id, Name: evil, Role: packet.RoleJoin} }
	text(packet.WelcomeType, 0, packet.Welcome{Protocol: 1, ID: 9, Name: evil, Room: "lobby", Members: []packet.Member{member(2)}, Limits: packet.Limits{MaxFrameBytes: 4 << 20}})
	text(packet.ClientJoin, 0, member(3))
	text(packet.TextMessage, 2, packet.Text{Text: evil})
	write(packet.ErrorMessage, 0, append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(packet.CodeRate)), uint32(len(evil))), evil...))
	text(packet.ClientLeave, 0, packet.Leave{ID: 3, Name: evil, Reason: evil})
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(io.Discard, in) }) // to the client's end: what lies unread when a connection is closed cuts off what was sent
	defer reading.Wait()
	<-s.enough
	reason := append(binary.BigEndian.AppendUint16(nil, uint16(packet.CodeRemoved)), strings.ToValidUTF8(evil, "?")...)
	_, _ = c.Write(testkit.Frame{Final: true, Op: testkit.OpClose, Unmasked: true, Payload: reason}.Bytes())
}

// TestHostileServer: nothing that a server sends as a name, a text, a reason or an error reaches the terminal raw, on the
// screen, as plain lines or in the sentence at the end.
func TestHostileServer(t *testing.T) {
	for name, args := range map[string][]string{"screen": nil, "plain lines": {"--no-ui"}, "pipe": {"--output", "none"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newHostileServer(t)
			cmd := exec.Command(testkit.ProgramPath("acip-client"), append(args, "--view-only", "--no-reconnect", s.addr)...)
			cmd.Env = []string{"HOME=" + t.TempDir(), "USER=tester", "TERM=xterm-256color", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH")}
			tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
			if err != nil {
				t.Skip("no terminal to be had: ", err)
			}
			defer tty.Close()
			said := watchTerminal(tty, s.enough, name == "pipe")
			err = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 3 {
				t.Errorf("exit code %d, %v", code, err)
			}
			if !bytes.Contains(said, []byte("EVIL")) {
				t.Errorf("nothing of it was shown: %q", said)
			}
			for _, raw := range []string{"\x1b]0;", "owned\a", "EVIL\x1b", "\x9b31", "\u009b", "\u202e", "\u2066", "\u200d", "\rBACK", "\x00"} {
				if i := bytes.Index(said, []byte(raw)); i >= 0 {
					t.Errorf("%q reached the terminal: …%q", raw, said[max(0, i-40):min(len(said), i+40)])
				}
			}
		})
	}
}

// watchTerminal reads what a program writes to its end, and closes enough once it has shown something of the server's; at
// once where it shows nothing before its end. It answers the terminal's questions as far as the program waits for that.
func watchTerminal(tty *os.File, enough chan struct{}, atOnce bool) (said []byte) {
	if atOnce {
		close(enough)
	}
	buf := make([]byte, 64<<10)
	for done := atOnce; ; {
		n, err := tty.Read(buf)
		said = append(said, buf[:n]...)
		if !done && bytes.Contains(said, []byte("EVIL")) {
			done = true
			close(enough)
		}
		answer := strings.Repeat("\x1b[0n", bytes.Count(buf[:n], []byte("\x1b[5n"))) + strings.Repeat("\x1b[?62c", bytes.Count(buf[:n], []byte("\x1b[c")))
		if _, werr := io.WriteString(tty, answer); err != nil || werr != nil {
			return said
		}
	}
}
