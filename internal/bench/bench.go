package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"acip/internal/bench/load"
	"acip/internal/bench/proc"
	"acip/internal/bench/yard"
)

// bench knows where things lie.
type bench struct {
	root   string // of the repository
	self   string // this program
	server string // acip-server
	client string // acip-client
	tmp    string
	rounds int
}

func newBench(rounds int) (*bench, error) {
	root, err := repository()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "acip-bench")
	if err != nil {
		return nil, err
	}
	b := &bench{root: root, self: self, tmp: tmp, rounds: rounds, server: filepath.Join(root, "bin", "acip-server"), client: filepath.Join(root, "bin", "acip-client")}
	for _, p := range []string{b.server, b.client} {
		if _, err := os.Stat(p); err != nil {
			return nil, fmt.Errorf("%w: make build first", err)
		}
	}
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.tmp) }

// repository is the folder above that holds go.mod.
func repository() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("run it inside the repository")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// relay is a server under load in its own process.
type relay struct {
	*proc.Process
	kind load.Kind
	addr string // host:port
}

// serve starts a server on a free port of host.
func (b *bench) serve(ctx context.Context, kind load.Kind, host string, args ...string) (*relay, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	name, all := b.self, []string{"yard", string(kind)}
	if kind == load.ACIP {
		name, all = b.server, append([]string{"--listen", host + ":0", "--max-bytes", "-1", "--log-format", "json", "--log-level", "info"}, args...)
	}
	p, err := proc.Start(nil, name, all...)
	if err != nil {
		return nil, err
	}
	line, err := p.Await(ctx, `"addr":`)
	if err != nil {
		p.Stop()
		return nil, err
	}
	var said struct{ Addr string }
	if err := json.Unmarshal([]byte(line), &said); err != nil {
		p.Stop()
		return nil, fmt.Errorf("address in %q: %w", line, err)
	}
	return &relay{Process: p, kind: kind, addr: said.Addr}, nil
}

// port of the relay.
func (r *relay) port() string { return r.addr[strings.LastIndexByte(r.addr, ':')+1:] }

// serveYard is a yardstick in its own process.
func serveYard(args []string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "{\"addr\":%s}\n", strconv.Quote(l.Addr().String()))
	if len(args) > 0 && args[0] == string(load.Coder) {
		return yard.ServeCoder(l)
	}
	return yard.ServeTCP(l)
}

// stats is what /stats says of a server's members.
type stats struct {
	Rooms []struct {
		Members []member `json:"members"`
	} `json:"rooms"`
}

type member struct {
	ID        uint32 `json:"id"`
	Name      string `json:"name"`
	FramesIn  uint64 `json:"frames_in"`
	BytesIn   uint64 `json:"bytes_in"`
	FramesOut uint64 `json:"frames_out"`
	BytesOut  uint64 `json:"bytes_out"`
}

// stats asks a server for its counters.
func (r *relay) stats(ctx context.Context) (s stats, err error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+r.port()+"/stats", nil)
	if err != nil {
		return s, err
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	return s, json.NewDecoder(resp.Body).Decode(&s)
}

// member finds one by name; it waits for it.
func (r *relay) member(ctx context.Context, name string) (member, error) {
	for {
		s, err := r.stats(ctx)
		if err != nil {
			return member{}, err
		}
		for _, room := range s.Rooms {
			for _, m := range room.Members {
				if m.Name == name {
					return m, nil
				}
			}
		}
		if !sleep(ctx, 5*time.Millisecond) {
			return member{}, fmt.Errorf("wait for %s: %w", name, ctx.Err())
		}
	}
}

// sleep waits and reports false if the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
