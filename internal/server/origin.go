package server

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	"acip/internal/lan"
	"acip/packet"
)

// foreign says why the page of a browser may not connect; "" where it may, or where a request comes from no page. A
// page has to be this server's own, which the browser tells by Origin and Host being the same, and under a name that is
// this server's for certain: a stranger's name can be pointed at this machine, and then the stranger's pages have the
// same Origin and Host.
func (s *Server) foreign(r *http.Request) string {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return ""
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return "a page without a host may not connect"
	}
	if s.allowed(u, u.Host) {
		return ""
	}
	shown := packet.Shorten(packet.CleanText(u.Host), 100)
	if host := s.host(r); !strings.EqualFold(withoutPort(u.Host, u.Scheme), withoutPort(host, u.Scheme)) {
		return fmt.Sprintf("a page of %s may not connect to %s: if that is one and the same, a proxy has to pass Host on, for nginx: proxy_set_header Host $http_host; if not: --allow-origin %s",
			shown, packet.Shorten(packet.CleanText(host), 100), shown)
	}
	if !s.named(u.Hostname()) && !s.allowed(u, u.Hostname()) {
		return fmt.Sprintf("a page of %s may not connect: that is no name of this server's; if it is: --allow-origin %s", shown, packet.CleanText(u.Hostname()))
	}
	return ""
}

// allowed reports whether --allow-origin names a page's host.
func (s *Server) allowed(u *url.URL, host string) bool {
	return slices.ContainsFunc(s.config.AllowOrigins, func(pattern string) bool {
		target := host
		if strings.Contains(pattern, "://") {
			target = u.Scheme + "://" + host
		}
		ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(target))
		return ok && err == nil
	})
}

// host is what a request was made for, as the client wrote it: behind a trusted proxy, what that says.
func (s *Server) host(r *http.Request) string {
	if said := first(r.Header.Get("X-Forwarded-Host")); said != "" && s.limiter.trusts(parse(r.RemoteAddr)) {
		return said
	}
	return r.Host
}

// secure reports whether a request was made by TLS, to this server or to a trusted proxy before it.
func (s *Server) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	said := strings.ToLower(first(r.Header.Get("X-Forwarded-Proto")))
	return (said == "https" || said == "wss") && s.limiter.trusts(parse(r.RemoteAddr))
}

// first is what the outermost of several proxies wrote into a header.
func first(list string) string {
	value, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(value)
}

// withoutPort drops the port that a scheme means anyway.
func withoutPort(host, scheme string) string {
	usual := ":80"
	if scheme == "https" {
		usual = ":443"
	}
	return strings.TrimSuffix(host, usual)
}

// named reports whether a host is this server's for certain: a number, localhost, or one of the names that it has been
// given.
func (s *Server) named(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if parse(host).IsValid() || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	return slices.Contains(s.names(), host) || s.cert.covers(host)
}

// names are those that this machine and this server have been given, in lower case.
func (s *Server) names() (list []string) {
	machine, err := os.Hostname()
	if err != nil {
		machine = ""
	}
	short, _, _ := strings.Cut(machine, ".")
	listen, _ := splitHost(s.config.Listen)
	for _, name := range []string{machine, short, s.config.Announce} {
		if name != "" {
			list = append(list, strings.ToLower(name), strings.ToLower(name)+".local")
		}
	}
	if listen != "" {
		list = append(list, strings.ToLower(listen))
	}
	if s.config.Announce != "" {
		list = append(list, lan.HostName(s.config.Announce))
	}
	return list
}
