package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// scene is a server in a namespace with two links: the honest viewer's, which may be slow, and everybody else's.
type scene struct {
	name        string
	client      string // the program
	slow, quick string // the server's addresses over the two links
	server      *exec.Cmd
	senders     []*exec.Cmd

	mu   sync.Mutex
	info int // lines at info or above
}

// set opens a scene. shape is the token bucket (tc-tbf) of the viewer's link; empty: none.
func set(s settings, shape string, args ...string) (*scene, error) {
	x := &scene{name: fmt.Sprintf("acipfair%d", syscall.Getpid()%10000), client: s.client}
	id := syscall.Getpid() % 200
	commands := []string{"ip netns add " + x.name, "ip -n " + x.name + " link set lo up"}
	for i := range 2 {
		host, guest := fmt.Sprintf("10.%d.%d.1", 210+i, id), fmt.Sprintf("10.%d.%d.2", 210+i, id)
		commands = append(commands,
			fmt.Sprintf("ip link add %s%d type veth peer name eth%d netns %s", x.name, i, i, x.name),
			fmt.Sprintf("ip addr add %s/30 dev %s%d", host, x.name, i), fmt.Sprintf("ip link set %s%d up", x.name, i),
			fmt.Sprintf("ip -n %s addr add %s/30 dev eth%d", x.name, guest, i), fmt.Sprintf("ip -n %s link set eth%d up", x.name, i))
	}
	if shape != "" {
		commands = append(commands, "tc -n "+x.name+" qdisc add dev eth0 root tbf "+shape)
	}
	for _, c := range commands {
		if said, err := exec.Command("/bin/sh", "-c", c).CombinedOutput(); err != nil {
			x.close()
			return nil, fmt.Errorf("%s: %w: %s", c, err, said)
		}
	}
	if err := x.serve(s.server, args); err != nil {
		x.close()
		return nil, err
	}
	_, port, _ := net.SplitHostPort(x.slow)
	x.slow, x.quick = fmt.Sprintf("10.210.%d.2:%s", id, port), fmt.Sprintf("10.211.%d.2:%s", id, port)
	return x, nil
}

var serving = regexp.MustCompile(`"addr":"([^"]+)".*"message":"serving"`)

// serve starts the server inside and learns its port from its log.
func (x *scene) serve(program string, args []string) error {
	args = append([]string{"netns", "exec", x.name, program, "--listen", "0.0.0.0:0", "--log-format", "json"}, args...)
	x.server = exec.Command("ip", args...)
	log, err := x.server.StderrPipe()
	if err != nil {
		return err
	}
	if err := x.server.Start(); err != nil {
		return err
	}
	port := make(chan string, 1)
	go func() {
		defer close(port)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if m := serving.FindStringSubmatch(lines.Text()); m != nil {
				port <- m[1]
			}
			x.mu.Lock()
			x.info++
			x.mu.Unlock()
		}
	}()
	select {
	case x.slow = <-port:
	case <-time.After(10 * time.Second):
	}
	if x.slow == "" {
		return fmt.Errorf("the server does not serve")
	}
	return nil
}

// lines is how many log lines at info or above there have been.
func (x *scene) lines() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.info
}

// send starts an honest sender.
func (x *scene) send(ctx context.Context, name string) error {
	return x.start(ctx, "--send-only", "--source", "pattern", "--name", name)
}

// start starts a client that ends with the scene.
func (x *scene) start(ctx context.Context, args ...string) error {
	c := exec.CommandContext(ctx, x.client, append(args, "ws://"+x.quick)...)
	if err := c.Start(); err != nil {
		return err
	}
	x.senders = append(x.senders, c)
	return nil
}

// close ends everything and takes the namespace away.
func (x *scene) close() {
	for _, c := range append(x.senders, x.server) {
		if c != nil && c.Process != nil {
			_ = c.Process.Signal(syscall.SIGTERM)
		}
	}
	for _, c := range append(x.senders, x.server) {
		if c != nil && c.Process != nil {
			_ = c.Wait()
		}
	}
	for i := range 2 {
		_ = exec.Command("ip", "link", "del", fmt.Sprintf("%s%d", x.name, i)).Run()
	}
	_ = exec.Command("ip", "netns", "del", x.name).Run()
}

// statistics is what is read of /stats.
type statistics struct {
	Slots struct{ Total, Used int }
	Rooms []struct {
		Members []member
	}
}

type member struct {
	ID      uint32
	Name    string
	BytesIn uint64 `json:"bytes_in"`
	Dropped map[string]uint64
	From    []struct {
		ID     uint32
		Frames uint64
	}
}

// stats asks from inside, since others are not told who is there.
func (x *scene) stats() (s statistics, err error) {
	_, port, err := net.SplitHostPort(x.quick)
	if err != nil {
		return s, err
	}
	body, err := exec.Command("ip", "netns", "exec", x.name, "curl", "-sf", "-m", "5", "http://127.0.0.1:"+port+"/stats").Output()
	if err != nil {
		return s, fmt.Errorf("curl /stats: %w", err)
	}
	return s, json.Unmarshal(body, &s)
}

// uplink is the bytes that members whose names begin so have sent.
func (s statistics) uplink(prefix string) (n uint64) {
	for _, r := range s.Rooms {
		for _, m := range r.Members {
			if strings.HasPrefix(m.Name, prefix) {
				n += m.BytesIn
			}
		}
	}
	return n
}

// passed is how many pictures have gone to a member, by the names of their senders.
func (s statistics) passed(to string) map[string]uint64 {
	names, frames := map[uint32]string{}, map[string]uint64{}
	for _, r := range s.Rooms {
		for _, m := range r.Members {
			names[m.ID] = m.Name
		}
	}
	for _, r := range s.Rooms {
		for _, m := range r.Members {
			for _, f := range m.From {
				if m.Name == to {
					frames[names[f.ID]] += f.Frames
				}
			}
		}
	}
	return frames
}
