package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"
)

// frozen makes the test binary a member of the server at that address, which answers pings until it is stopped.
const frozen = "ACIP_TEST_MEMBER_OF"

// beMember is the life of that member.
func beMember(addr string) {
	p, _, err := enter(addr, "frozen", packet.RoleJoin)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("in")
	p.Pong = true
	for {
		if _, _, err := p.Next(); err != nil {
			return
		}
	}
}

// enter joins the lobby.
func enter(addr, name, role string) (p *testkit.Peer, w packet.Welcome, err error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, w, err
	}
	if p, _, err = testkit.Upgrade(c, packet.DefaultPath, packet.Subprotocol); err != nil {
		return nil, w, err
	}
	if err := p.SendText(packet.HelloType, fmt.Sprintf(`{"protocol":1,"room":"lobby","name":%q,"role":%q,"codecs":["raw"]}`, name, role)); err != nil {
		return nil, w, err
	}
	body, err := p.Expect(packet.WelcomeType)
	if err != nil {
		return nil, w, err
	}
	return p, w, json.Unmarshal(body, &w)
}

// inside starts the server in a namespace, and returns its addresses there.
func inside(t *testing.T, n *testkit.Namespace, args ...string) (d *daemon, first, second string) {
	t.Helper()
	d = launchAs(t, n.Command(testkit.ProgramPath("acip-server"), append([]string{"--listen", "0.0.0.0:0"}, args...)...), nil)
	_, port, err := net.SplitHostPort(d.addr)
	if err != nil {
		t.Fatal(err)
	}
	return d, net.JoinHostPort(n.Address(0), port), net.JoinHostPort(n.Address(1), port)
}

// statistics is what these tests read of /stats.
type statistics struct {
	Slots packet.Slots
	Rooms []struct {
		Members []struct {
			ID       uint32
			FramesIn uint64 `json:"frames_in"`
			From     []struct {
				ID              uint32
				Frames, Offered uint64
				Dropped         map[string]uint64
				AgeMS           int64 `json:"age_ms"`
			}
		}
	}
}

// statsAt asks a server in a namespace from inside: to others it does not tell who is there.
func statsAt(t *testing.T, n *testkit.Namespace, addr string) (s statistics) {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	reader := n.Command(os.Args[0])
	reader.Env = append(os.Environ(), local+"=127.0.0.1:"+port)
	body, err := reader.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return s
}

// local makes the test binary a program that prints the /stats of the server at that address.
const local = "ACIP_TEST_STATS_OF"

func printStats(addr string) {
	resp, err := http.Get("http://" + addr + "/stats")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(os.Stdout, resp.Body) // what is missing, its reader notices
}

// TestHalfOpenPeersAreFreed: one whose network is gone, and one whose process is stopped, lose their places 20 s after
// their last byte; nobody ever tells the server that they went.
func TestHalfOpenPeersAreFreed(t *testing.T) {
	t.Parallel()
	n := testkit.NewNamespace(t)
	d, far, near := inside(t, n)
	cut, _, err := enter(far, "cut", packet.RoleJoin)
	if err != nil {
		t.Fatal(err)
	}
	defer cut.Conn.Close()
	member := exec.Command(os.Args[0])
	member.Env = append(os.Environ(), frozen+"="+near)
	said, err := member.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := member.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = member.Process.Kill(); _ = member.Wait() }()
	if line, _ := bufio.NewReader(said).ReadString('\n'); line != "in\n" {
		t.Fatalf("the other process says %q", line)
	}
	if err := cut.Send(packet.ImageFrame, testkit.Image(64, 48, 1), 0); err != nil {
		t.Fatal(err)
	}
	for statsAt(t, n, near).Rooms[0].Members[0].FramesIn == 0 {
		time.Sleep(time.Millisecond)
	}
	n.Up(false)
	if said, err := exec.Command("kill", "-STOP", fmt.Sprint(member.Process.Pid)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	last := time.Now()
	for used := 2; used > 0; used = statsAt(t, n, near).Slots.Used {
		if time.Since(last) > time.Minute {
			t.Fatalf("%d places are still taken: %s", used, d.lines())
		}
		time.Sleep(20 * time.Millisecond)
	}
	took := time.Since(last)
	t.Logf("freed %v after the last byte", took)
	if took < 10*time.Second || took > 45*time.Second { // 21 s at most where nothing else runs
		t.Errorf("freed after %v", took)
	}
	silent := func() int { return strings.Count(d.lines(), `"code":4010`) }
	for silent() < 2 && time.Since(last) < time.Minute { // a slot is free before its end is logged
		time.Sleep(time.Millisecond)
	}
	if silent() != 2 {
		t.Errorf("they did not end as silent: %s", d.lines())
	}
}

// TestSlowViewerIsNeverBehind is lesson 12: 20 Mbit/s of 55. The viewer gets fewer pictures, not older ones, and
// another one gets all.
func TestSlowViewerIsNeverBehind(t *testing.T) {
	t.Parallel()
	n := testkit.NewNamespace(t)
	n.Shape("tbf rate 20mbit burst 16kb latency 10ms")
	d, slow, quick := inside(t, n)
	sender, w, err := enter(quick, "sender", packet.RoleJoin)
	if err != nil {
		t.Fatal(err)
	}
	var ages [2][]time.Duration
	var watching, quiet sync.WaitGroup
	peers := []*testkit.Peer{sender}
	for i, addr := range []string{slow, quick} {
		p, _, err := enter(addr, fmt.Sprint(i), packet.RoleWatch)
		if err != nil {
			t.Fatal(err)
		}
		peers = append(peers, p)
		watching.Go(func() { ages[i] = watchAges(p, w.ID) })
	}
	quiet.Go(func() { _, _ = io.Copy(io.Discard, sender.Conn) })
	sent := uint64(0)
	picture := testkit.Image(320, 240, 0)
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	var s statistics
	for end := time.Now().Add(time.Minute); sent < 120 || !tellsOfBoth(s) && time.Now().Before(end); { // a busy machine sends slower than the link takes, for a while
		<-tick.C
		binary.BigEndian.PutUint64(picture[packet.ImageHeadSize:], uint64(time.Now().UnixMicro()))
		if err := sender.Send(packet.ImageFrame, picture, 0); err != nil {
			t.Fatal(err)
		}
		if sent++; sent%30 == 0 {
			s = statsAt(t, n, quick)
		}
	}
	for s = statsAt(t, n, quick); s.Rooms[0].Members[0].FramesIn < sent; s = statsAt(t, n, quick) {
		time.Sleep(10 * time.Millisecond)
	}
	for _, p := range peers {
		_ = p.Conn.(*net.TCPConn).CloseWrite()
	}
	watching.Wait()
	for _, p := range peers {
		_ = p.Conn.Close()
	}
	quiet.Wait()
	middle := func(a []time.Duration) (p50, p99 time.Duration) {
		slices.Sort(a)
		return a[len(a)/2], a[len(a)*99/100]
	}
	if len(ages[0]) < 10 || len(ages[1]) < 10 {
		t.Fatalf("%d and %d of %d pictures arrived: %s", len(ages[0]), len(ages[1]), sent, d.lines())
	}
	s50, s99 := middle(ages[0])
	q50, q99 := middle(ages[1])
	t.Logf("ages of %d pictures over the slow link: p50 %v, p99 %v; of %d over the other: p50 %v, p99 %v", len(ages[0]), s50, s99, len(ages[1]), q50, q99)
	if s50 > 600*time.Millisecond+2*q50 { // 0.16 s where nothing else runs; first in, first out it would be seconds
		t.Errorf("the slow viewer sees what was %v ago", s50)
	}
	slowPair := s.Rooms[0].Members[1].From[0]
	if slowPair.Dropped["replaced"] == 0 || slowPair.Offered != sent || slowPair.AgeMS != 123 {
		t.Errorf("/stats of the pair: %+v", slowPair)
	}
}

// tellsOfBoth reports whether the counters show what the slow link did, and what its viewer said, and that the other got
// pictures too.
func tellsOfBoth(s statistics) bool {
	if len(s.Rooms) == 0 || len(s.Rooms[0].Members) < 3 {
		return false
	}
	slow, quick := s.Rooms[0].Members[1].From[0], s.Rooms[0].Members[2].From[0]
	return slow.Dropped["replaced"] > 0 && slow.AgeMS == 123 && slow.Frames >= 15 && quick.Frames >= 15
}

// watchAges is how old each picture of a sender was when it had arrived, until the connection ends. It reports an age on
// the way, for /stats to show.
func watchAges(p *testkit.Peer, sender uint32) (ages []time.Duration) {
	for {
		h, payload, err := p.Next()
		if err != nil {
			return ages
		}
		if h.Type != packet.ImageFrame || h.Client != sender {
			continue
		}
		ages = append(ages, time.Since(time.UnixMicro(int64(binary.BigEndian.Uint64(payload[packet.ImageHeadSize:])))))
		if len(ages) == 5 {
			_ = p.SendText(packet.ReportType, fmt.Sprintf(`{"streams":[{"id":%d,"received":5,"drawn":5,"age_ms":123}]}`, sender))
		}
	}
}
