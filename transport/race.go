package transport

import (
	"context"
	"net"
	"net/netip"
	"time"
)

const (
	// attemptDelay is how long the last address tried may take before the next is tried beside it (RFC 8305, section 8).
	attemptDelay = 250 * time.Millisecond
	// mostAddresses of a name are tried; each is a socket at the same time.
	mostAddresses = 16
)

// dialer connects to a host by whichever of its addresses answers first, so that a dead address costs a moment and not
// the call. net.Dialer does that between IPv4 and IPv6 only, and divides the time among the addresses of one kind.
type dialer struct {
	deadline time.Time // for everything; net/http does not tell it through its contexts
	lookup   func(ctx context.Context, host string) ([]net.IPAddr, error)
	dial     func(ctx context.Context, network, addr string) (net.Conn, error)
}

func newDialer(deadline time.Time) *dialer {
	return &dialer{deadline: deadline, lookup: net.DefaultResolver.LookupIPAddr, dial: (&net.Dialer{Control: tuneEarly}).DialContext}
}

// DialContext connects to HOST:PORT.
func (d *dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithDeadline(ctx, d.deadline)
	defer cancel()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return d.dial(ctx, network, addr)
	}
	found, err := d.lookup(ctx, host)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	list := make([]string, 0, len(found))
	for _, ip := range alternate(found) {
		list = append(list, net.JoinHostPort(ip.String(), port))
	}
	return d.race(ctx, network, list[:min(len(list), mostAddresses)])
}

// Connect connects to HOST:PORT as Dial does without a proxy, without a handshake, within the deadline of ctx or 10 s.
func Connect(ctx context.Context, addr string) (net.Conn, error) {
	return newDialer(time.Now().Add(10*time.Second)).DialContext(ctx, "tcp", addr)
}

// alternate orders addresses so that IPv4 and IPv6 alternate, beginning with the kind of the first: often all of one
// kind are dead.
func alternate(list []net.IPAddr) []net.IPAddr {
	var kinds [2][]net.IPAddr
	for _, ip := range list {
		kind := 0
		if (ip.IP.To4() == nil) != (list[0].IP.To4() == nil) {
			kind = 1
		}
		kinds[kind] = append(kinds[kind], ip)
	}
	out := make([]net.IPAddr, 0, len(list))
	for i := range list {
		for _, kind := range kinds {
			if i < len(kind) {
				out = append(out, kind[i])
			}
		}
	}
	return out
}

// attempt is the result for one address.
type attempt struct {
	index int
	conn  net.Conn
	err   error
}

// race tries the addresses one after another without giving up the earlier ones. All attempts have ended when it
// returns. The error is that of the first address.
func (d *dialer) race(ctx context.Context, network string, addresses []string) (won net.Conn, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan attempt, len(addresses))
	next := time.NewTimer(0)
	defer next.Stop()
	errs := make([]error, len(addresses))
	started, open := 0, 0
	for open > 0 || started < len(addresses) && won == nil {
		select {
		case <-next.C:
			if won != nil || started == len(addresses) {
				continue
			}
			go func(i int) {
				conn, err := d.dial(ctx, network, addresses[i])
				ended <- attempt{i, conn, err}
			}(started)
			started, open = started+1, open+1
			next.Reset(attemptDelay)
		case a := <-ended:
			open--
			errs[a.index] = a.err
			switch {
			case a.err != nil:
				next.Reset(0)
			case won == nil:
				won = a.conn
				cancel()
			default:
				_ = a.conn.Close() // it came second
			}
		}
	}
	if won != nil {
		return won, nil
	}
	if len(errs) == 0 {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	}
	return nil, errs[0]
}
