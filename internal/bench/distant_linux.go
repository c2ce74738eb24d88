package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// newDistant is a namespace at the far end of a link that delays and loses packets: two network devices (TUN), one in it and
// one outside, between which this program carries each packet when it is due. The kernel's own netem is often not there.
func newDistant(ctx context.Context, d journey) (*namespace, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("network namespaces need root on Linux")
	}
	id := os.Getpid() % 10000
	n := &namespace{name: fmt.Sprintf("acipfar%d", id), veth: fmt.Sprintf("acipf%d", id)}
	net := fmt.Sprintf("10.%d.%d", 200+id%50, (id+1)%250)
	n.host = net + ".1"
	here, err := openTun(n.veth)
	if err != nil {
		return nil, err
	}
	there, err := openTun(n.veth + "b")
	if err != nil {
		here.Close()
		return nil, err
	}
	var carriers sync.WaitGroup
	carriers.Go(func() { carry(here, there, d) })
	carriers.Go(func() { carry(there, here, d) })
	n.end = func() {
		here.Close()
		there.Close()
		carriers.Wait()
	}
	for _, c := range []string{
		"ip netns add " + n.name,
		"ip addr add " + n.host + " peer " + net + ".2 dev " + n.veth,
		"ip link set " + n.veth + " up",
		"ip link set " + n.veth + "b netns " + n.name,
		"ip -n " + n.name + " addr add " + net + ".2 peer " + n.host + " dev " + n.veth + "b",
		"ip -n " + n.name + " link set " + n.veth + "b up",
		"ip -n " + n.name + " link set lo up",
	} {
		if said, err := exec.CommandContext(ctx, "/bin/sh", "-c", c).CombinedOutput(); err != nil {
			n.remove()
			return nil, fmt.Errorf("%s: %w: %s", c, err, strings.TrimSpace(string(said)))
		}
	}
	return n, nil
}

// openTun makes a network device whose packets are read and written here.
func openTun(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	ask, err := unix.NewIfreq(name)
	if err == nil {
		ask.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, ask)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("make network device %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// carry takes packets over until from is closed.
func carry(from, to *os.File, d journey) {
	type due struct {
		p  []byte
		at time.Time
	}
	way := make(chan due, 4096) // closed here
	var end sync.WaitGroup
	end.Go(func() {
		for x := range way {
			time.Sleep(time.Until(x.at))
			_, _ = to.Write(x.p) // a device that is gone loses packets like others
		}
	})
	defer end.Wait()
	defer close(way)
	p := make([]byte, 1<<16)
	for {
		n, err := from.Read(p)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil || rand.Float64() < d.loss {
			continue
		}
		way <- due{append([]byte(nil), p[:n]...), time.Now().Add(d.delay)}
	}
}
