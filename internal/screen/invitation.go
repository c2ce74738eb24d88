package screen

import (
	"net"
	"net/url"
	"strings"
	"time"

	"acip/internal/call"
)

// joinCommand returns the command with which others join the same room, or "" without a server.
func joinCommand(l call.Link) string {
	if l.State == call.LinkNone || l.State == call.LinkPreview || l.Address == "" {
		return ""
	}
	address := l.Address
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = shortAddress(u)
	}
	line := "acip-client " + address
	if l.Room != "" && l.Room != "lobby" {
		line += " --room " + l.Room
	}
	return line
}

// shortAddress leaves out what is the default, and replaces this machine's own name for itself by one that others can
// use, if the server listens there too.
func shortAddress(u *url.URL) string {
	host, port := u.Hostname(), u.Port()
	if loopback(host) {
		if lan := lanAddress(); lan != "" && answers(lan, port) {
			host = lan
		}
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" && port != "27226" {
		host += ":" + port
	}
	path := strings.TrimSuffix(u.Path, "/")
	if path == "/acip" {
		path = ""
	}
	if u.Scheme == "wss" || u.Scheme == "https" || path != "" {
		return u.Scheme + "://" + host + path
	}
	return host
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// answers reports whether a server listens at an address of this machine.
func answers(host, port string) bool {
	c, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), answersWithin)
	if err != nil {
		return false
	}
	_ = c.Close() // it was only asked
	return true
}

// answersWithin bounds the attempt to connect. The kernel answers at once, unless a packet filter drops the packet.
const answersWithin = 200 * time.Millisecond

// lanAddress returns the first address of this machine that others on its network can reach. IPv4 comes first, since
// people read addresses aloud.
func lanAddress() string {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	six := ""
	for _, a := range list {
		n, ok := a.(*net.IPNet)
		if !ok || !n.IP.IsGlobalUnicast() {
			continue
		}
		if n.IP.To4() != nil {
			return n.IP.String()
		}
		if six == "" {
			six = n.IP.String()
		}
	}
	return six
}
