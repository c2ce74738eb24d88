package lan

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/mdns"
)

// service is what is asked for and answered to.
const (
	service = "_acip._tcp"
	domain  = "local."
	factTLS = "tls=1" // of a server that speaks TLS
	factID  = "id="   // and what tells a server from others of the same name
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
	id := make([]byte, 6)
	_, _ = rand.Read(id) // never fails
	facts := []string{"acip=1", factID + hex.EncodeToString(id)}
	if secure {
		facts = append(facts, factTLS)
	}
	var last error = ErrNoMulticast
	for _, i := range interfaces() {
		ips := addresses(i, ip)
		if len(ips) == 0 {
			continue
		}
		r, err := answer(i, name, ips, port, facts)
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
	zone, err := mdns.NewMDNSService(instance(name), service, domain, label(name)+"."+domain, port, ips, facts)
	if err != nil {
		return nil, err
	}
	return newResponder(i, zone)
}

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

// HostName is the name under which browsers in the network reach a server that is announced under a name.
func HostName(name string) string { return strings.ToLower(label(name)) + ".local" }

// instance is a name as people read it, at most 63 bytes of text (RFC 6763, section 4.1.1), in the form of zone files.
func instance(name string) string {
	if name = strings.Trim(packed(name), ". "); name == "" {
		return label("")
	}
	var b strings.Builder
	for _, c := range []byte(name) {
		switch {
		case strings.IndexByte(". '@;()\"\\", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c <= ' ' || c > '~':
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// packed is a name without what does not belong on a screen, cut to what a label holds.
func packed(name string) string {
	if name == "" {
		return ""
	}
	name = clean(name)
	for len(name) > 63 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
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
