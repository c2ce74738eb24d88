package client

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"acip/frame"
	"acip/internal/server"
	"acip/internal/testkit"
	"acip/internal/testkit/host"
)

// serving makes the test binary a server at that address.
const serving = "ACIP_TEST_SERVE"

// watchword is that server's token, without which it does not tell other machines who is there.
const watchword = "sesame"

// beServer is that server, until it is killed.
func beServer(addr string) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(l.Addr())
	_ = server.New(server.Config{Token: watchword}).Serve(context.Background(), l)
}

// serveInside starts a server process in a namespace and returns its port, and what kills it.
func serveInside(t *testing.T, n *testkit.Namespace, port string) (string, func()) {
	t.Helper()
	cmd := n.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serving+"=0.0.0.0:"+port)
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	t.Cleanup(kill)
	line, _ := bufio.NewReader(said).ReadString('\n')
	if _, port, err = net.SplitHostPort(strings.TrimSpace(line)); err != nil {
		kill()
		t.Fatalf("the server says %q", line)
	}
	return port, kill
}

// TestBadNetwork: a server in another network, that loses packets, is gone for a while, and is killed and comes back.
// The clients go on by themselves, with their names; capture never waits, and no picture is torn, twice or out of
// order.
func TestBadNetwork(t *testing.T) {
	n := testkit.NewNamespace(t)
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("no nft here")
	}
	port, kill := serveInside(t, n, "0")
	far, near := &host.Host{Addr: net.JoinHostPort(n.Address(0), port)}, &host.Host{Addr: net.JoinHostPort(n.Address(1), port), Token: watchword}
	size := frame.Size{W: 160, H: 120}
	sender := join(t, far, "sender", func(c *Config) { c.SendOnly, c.CaptureSize, c.Codec, c.Token = true, size, "jpeg", watchword })
	viewer, seen := watch(t, far, "viewer", "sender", size, func(c *Config) { c.Token = watchword })
	more := func(what string) {
		t.Helper()
		had := seen.Count()
		until(t, what, func() bool { return seen.Count() >= had+10 })
	}
	more("pictures")
	n.Lose(10)
	more("pictures while packets are lost")
	n.Lose(0)
	more("pictures after that")
	n.Up(false)
	captured := func() uint64 { return sender.call.Stats().Captured }
	had := captured()
	until(t, "capture while the network is gone", func() bool { return captured() >= had+60 })
	n.Up(true)
	more("pictures after the network was gone")
	kill()
	had = captured()
	until(t, "capture while the server is gone", func() bool { return captured() >= had+30 })
	serveInside(t, n, port)
	more("pictures after the server was killed")
	for _, name := range []string{"sender", "viewer"} {
		until(t, name+" is back", func() bool { return near.Member(t, name).ID != 0 })
	}
	sent, got := sender.account(t), viewer.account(t)
	seen.Check(t)
	if sent.Reconnects == 0 || got.Reconnects == 0 {
		t.Errorf("reconnects: %d and %d", sent.Reconnects, got.Reconnects)
	}
	t.Logf("sent %d of %d %v, drawn %d, reconnects %d and %d, age %v", sent.Sent, sent.Captured, sent.Up, got.Drawn, sent.Reconnects, got.Reconnects, got.AgeMS)
}
