package testkit

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// Namespace is a network namespace of Linux for one test, with two links to it. A
// program that runs inside is reached over either; what is done to the first one
// leaves the other as it is.
type Namespace struct {
	t     testing.TB
	name  string
	links [2]link
}

type link struct{ outside, inside, host, guest string }

// NewNamespace makes one and takes it away when the test ends. The test is skipped
// where that cannot be had: it takes root on Linux, and iproute2.
func NewNamespace(t testing.TB) *Namespace {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("needs root on Linux, for a network namespace")
	}
	id := rand.IntN(1 << 16)
	n := &Namespace{t: t, name: fmt.Sprintf("aciptest%d", id)}
	if said, err := exec.Command("ip", "netns", "add", n.name).CombinedOutput(); err != nil {
		t.Skipf("no network namespace to be had: %v: %s", err, said)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", n.name).Run() }) // its links go with it
	n.Do("ip -n " + n.name + " link set lo up")
	for i := range n.links {
		l := link{fmt.Sprintf("acip%c%d", 'a'+i, id), fmt.Sprintf("eth%d", i), fmt.Sprintf("10.%d.%d.%d", 128+id>>9, id&255, 1+4*i), fmt.Sprintf("10.%d.%d.%d", 128+id>>9, id&255, 2+4*i)}
		n.links[i] = l
		for _, c := range []string{
			fmt.Sprintf("ip link add %s type veth peer name %s netns %s", l.outside, l.inside, n.name),
			fmt.Sprintf("ip addr add %s/30 dev %s", l.host, l.outside),
			fmt.Sprintf("ip link set %s up", l.outside),
			fmt.Sprintf("ip -n %s addr add %s/30 dev %s", n.name, l.guest, l.inside),
			fmt.Sprintf("ip -n %s link set %s up", n.name, l.inside),
		} {
			if said, err := exec.Command("/bin/sh", "-c", c).CombinedOutput(); err != nil {
				t.Skipf("no network namespace to be had: %s: %v: %s", c, err, said)
			}
		}
	}
	return n
}

// Address is that of a program inside, over the first link (0) or the second (1).
func (n *Namespace) Address(link int) string { return n.links[link].guest }

// Command is a program inside.
func (n *Namespace) Command(name string, args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.name, name}, args...)...)
}

// Up makes the first link carry something again, or nothing: no packet comes through, and nobody is told.
func (n *Namespace) Up(up bool) {
	state := map[bool]string{true: "up", false: "down"}[up]
	n.Do("ip link set " + n.links[0].outside + " " + state)
}

// Shape puts a tc qdisc in front of what leaves the namespace over the first link.
func (n *Namespace) Shape(qdisc string) {
	n.Do(fmt.Sprintf("ip netns exec %s tc qdisc replace dev %s root %s", n.name, n.links[0].inside, qdisc))
}

// Lose drops so many of a hundred packets that come in over the first link, at random.
func (n *Namespace) Lose(percent int) {
	in := "ip netns exec " + n.name + " nft "
	n.Do(in + "add table inet acip")
	n.Do(in + "flush table inet acip")
	n.Do(in + "'add chain inet acip in { type filter hook input priority 0; }'")
	if percent > 0 {
		n.Do(fmt.Sprintf("%s'add rule inet acip in iifname %s numgen random mod 100 < %d drop'", in, n.links[0].inside, percent))
	}
}

// Do runs a command of the shell, which must succeed.
func (n *Namespace) Do(command string) {
	n.t.Helper()
	if said, err := exec.Command("/bin/sh", "-c", command).CombinedOutput(); err != nil {
		if strings.Contains(string(said), "not found") || strings.Contains(string(said), "not supported") {
			n.t.Skipf("%s: %s", command, said)
		}
		n.t.Fatalf("%s: %v: %s", command, err, said)
	}
}
