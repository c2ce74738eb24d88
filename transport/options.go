package transport

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"acip/packet"
)

// Defaults of Options, and the limits that have no option.
const (
	DefaultReassemblyTimeout = 2 * time.Second
	DefaultFragmentStall     = 10 * time.Second
	DefaultWriteStall        = 5 * time.Second
	DefaultPingEvery         = 10 * time.Second
	DefaultSilence           = 20 * time.Second
	DefaultFragmentSize      = 10240
	DefaultControlRate       = 100
	DefaultGrace             = 400 * time.Millisecond

	// BadPackets is how many dropped packets a connection survives, less one.
	BadPackets = 3
)

// PacketSource is where a connection gets what it is to send. Both methods are called
// from the writer only.
type PacketSource interface {
	// Next is the next packet to send, sealed, with a reference that passes to the
	// caller; nil when there is nothing now. Control comes before pictures.
	Next() *packet.Buffer
	// Wake yields when there may be something again. Its capacity is one, and it
	// is always the same; the connection itself knocks there too, since waiting for
	// one channel costs a third of waiting for several.
	Wake() chan struct{}
}

// Handler gets each packet that arrives, whole and checked, in order. p is lent
// for the call. An error ends the connection: with its code if it is a
// packet.CloseError, else politely. It must not call Run; Close is allowed.
// PING and PONG do not reach it.
type Handler func(p *packet.Buffer) error

// Options of a connection; zero values mean the defaults.
type Options struct {
	Buffers           *packet.Buffers // where received packets are put; nil: a set of its own
	MaxFrame          int             // payload limit for pictures in bytes
	ReassemblyTimeout time.Duration   // from a message's first byte to its last
	FragmentStall     time.Duration   // inside a message: no byte, or not finished
	WriteStall        time.Duration   // no progress in writing
	Grace             time.Duration   // at the end, for what is being written and the goodbye
	PingEvery         time.Duration
	Silence           time.Duration // no byte at all
	FragmentSize      int           // bytes of a message per WebSocket frame, client only; the server sends whole messages
	ControlRate       int           // WebSocket pings and pongs and ACIP pings that the peer may send a second, with a burst of twice that; <0: any
	Observer          Observer

	// CloseAfter makes Run return when the goodbye is said, without waiting for the
	// peer's part of it; the caller must call Close then, which does that. So an
	// owner can give back what the connection held before a peer in no hurry answers.
	CloseAfter bool

	// Of Accept.
	Origins []string // host patterns of foreign origins that are allowed, as path.Match

	// Of Dial.
	Header      http.Header                                                       // sent with the request
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error) // nil: TCP, through a proxy if the environment says so
	TLS         *tls.Config                                                       // for wss; nil: the system's certificates
	DialTimeout time.Duration                                                     // for connection and handshake together; 0: 10 s
}

// Observer is told what the connection's owner may want to log or count. Its functions are called in the reader and must
// not block. Those that are nil are not called.
type Observer struct {
	Reassembly func(Message)            // a message in several fragments arrived, or is slow to arrive; at most once a second
	Timeout    func(Message)            // a message was dropped whole at its deadline
	BadPacket  func(Message, error)     // a whole message was dropped for its content; the error says why
	RoundTrip  func(trip time.Duration) // a ping was answered
}

// Message is a WebSocket message that is arriving, or was dropped.
type Message struct {
	Fragments int           // WebSocket frames so far
	Elapsed   time.Duration // since its first byte
	Timeout   time.Duration // the deadline in force, from its first byte
	Size      int           // bytes so far, ACIP header included
	Expected  int           // bytes in all, as its header announces; 0: not known yet
	Header    packet.Header // zero: not known yet
}

// Stats counts what passed. Bytes are on the WebSocket's wire, frame headers
// included, TLS not.
type Stats struct {
	BytesIn, BytesOut     uint64
	PacketsIn, PacketsOut uint64
	FragmentsIn           uint64
	Waited                time.Duration // by the writer, for a link that had too much unsent; where the system tells
	Dropped               Dropped
}

// Dropped counts packets that arrived and were not handed over, by reason.
type Dropped struct {
	Timeout   uint64 // not complete at the deadline
	Short     uint64 // shorter than the header says
	Checksum  uint64
	Size      uint64 // picture sizes that do not fit the payload
	Truncated uint64 // cut off by the end of the connection
}

// defaults fills in what was left out.
func (o Options) defaults() Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.ReassemblyTimeout, DefaultReassemblyTimeout)
	def(&o.FragmentStall, DefaultFragmentStall)
	def(&o.WriteStall, DefaultWriteStall)
	def(&o.Grace, DefaultGrace)
	def(&o.PingEvery, DefaultPingEvery)
	def(&o.Silence, DefaultSilence)
	def(&o.DialTimeout, 10*time.Second)
	if o.Buffers == nil {
		o.Buffers = new(packet.Buffers)
	}
	if o.MaxFrame <= 0 {
		o.MaxFrame = packet.DefaultMaxFrame
	}
	if o.ControlRate == 0 {
		o.ControlRate = DefaultControlRate
	}
	return o
}
