package server

import (
	"io"
	"net/netip"
	"time"

	"acip/packet"

	"github.com/rs/zerolog"
)

// Config is what a server is told. Zero fields have the defaults; limits below
// zero are none.
type Config struct {
	Listen            string        // host:port to bind, exactly; :27226
	MaxClients        int           // slots; 32
	MaxRoom           int           // members in one room; 0: as many as there are slots
	MaxFrame          int           // payload of a picture in bytes; 4 MiB
	ReassemblyTimeout time.Duration // from a message's first byte to its last; 2 s

	HeaderTimeout time.Duration // for a request's headers; 5 s
	HelloTimeout  time.Duration // from the upgrade to the hello; 5 s
	WriteStall    time.Duration // no progress in writing; 5 s
	Silence       time.Duration // no byte from a client; 20 s
	PingEvery     time.Duration // 10 s
	grace         time.Duration // for the goodbye; the transport's. Tests have more of it
	idle          time.Duration // without a picture, after which a member gives way in a full server; 30 s
	RetryAfter    time.Duration // when clients should come back after a drain; 2 s

	CertFile, KeyFile string // PEM files: the server speaks TLS; empty: plain
	Token             string // what clients must know to join; empty: nothing

	Announce string // name under which those who look for a server in this network find it; empty: not at all

	Limits Limits

	AllowOrigins   []string       // patterns of foreign origins whose web pages may connect, as path.Match
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed

	Version string         // shown in /stats and on the page
	Log     zerolog.Logger // by value; the zero value writes nothing
	Banner  io.Writer      // gets a few lines on how to join; nil: one log line instead
}

// Limits are token buckets and counts that a peer may not exceed. The rates are
// per second, with a burst of the same number unless said otherwise.
type Limits struct {
	Frames   int // pictures from one connection; 1,000
	Bytes    int // bytes of pictures from one connection; 8 MiB
	Control  int // other packets from one connection, with a burst of twice that; 100
	Talk     int // bytes of them, with a burst of four times that; 256 KiB
	Messages int // chat messages, which go to the whole room, with a burst of five times that; 1
	Pings    int // pings of either kind from one connection; 100

	Connections int // open at once; slots + 1,024
	Waiting     int // of them without a hello yet; 512

	// By address (IPv6: by /64). Loopback is exempt, unless Loopback is set.
	AddressConnections int // open at once; 256
	AddressWaiting     int // of them without a hello yet; 64
	AddressConnects    int // upgrades a second, with a burst of four times that; 32
	AddressSlots       int // slots; half of them, and up to four of a few
	Loopback           bool
}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	set(&c.MaxClients, 32)
	set(&c.MaxFrame, packet.DefaultMaxFrame)
	set(&c.ReassemblyTimeout, 2*time.Second)
	set(&c.HeaderTimeout, 5*time.Second)
	set(&c.HelloTimeout, 5*time.Second)
	set(&c.WriteStall, 5*time.Second)
	set(&c.Silence, 20*time.Second)
	set(&c.PingEvery, 10*time.Second)
	set(&c.idle, 30*time.Second)
	set(&c.RetryAfter, 2*time.Second)
	c.Limits = c.Limits.withDefaults(c.MaxClients)
	return c
}

// DefaultListen is every address, at ACIP's port.
const DefaultListen = ":27226"

func (l Limits) withDefaults(slots int) Limits {
	set(&l.Frames, 1000)
	set(&l.Bytes, 8<<20) // raw 320x240 at 30 is 6.6 MiB; a home's uplink of 50 Mbit/s carries no more to a single viewer
	set(&l.Control, 100)
	set(&l.Talk, 256<<10)
	set(&l.Messages, 1)
	set(&l.Pings, 100)
	set(&l.Connections, slots+1024)
	set(&l.Waiting, 512)
	set(&l.AddressConnections, 256)
	set(&l.AddressWaiting, 64)
	set(&l.AddressConnects, 32)
	set(&l.AddressSlots, max(1, slots/2, min(4, slots-1))) // a household fits a server for a few
	return l
}

// set gives a field its default.
func set[T ~int | ~int64](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}
