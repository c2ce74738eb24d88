package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"acip/cmd/internal/app"
	"acip/internal/server"
)

// The categories of the help, in this order.
const (
	networkPart = "Network"
	limitPart   = "Limits"
	ratePart    = "Limits for one client"
	addressPart = "Limits for one address"
)

// program is the table of acip-server.
func program() app.Program {
	return app.Program{
		Name: "acip-server", Summary: "the relay of video calls in the terminal", Main: "serve",
		About: []string{
			"acip-server passes pictures between the members of its rooms. It reads headers, never pixels, and stores nothing. " +
				"It prints how to join, runs until it is stopped, and also serves /healthz, /stats and /metrics.",
			"For calls across networks that others can read, give it a certificate (--tls-cert, --tls-key) or put a proxy with one in front, and let " +
				"clients join wss://host. With a token (--token-file), only clients that know it can join.",
		},
		Examples: []app.Example{
			{Line: "acip-server", What: "serve calls on port 27226 until Ctrl-C"},
			{Line: "acip-server --listen 127.0.0.1:0", What: "for this machine only, on a free port"},
			{Line: "acip-server --max-clients 8 --log-level debug", What: "a small server with verbose logs"},
		},
		Commands: []app.Command{{
			Name: "serve", Summary: "serve calls; the default command",
			Options: append(append(networkOptions(), limitOptions()...), peerOptions()...), Run: serve,
		}},
		Manual: []app.Section{
			{Title: "ENDPOINTS", Text: []string{
				"/acip is where clients connect. /healthz answers 200 while serving and 503 while draining. /stats reports slots, rooms, members and what was " +
					"dropped and why, as JSON. /metrics is for Prometheus.",
			}},
			{Title: "EXIT STATUS", Text: []string{"0: stopped by a signal. 1: failed. 2: wrong usage. 130: cut short by a second signal."}},
		},
		Grace: true, Explain: explain,
	}
}

// explain tells about the errors of internal/server.
func explain(err error) (sentence, hint string, exit int) {
	var e *server.Error
	if !errors.As(err, &e) {
		return err.Error(), "", app.ExitFailed
	}
	if e.Usage {
		return e.Msg, e.Hint, app.ExitUsage
	}
	return e.Msg, e.Hint, app.ExitFailed
}

func networkOptions() []app.Option {
	return []app.Option{
		{Name: "listen", Kind: app.Text, Placeholder: "ADDR", Default: server.DefaultListen, Category: networkPart, Check: checkListen, Usage: "HOST:PORT to listen on; port 0 picks a free one"},
		{Name: "announce", Kind: app.Bool, Category: networkPart, Usage: "let clients on this network find this server, by multicast DNS"},
		{Name: "announce-name", Kind: app.Text, Placeholder: "NAME", Shown: "this machine's name", Category: networkPart, Usage: "name to announce"},
		{Name: "tls-cert", Kind: app.Path, Placeholder: "FILE", Category: networkPart, Usage: "use TLS with the certificate and chain in this PEM file; it is read again when it changes"},
		{Name: "tls-key", Kind: app.Path, Placeholder: "FILE", Category: networkPart, Usage: "PEM file with the certificate's key"},
		{Name: "token", Kind: app.Text, Placeholder: "TEXT", Category: networkPart, Against: []string{"token-file"}, Secret: true, Usage: "token that clients need to join; others on this machine can read the command line, so prefer ACIP_TOKEN or --token-file"},
		{Name: "token-file", Kind: app.Path, Placeholder: "FILE", Category: networkPart, Usage: "file with the token in its first line"},
		{Name: "allow-origin", Kind: app.List, Placeholder: "HOST", Category: networkPart, Usage: "let web pages of this host join; * matches any characters"},
		{Name: "trusted-proxy", Kind: app.List, Placeholder: "ADDR", Category: networkPart, Check: checkProxies, Usage: "address or network of a proxy whose X-Forwarded-For header to trust"},
	}
}

func limitOptions() []app.Option {
	return []app.Option{
		count("max-clients", "32", 1<<20, limitPart, "people on the server at once"),
		{Name: "max-room", Kind: app.Int, Max: 1 << 20, Shown: "max-clients", Category: limitPart, Usage: "people in one room"},
		count("max-frame", "4194304", 1<<30, limitPart, "largest picture, in bytes"),
		duration("reassembly-timeout", "2s", limitPart, "longest time for one message to arrive"),
		duration("header-timeout", "5s", limitPart, "longest time for a request's headers to arrive"),
		duration("hello-timeout", "5s", limitPart, "longest time from connecting to the client's HELLO"),
		duration("write-stall", "5s", limitPart, "close a client that takes no data for this long"),
		duration("silence", "20s", limitPart, "close a client that sends nothing for this long"),
		duration("retry-after", "2s", limitPart, "tell clients to reconnect after this time when the server stops"),
	}
}

func peerOptions() []app.Option {
	return []app.Option{
		rate("max-frames", "1000", ratePart, "pictures a second"),
		rate("max-bytes", "8388608", ratePart, "bytes of pictures a second"),
		rate("max-control", "100", ratePart, "other packets a second"),
		rate("max-talk", "262144", ratePart, "bytes of other packets a second"),
		rate("max-messages", "1", ratePart, "chat messages a second"),
		rate("max-pings", "100", ratePart, "pings a second"),
		rate("address-connections", "256", addressPart, "connections at once"),
		rate("address-connects", "32", addressPart, "new connections a second"),
		{Name: "address-slots", Kind: app.Int, Min: -1, Max: 1 << 30, Shown: "half of all places", Category: addressPart, Usage: "people from one address; -1: no limit"},
		{Name: "limit-loopback", Kind: app.Bool, Category: addressPart, Usage: "apply these limits to local connections too"},
	}
}

func count(name, value string, most float64, part, usage string) app.Option {
	return app.Option{Name: name, Kind: app.Int, Min: 1, Max: most, Default: value, Category: part, Usage: usage}
}

func rate(name, value, part, usage string) app.Option {
	return app.Option{Name: name, Kind: app.Int, Min: -1, Max: 1 << 40, Default: value, Category: part, Usage: usage + "; -1: no limit"}
}

func duration(name, value, part, usage string) app.Option {
	return app.Option{Name: name, Kind: app.Duration, Above: true, Max: 1e9, Default: value, Category: part, Usage: usage}
}

// checkListen refuses what is no address to listen on before anything else begins.
func checkListen(text string) error {
	err := server.CheckListen(text)
	if err == nil {
		return nil
	}
	sentence, hint, exit := explain(err)
	return &app.Error{Msg: sentence, Remedy: hint, Exit: exit}
}

func checkProxies(list string) error {
	_, err := proxies(app.Items(list))
	return err
}

// proxies reads addresses and networks.
func proxies(list []string) (out []netip.Prefix, err error) {
	for _, s := range list {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network", s)
		}
		out = append(out, p)
	}
	return out, nil
}

// serve is the daemon.
func serve(ctx context.Context, in *app.Input) error {
	log, err := in.Log(false)
	if err != nil {
		return err
	}
	trusted, err := proxies(in.List("trusted-proxy"))
	if err != nil {
		return err
	}
	token, err := in.Secret("token")
	if err != nil {
		return err
	}
	if (in.Text("tls-cert") == "") != (in.Text("tls-key") == "") {
		return app.Usage("--tls-cert and --tls-key go together", "give both; each is a PEM file")
	}
	cfg := server.Config{
		CertFile: in.Text("tls-cert"), KeyFile: in.Text("tls-key"), Token: token,
		Listen: in.Text("listen"), MaxClients: in.Int("max-clients"), MaxRoom: in.Int("max-room"), MaxFrame: in.Int("max-frame"),
		ReassemblyTimeout: in.Duration("reassembly-timeout"), HeaderTimeout: in.Duration("header-timeout"), HelloTimeout: in.Duration("hello-timeout"),
		WriteStall: in.Duration("write-stall"), Silence: in.Duration("silence"), RetryAfter: in.Duration("retry-after"),
		AllowOrigins: in.List("allow-origin"), TrustedProxies: trusted, Version: app.ReadVersion().Number, Log: log, Banner: in.Stdout,
		Limits: server.Limits{
			Frames: in.Int("max-frames"), Bytes: in.Int("max-bytes"), Control: in.Int("max-control"), Talk: in.Int("max-talk"), Messages: in.Int("max-messages"), Pings: in.Int("max-pings"),
			AddressConnections: in.Int("address-connections"), AddressConnects: in.Int("address-connects"), AddressSlots: in.Int("address-slots"),
			Loopback: in.Bool("limit-loopback"),
		},
	}
	if in.Bool("announce") {
		cfg.Announce = announcedName(in)
	}
	return server.Run(ctx, cfg)
}

// announcedName is how this server is called in its network.
func announcedName(in *app.Input) string {
	if name := in.Text("announce-name"); name != "" {
		return name
	}
	host, err := os.Hostname()
	if err != nil {
		return "acip"
	}
	host, _, _ = strings.Cut(host, ".")
	return host
}
