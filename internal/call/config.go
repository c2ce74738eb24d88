package call

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"acip/capture"
	"acip/frame"

	"github.com/rs/zerolog"
)

// Config describes a call.
type Config struct {
	Address string      // of the server, ws or wss; empty: no server, and only oneself is shown
	TLS     *tls.Config // for wss; nil: the system's certificates

	// Dial makes the connection beneath the WebSocket, such as one in memory; nil: TCP, through a proxy if the environment
	// says so.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	// Transform is applied to every coded picture before it is sent, and undone before decoding; nil: none.
	Transform Transform

	Room  string
	Name  string
	Agent string // program and version, for HELLO
	Token string // for a server that asks for one

	Open     func(context.Context) (capture.Source, error) // opens the source, and reopens it after a pause; nil: nothing is sent
	Optional bool                                          // without a camera, join as a viewer
	Paused   bool                                          // the source is not opened before Controls.Pause(false)
	Codec    string                                        // auto, raw, jpeg, vp8
	MaxSize  frame.Size                                    // of what is sent; zero: the source's own size
	SendFPS  float64                                       // the most pictures a second to send; 0: the source's own rate

	SendOnly bool          // the call ends with its source
	Peer     string        // the only sender whose pictures the output takes; empty: all
	FPS      float64       // pictures a second asked of others unless the output says otherwise
	Blind    bool          // received pictures are counted and not decoded: the output looks at none
	Frames   int           // pictures after which the call ends: sent if SendOnly, else written; 0: no limit
	Duration time.Duration // length of the call; 0: no limit

	Wait      bool // keep trying if the server is not there yet, or full
	Once      bool // a lost connection ends the call
	Preview   bool // Controls.Enter joins
	AfterJoin bool // the output takes the terminal: start it after joining, so that a failure to join can be read

	Log zerolog.Logger
}

// sendLimit returns how many pictures to send; 0: no limit.
func (c Config) sendLimit() int {
	if c.SendOnly {
		return c.Frames
	}
	return 0
}
