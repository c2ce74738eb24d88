package lan

import (
	"context"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/mdns"
)

func TestStrangersNamesAreFitForAScreen(t *testing.T) {
	for _, c := range [][2]string{
		{"attic", "attic"},
		{`Anna\ Berg`, "Anna Berg"},
		{`caf\195\169`, "café"},
		{`\027[2Jboo\007`, "[2Jboo"},
		{"a\u202eb\u200bc", "abc"},
		{`\`, `\`}, {`\9`, "9"}, {`\25`, "25"}, {`\999`, "999"},
		{"", "unnamed"}, {`\010`, "unnamed"}, {`\255\254`, "unnamed"},
		{strings.Repeat("x", 100), strings.Repeat("x", 40)},
		{"z" + strings.Repeat("\u0301", 50), "z"},
	} {
		if got := clean(unescape(c[0])); got != c[1] {
			t.Errorf("%q became %q, want %q", c[0], got, c[1])
		}
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"a", `\027[`, `\1`, "\u202e", `\\`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(unescape(s))
		if n := len([]rune(got)); n == 0 || n > mostName {
			t.Fatalf("%q became %d characters", s, n)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("%q became %q", s, got)
			}
		}
	})
}

func TestLabel(t *testing.T) {
	for name, want := range map[string]string{"host": "host", "a b.c\n": "a-b-c", "--": "acip", strings.Repeat("y", 90): strings.Repeat("y", 40)} {
		if got := label(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

// entry is an answer as the library hands it over.
func entry(name, ip string, port int) *mdns.ServiceEntry {
	e := &mdns.ServiceEntry{Name: name + "." + service + "." + domain, Port: port}
	switch a := net.ParseIP(ip); {
	case a == nil:
	case a.To4() != nil:
		e.AddrV4 = a
	default:
		e.AddrV6IPAddr = &net.IPAddr{IP: a}
	}
	return e
}

func TestAnswersAreWeighed(t *testing.T) {
	c := collection{mine: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	for _, e := range []*mdns.ServiceEntry{
		entry("attic", "192.168.7.7", 27226), entry("attic", "10.1.2.3", 27226), entry("attic", "2001:db8::1", 27226), // one machine, three addresses
		entry("attic", "10.1.2.3", 27226), // said twice
		entry("attic", "10.1.2.3", 4000),  // another server there
		entry("me", "127.0.0.1", 27226), entry("all", "0.0.0.0", 1), entry("group", "224.0.0.251", 1), entry("none", "", 1), entry("nowhere", "fe80::1", 1),
		entry("port", "10.1.2.3", 0), entry("port", "10.1.2.3", 70000),
		{Name: "printer._ipp._tcp.local.", AddrV4: net.IPv4(10, 1, 2, 9), Port: 631},
	} {
		c.add(e)
	}
	got := c.list()
	want := []string{"10.1.2.3:4000", "10.1.2.3:27226"}
	if len(got) != len(want) || got[0].String() != want[0] || got[1].String() != want[1] {
		t.Errorf("found %v, want %v", got, want)
	}
}

func TestAFloodOfAnswersIsBounded(t *testing.T) {
	var c collection
	for i := range 1000 {
		c.add(entry("n", "10.0.0.1", 1+i))
	}
	if len(c.list()) > mostServers {
		t.Errorf("%d servers were kept", len(c.list()))
	}
}

// TestInANetwork runs itself in a network of its own, so that no packet reaches a real one.
func TestInANetwork(t *testing.T) {
	if os.Getenv("ACIP_TEST_NETWORK") != "" {
		inside(t)
		return
	}
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("needs root on Linux, for a network namespace")
	}
	script := `ip link set lo up && ip link add d0 type veth peer name d1 && ip link set d1 up && ip link set d0 multicast on up && ip addr add 10.77.0.1/24 dev d0 &&
		ip route add 224.0.0.0/4 dev d0 && exec "$0" -test.run '^TestInANetwork$' -test.v`
	cmd := exec.Command("unshare", "-n", "sh", "-c", script, os.Args[0])
	cmd.Env = append(os.Environ(), "ACIP_TEST_NETWORK=1")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "Operation not permitted") || strings.Contains(string(out), "Unknown device type") {
		t.Skipf("no network namespace to be had: %s", out)
	}
	if err != nil || !strings.Contains(string(out), "found cellar") {
		t.Errorf("%v\n%s", err, out)
	}
}

func inside(t *testing.T) {
	a, err := Announce("cellar", nil, 4711, true)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var got []Server
	for end := time.Now().Add(5 * time.Minute); len(got) == 0 && time.Now().Before(end); { // a busy machine may answer late
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		got = Find(ctx)
		cancel()
	}
	if len(got) != 1 || got[0].Name != "cellar" || got[0].String() != "wss://10.77.0.1:4711" {
		t.Fatalf("found %v", got)
	}
	t.Log("found cellar")
}

func TestNoQuestionGoesOnAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := Find(ctx); len(got) != 0 {
		t.Errorf("an ended search found %v", got)
	}
}

func TestAnnouncingAnAddressThatIsNotHere(t *testing.T) {
	if a, err := Announce("x", net.IPv4(203, 0, 113, 9), 1, false); err == nil {
		a.Close()
		t.Error("an address of somebody else was announced")
	}
}
