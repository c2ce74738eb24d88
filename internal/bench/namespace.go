package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// namespace is a network namespace behind a slow link.
type namespace struct {
	name, host, shape string
	veth              string
	end               func() // of what carries its packets; nil: the kernel does
}

// newNamespace makes one, with a token bucket (tc-tbf) down to it and, unless it is empty, one up from it; only root on
// Linux can.
func newNamespace(ctx context.Context, down, up string) (*namespace, error) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		return nil, errors.New("network namespaces need root on Linux")
	}
	id := os.Getpid() % 10000
	n := &namespace{name: fmt.Sprintf("acipbench%d", id), veth: fmt.Sprintf("acipb%d", id), shape: "tbf " + down}
	net := fmt.Sprintf("10.%d.%d", 200+id%50, id%250)
	n.host = net + ".1"
	setup := []string{
		"ip netns add " + n.name,
		"ip link add " + n.veth + " type veth peer name eth0 netns " + n.name,
		"ip addr add " + n.host + "/24 dev " + n.veth,
		"ip link set " + n.veth + " up",
		"ip -n " + n.name + " addr add " + net + ".2/24 dev eth0",
		"ip -n " + n.name + " link set eth0 up",
		"ip -n " + n.name + " link set lo up",
		"tc qdisc add dev " + n.veth + " root tbf " + down,
	}
	if up != "" {
		setup = append(setup, "tc -n "+n.name+" qdisc add dev eth0 root tbf "+up)
	}
	for _, c := range setup {
		if said, err := exec.CommandContext(ctx, "/bin/sh", "-c", c).CombinedOutput(); err != nil {
			n.remove()
			return nil, fmt.Errorf("%s: %w: %s", c, err, strings.TrimSpace(string(said)))
		}
	}
	return n, nil
}

// change gives both directions another token bucket.
func (n *namespace) change(ctx context.Context, shape string) error {
	for _, c := range []string{
		"tc qdisc change dev " + n.veth + " root tbf " + shape,
		"tc -n " + n.name + " qdisc change dev eth0 root tbf " + shape,
	} {
		if said, err := exec.CommandContext(ctx, "/bin/sh", "-c", c).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", c, err, strings.TrimSpace(string(said)))
		}
	}
	return nil
}

// command runs a program inside.
func (n *namespace) command(name string, args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.name, name}, args...)...)
}

// remove takes the namespace and its link away.
func (n *namespace) remove() {
	if n.end != nil {
		n.end()
	}
	_ = exec.Command("ip", "link", "del", n.veth).Run() // may not be there yet
	_ = exec.Command("ip", "netns", "del", n.name).Run()
}
