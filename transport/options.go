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

// PacketSource is where a connection gets the packets that it sends.
type PacketSource interface {
	// Next returns the next packet to send, finished, with a reference that passes to the caller; nil if nothing is
	// queued. Control comes before audio, and audio before video. The holder of the connection's write lock calls it,
	// one caller at a time: normally the writer goroutine, and during WriteInline any goroutine.
	Next() *packet.Buffer
	// Wake returns the channel that is signalled when there may be something again; nil if the connection is to use
	// its own. Its capacity is one, and it is always the same. Run calls Wake once, when it begins. The connection
	// itself signals it too, since waiting for one channel costs a third of waiting for several.
	Wake() chan struct{}
}

// Handler gets each packet that arrives, whole and checked, in order. p is lent for the call. An error ends the
// connection: with its code if it is a packet.CloseError, else with that of a normal end. It must not call Run; Close
// is allowed. PING and PONG do not reach it.
type Handler func(p *packet.Buffer) error

// Options of a connection; zero values mean the defaults.
type Options struct {
	Buffers           *packet.Buffers // where received packets are put; nil: a set of its own
	MaxFrame          int             // payload limit for pictures in bytes
	ReassemblyTimeout time.Duration   // from a message's first byte to its last
	FragmentStall     time.Duration   // inside a message: no byte, or not finished
	WriteStall        time.Duration   // no progress in writing
	Grace             time.Duration   // at the end, for what is being written and the close frame
	PingEvery         time.Duration
	Silence           time.Duration // no byte at all
	FragmentSize      int           // bytes of a message per WebSocket frame, client only; the server sends whole messages
	ControlRate       int           // pings and pongs of either kind that the peer may send a second, twice that in a burst; <0: any
	Observer          Observer

	// CloseAfter makes Run return when the close frame is sent, without waiting for the peer's. The caller must then
	// call Close, which does that. So an owner can free what the connection held before a slow peer answers.
	CloseAfter bool

	// For Accept.
	Origins []string // host patterns of foreign origins that are allowed, as for path.Match

	// For Dial.
	Header      http.Header                                                       // sent with the request
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error) // nil: TCP, through a proxy if the environment says so
	TLS         *tls.Config                                                       // for wss; nil: the system's certificates
	DialTimeout time.Duration                                                     // for connection and handshake together; 0: 10 s
}

// Observer is told what the connection's owner may want to log or count. Its functions are called in the reader and
// must not block. Those that are nil are not called.
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

// Stats counts what passed. Bytes include WebSocket frame headers and exclude TLS.
type Stats struct {
	BytesIn, BytesOut     uint64
	PacketsIn, PacketsOut uint64
	FragmentsIn           uint64
	Waited                time.Duration // by the writer, while the link had too much unsent or in flight; as far as the system tells
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

// defaults returns o with defaults for what was left out.
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
