package lan

import (
	"errors"
	"io"
	"log"
	"net"
	"os"
	"strings"

	"github.com/hashicorp/mdns"
)

// service is what is asked for and answered to.
const (
	service = "_acip._tcp"
	domain  = "local."
	factTLS = "tls=1" // of a server that speaks TLS
)

// ErrNoMulticast says that this machine has no interface that could carry an announcement.
var ErrNoMulticast = errors.New("lan: no interface with multicast")

// Announcement is a server's presence in its networks, until it is closed.
type Announcement struct{ responders []*responder }

// Announce answers to those who look for a server that listens at port. Name is shown to them; empty: this machine's. Of
// a listener bound to one address only that one is announced; nil or the unspecified one means all. Secure says that
// it speaks TLS.
func Announce(name string, ip net.IP, port int, secure bool) (*Announcement, error) {
	a := &Announcement{}
	facts := []string{"acip=1"}
	if secure {
		facts = append(facts, factTLS)
	}
	var last error = ErrNoMulticast
	for _, i := range interfaces() {
		ips := addresses(i, ip)
		if len(ips) == 0 {
			continue
		}
		r, err := answer(i, label(name), ips, port, facts)
		if err != nil {
			last = err
			continue
		}
		a.responders = append(a.responders, r)
	}
	if len(a.responders) == 0 {
		return nil, last
	}
	return a, nil
}

// Close tells everybody that the server is gone, and ends the announcement. It may be called on nil.
func (a *Announcement) Close() error {
	if a == nil {
		return nil
	}
	var errs []error
	for _, r := range a.responders {
		errs = append(errs, r.close())
	}
	return errors.Join(errs...)
}

func answer(i net.Interface, name string, ips []net.IP, port int, facts []string) (*responder, error) {
	zone, err := mdns.NewMDNSService(name, service, domain, name+"."+domain, port, ips, facts)
	if err != nil {
		return nil, err
	}
	return newResponder(i, zone)
}

// silent is a logger for a library that would write to the terminal.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }

// interfaces are those that are up and carry multicast.
func interfaces() (list []net.Interface) {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagMulticast != 0 {
			list = append(list, i)
		}
	}
	return list
}

// addresses are the interface's that others can reach; only bound where that is one of them.
func addresses(i net.Interface, bound net.IP) (ips []net.IP) {
	list, err := i.Addrs()
	if err != nil {
		return nil
	}
	for _, a := range list {
		n, ok := a.(*net.IPNet)
		if ok && !n.IP.IsLoopback() && (len(bound) == 0 || bound.IsUnspecified() || bound.Equal(n.IP)) {
			ips = append(ips, n.IP)
		}
	}
	return ips
}

// label is a name as one label of DNS: letters, digits and dashes, at most 40.
func label(name string) string {
	if name == "" {
		name, _ = os.Hostname() // empty is what it was
		name, _, _ = strings.Cut(name, ".")
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, name)
	name = strings.Trim(name[:min(len(name), 40)], "-")
	if name == "" {
		return "acip"
	}
	return name
}
