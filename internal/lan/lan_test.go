package lan

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"
	"golang.org/x/time/rate"
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
	heard := listen(t)
	a, err := Announce("cellar", nil, 4711, true)
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			_ = a.Close()
		}
	}()
	for range 2 {
		if m := heard(); len(m.Question) != 0 || ttlOf(m, "cellar") == 0 || len(m.Answer) < 4 {
			t.Errorf("the server says hello with %v", m)
		}
	}
	askPlainly(t)
	var got []Server
	for end := time.Now().Add(5 * time.Minute); len(got) == 0 && time.Now().Before(end); { // a busy machine may answer late
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		got = Find(ctx)
		cancel()
	}
	if len(got) != 1 || got[0].Name != "cellar" || got[0].String() != "wss://10.77.0.1:4711" {
		t.Fatalf("found %v", got)
	}
	namesakes(t)
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	closed = true
	for {
		m := heard()
		if len(m.Answer) == 0 || m.Answer[0].(*dns.PTR).Ptr != "cellar."+service+"."+domain || ttlOf(m, "cellar") != 0 {
			continue // the search's question, others' news, a hello that was said twice
		}
		if len(m.Question) != 0 || len(m.Answer) != 3 || slices.ContainsFunc(m.Answer, isAddress) {
			t.Errorf("the server says goodbye with %v", m)
		}
		break
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if got := Find(ctx); len(got) != 0 {
		t.Errorf("found when it is gone: %v", got)
	}
	t.Log("found cellar")
}

// namesakes finds three servers, two of which have the same name.
func namesakes(t *testing.T) {
	for _, port := range []int{4712, 4713} {
		a, err := Announce("Kitchen table", nil, port, false)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
	}
	want := "[Kitchen table 10.77.0.1:4712 Kitchen table 10.77.0.1:4713 cellar wss://10.77.0.1:4711]"
	var got string
	for end := time.Now().Add(time.Minute); got != want && time.Now().Before(end); { // a busy machine may answer late
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		var list []string
		for _, s := range Find(ctx) {
			list = append(list, s.Name, s.String())
		}
		cancel()
		got = fmt.Sprint(list)
	}
	if got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

// TestInstanceNames: what a person calls a server is what others read, as far as a label holds it and a screen bears it.
func TestInstanceNames(t *testing.T) {
	for name, want := range map[string]string{
		"Kitchen table": "Kitchen table", "Küche": "Küche", "a.b\\c": "a.b\\c", " x. ": "x", "\x1b[2J": "[2J", "\U0001f373 egg": "\U0001f373 egg", "(it's; \"ok\" @home)": "(it's; \"ok\" @home)",
		strings.Repeat("é", 50): strings.Repeat("é", 31),
	} {
		zone, err := mdns.NewMDNSService(instance(name), service, domain, "h.local.", 1, []net.IP{net.IPv4(192, 0, 2, 1)}, []string{"acip=1"})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		b, err := reply(zone.Records(dns.Question{Name: service + "." + domain, Qtype: dns.TypePTR})).Pack()
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		var c collection
		for _, e := range read(b, "") {
			c.add(e)
		}
		if got := c.list(); len(got) != 1 || got[0].Name != want {
			t.Errorf("%q is read as %v", name, got)
		}
	}
}

// TestNamesakesOnTwoMachines at the same port are two, and one machine with two addresses is one.
func TestNamesakesOnTwoMachines(t *testing.T) {
	var c collection
	for _, of := range [][2]string{{"10.0.0.1", "id=a"}, {"10.1.0.1", "id=a"}, {"10.0.0.2", "id=b"}} {
		e := entry("attic", of[0], 27226)
		e.InfoFields = []string{"acip=1", of[1]}
		c.add(e)
	}
	if got := c.list(); len(got) != 2 || got[0].String() != "10.0.0.1:27226" || got[1].String() != "10.0.0.2:27226" {
		t.Errorf("found %v", got)
	}
}

// listen is a program in the network that hears what is said to everybody there; each call waits for a message.
func listen(t *testing.T) func() *dns.Msg {
	i, err := net.InterfaceByName("d0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := open("udp4", i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	buffer := make([]byte, mostMessage)
	return func() *dns.Msg {
		if err := s.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		n, _, err := s.ReadFromUDPAddrPort(buffer)
		if err != nil {
			t.Fatal(err)
		}
		m := new(dns.Msg)
		if err := m.Unpack(buffer[:n]); err != nil {
			t.Fatal(err)
		}
		return m
	}
}

// ttlOf is for how long others may believe that there is a server of a name, in seconds.
func ttlOf(m *dns.Msg, name string) uint32 {
	for _, rr := range m.Answer {
		if p, ok := rr.(*dns.PTR); ok && p.Ptr == name+"."+service+"."+domain {
			return p.Hdr.Ttl
		}
	}
	return 0
}

// askPlainly asks as a resolver does that knows nothing of multicast (dig, for one): it takes an answer to its own question only.
func askPlainly(t *testing.T) {
	l, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(10, 77, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	q := new(dns.Msg).SetQuestion("_ACIP._tcp.local.", dns.TypePTR)
	b, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.WriteToUDP(b, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: mdnsPort}); err != nil {
		t.Fatal(err)
	}
	_ = l.SetReadDeadline(time.Now().Add(time.Minute))
	buffer := make([]byte, mostMessage)
	n, err := l.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	m := new(dns.Msg)
	if err := m.Unpack(buffer[:n]); err != nil || m.Id != q.Id || len(m.Question) != 1 || ttlOf(m, "cellar") == 0 || ttlOf(m, "cellar") > legacyTTL {
		t.Errorf("a plain resolver gets %v, %v", m, err)
	}
	for _, rr := range m.Answer {
		if rr.Header().Class != dns.ClassINET {
			t.Errorf("a plain resolver gets class %d", rr.Header().Class)
		}
	}
}

// TestFloodOfQuestions: whoever asks without end gets some answers, and whoever knows the server none.
func TestFloodOfQuestions(t *testing.T) {
	zone, err := mdns.NewMDNSService("cellar", service, domain, "cellar.local.", 1, []net.IP{net.IPv4(127, 0, 0, 1)}, []string{"acip=1"})
	if err != nil {
		t.Fatal(err)
	}
	asker, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer asker.Close()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	group := asker.LocalAddr().(*net.UDPAddr)
	r := &responder{zone: zone}
	s := &socket{UDPConn: c, group: group, all: rate.NewLimiter(0, 2), askers: rate.NewLimiter(0, 50)}
	q := new(dns.Msg).SetQuestion(service+"."+domain, dns.TypePTR)
	send := func(from netip.AddrPort) {
		b, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		r.answer(s, b, from)
	}
	known := zone.Records(dns.Question{Name: service + "." + domain, Qtype: dns.TypePTR})[:1]
	q.Answer = known
	send(netip.MustParseAddrPort("127.0.0.1:5353"))
	if s.all.Tokens() != 2 {
		t.Error("one who knows the server was answered")
	}
	q.Answer = nil
	for range 1000 {
		send(netip.MustParseAddrPort("127.0.0.1:5353"))
		send(group.AddrPort())
	}
	for _, broken := range [][]byte{nil, {1}, bytes.Repeat([]byte{255}, 600)} {
		r.answer(s, broken, group.AddrPort())
	}
	got := 0
	buffer := make([]byte, mostMessage)
	for asker.SetReadDeadline(time.Now().Add(100*time.Millisecond)) == nil {
		if _, err := asker.Read(buffer); err != nil {
			break
		}
		got++
	}
	if got != 52 {
		t.Errorf("%d answers, want 2 to all and 50 to one", got)
	}
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
