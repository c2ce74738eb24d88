package doctor

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"acip/codec"
	"acip/internal/address"
	"acip/packet"
	"acip/transport"
)

// Times of the doctor's look at the network.
const (
	stepWithin  = 5 * time.Second
	uploadFor   = 2 * time.Second
	uploadBytes = 1 << 20 // as much as is sent at most
)

// network walks the way to the server step by step, and stops at the first that is blocked.
func (d *doctor) network(ctx context.Context) {
	link, _, err := address.Parse(d.Address)
	if err != nil {
		d.found(failed("network", "address", err))
		return
	}
	u, err := url.Parse(link)
	if err != nil {
		d.found(failed("network", "address", err))
		return
	}
	if d.tlsConfig, err = address.Trust(d.TLSCA); err != nil {
		d.found(failed("network", "certificates", err))
		return
	}
	proxy, variable, err := transport.Proxy(link)
	switch {
	case err != nil:
		d.found(failed("network", "proxy", err))
	case proxy != "":
		if d.proxy(ctx, proxy, variable) {
			d.session(ctx, link)
		}
	case d.Address == "" && !d.runsHere(ctx, u):
	case d.names(ctx, u) && d.tcp(ctx, u) && (u.Scheme != "wss" || d.tls(ctx, u)):
		d.session(ctx, link)
	}
}

// proxy looks at the proxy through which joining goes. What lies beyond it, names too, is for the proxy to find.
func (d *doctor) proxy(ctx context.Context, proxy, variable string) bool {
	return d.step(ctx, "proxy", func(ctx context.Context) (string, error) {
		u, err := url.Parse(proxy)
		if err != nil {
			return "", err
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		if port == "" {
			port = "1080" // of SOCKS
		}
		conn, err := transport.Connect(ctx, net.JoinHostPort(u.Hostname(), port))
		if err != nil {
			return "", &hinted{fmt.Errorf("%s names %s: %w", variable, proxy, err), "check " + variable + ", or go past the proxy: NO_PROXY"}
		}
		defer conn.Close()
		return fmt.Sprintf("%s names %s, connected", variable, proxy), nil
	})
}

// runsHere reports whether a server listens on this machine, which nobody asked about; if not, that is found.
func (d *doctor) runsHere(ctx context.Context, u *url.URL) bool {
	ctx, cancel := context.WithTimeout(ctx, stepWithin)
	defer cancel()
	conn, err := transport.Connect(ctx, hostPort(u))
	if err != nil {
		d.found(absent(Finding{Part: "network", Name: "server", Detail: "none on this machine", Hint: "acip-client doctor ADDRESS looks at the way to another"}))
		return false
	}
	_ = conn.Close() // it was only asked
	return true
}

// step times one look and reports it; the detail is what it says when all is well.
func (d *doctor) step(ctx context.Context, name string, look func(context.Context) (detail string, err error)) bool {
	ctx, cancel := context.WithTimeout(ctx, stepWithin)
	defer cancel()
	began := time.Now()
	detail, err := look(ctx)
	if err != nil {
		d.found(failed("network", name, err))
		return false
	}
	d.found(Finding{Part: "network", Name: name, OK: true, Detail: fmt.Sprintf("%s in %.1f ms", detail, milliseconds(time.Since(began)))})
	return true
}

func (d *doctor) names(ctx context.Context, u *url.URL) bool {
	return d.step(ctx, "dns", func(ctx context.Context) (string, error) {
		all, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
		if err != nil {
			return "", &hinted{fmt.Errorf("look up %s: %w", u.Hostname(), err), "check the spelling of the host, or use its IP address"}
		}
		return fmt.Sprintf("%s is %s", u.Hostname(), all[0]), nil
	})
}

func (d *doctor) tcp(ctx context.Context, u *url.URL) bool {
	return d.step(ctx, "tcp", func(ctx context.Context) (string, error) {
		conn, err := transport.Connect(ctx, hostPort(u))
		if err != nil {
			return "", &hinted{fmt.Errorf("connect to %s: %w", hostPort(u), err), "start a server there: acip-server; or check the port and the firewall"}
		}
		defer conn.Close()
		return "connected to " + conn.RemoteAddr().String(), nil
	})
}

func (d *doctor) tls(ctx context.Context, u *url.URL) bool {
	return d.step(ctx, "tls", func(ctx context.Context) (string, error) {
		return transport.Handshake(ctx, u.String(), d.tlsConfig)
	})
}

// hostPort is what a URL's host and scheme mean for TCP.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// hinted is an error with a remedy.
type hinted struct {
	error
	hint string
}

// Hint is the remedy.
func (h *hinted) Hint() string { return h.hint }

// Unwrap is the cause.
func (h *hinted) Unwrap() error { return h.error }

// probe is one session with the server as a watcher.
type probe struct {
	conn *transport.Conn
	out  *transport.SendQueue

	mu      sync.Mutex
	welcome chan packet.Welcome // capacity one
	pong    chan time.Duration  // capacity one
	refused error
}

// session says hello as a watcher in a room of its own and measures the round trip and the way up.
func (d *doctor) session(ctx context.Context, link string) {
	p := &probe{out: transport.NewSendQueue(), welcome: make(chan packet.Welcome, 1), pong: make(chan time.Duration, 1)}
	defer p.out.Close()
	if !d.step(ctx, "websocket", func(ctx context.Context) (_ string, err error) {
		p.conn, err = transport.Dial(ctx, link, transport.Options{PingEvery: 200 * time.Millisecond, Observer: transport.Observer{RoundTrip: p.answered}, TLS: d.tlsConfig})
		return "speaks acip", err
	}) {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.conn.Run(ctx, p.handle, p.out) }()
	d.handshake(ctx, p, ended)
	cancel()
	<-ended
}

// answered passes on a round trip, unless the last one still waits.
func (p *probe) answered(trip time.Duration) {
	select {
	case p.pong <- trip:
	default:
	}
}

func (p *probe) handle(b *packet.Buffer) error {
	w, done, err := packet.ParseWelcome(b)
	if err != nil {
		p.mu.Lock()
		p.refused = err
		p.mu.Unlock()
		return err
	}
	if done {
		select {
		case p.welcome <- w:
		default:
		}
	}
	return nil
}

// why is why the session ended.
func (p *probe) why(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused != nil {
		return p.refused
	}
	return err
}

// handshake looks at what a session gives; ended is put back for the caller.
func (d *doctor) handshake(ctx context.Context, p *probe, ended chan error) {
	fail := func(err error) error { ended <- err; return p.why(err) }
	ok := d.step(ctx, "hello", func(ctx context.Context) (string, error) {
		if err := p.hello(d.Config); err != nil {
			return "", err
		}
		select {
		case w := <-p.welcome:
			return fmt.Sprintf("welcome, %d of %d places taken", w.Slots.Used, w.Slots.Total), nil
		case err := <-ended:
			return "", fail(err)
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
	if !ok {
		return
	}
	if !d.step(ctx, "round trip", func(ctx context.Context) (string, error) {
		select {
		case rtt := <-p.pong:
			return fmt.Sprintf("%.1f ms, heard", milliseconds(rtt)), nil
		case err := <-ended:
			return "", fail(err)
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}) {
		return
	}
	d.upload(ctx, p)
}

func (p *probe) hello(o Config) error {
	h := packet.Hello{
		Protocol: packet.Protocol, Room: "doctor", Name: "doctor", Role: packet.RoleJoin, Codecs: codec.Names(), Demand: true, Token: o.Token, Agent: o.Agent,
	}
	var bufs packet.Buffers
	b, err := bufs.JSON(packet.HelloType, 0, h)
	if err != nil {
		return err
	}
	defer b.Release()
	return p.out.Send(b)
}

// upload sends a few raw pictures into the empty room and measures what the way up takes.
func (d *doctor) upload(ctx context.Context, p *probe) {
	d.step(ctx, "throughput", func(ctx context.Context) (string, error) {
		const w, h = 160, 120
		var bufs packet.Buffers
		b := bufs.Get(packet.ImageHeadSize + w*h*3)
		defer b.Release()
		packet.ImageHead{Width: w, Height: h, Format: packet.FormatRGB24, Time: uint32(time.Now().UnixMilli())}.Put(b.Payload())
		b.Finish(packet.ImageFrame, 0)
		ctx, cancel := context.WithTimeout(ctx, uploadFor)
		defer cancel()
		began, sent := time.Now(), 0
		for sent < uploadBytes && ctx.Err() == nil {
			if err := p.out.Send(b); err != nil {
				return "", err
			}
			if err := p.out.Flush(ctx); err != nil {
				break
			}
			sent += b.Len()
		}
		if sent == 0 {
			return "", &hinted{fmt.Errorf("not one picture of %d bytes passed in %s", b.Len(), uploadFor), "the link is very slow: --codec jpeg and a small --capture-size"}
		}
		return fmt.Sprintf("%.1f Mbit/s up, %d bytes", float64(sent)*8/1e6/time.Since(began).Seconds(), sent), nil
	})
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
