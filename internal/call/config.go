package call

import (
	"context"
	"crypto/tls"
	"time"

	"acip/capture"
	"acip/frame"

	"github.com/rs/zerolog"
)

// Config is what a call is told by its caller.
type Config struct {
	Address string      // of the server, ws or wss; empty: there is no server, and oneself is all there is to see
	TLS     *tls.Config // for wss; nil: the system's certificates
	Room    string
	Name    string
	Agent   string // program and version, for HELLO
	Token   string // for a server that asks for one

	Open     func(context.Context) (capture.Source, error) // opens the source, also again after a pause; nil: nothing is sent
	Optional bool                                          // without a camera the call goes on as a viewer's
	Paused   bool                                          // the source is not opened before Controls.Pause(false)
	Codec    string                                        // auto, raw, jpeg, vp8
	Most     frame.Size                                    // of what is sent; zero: the source's own
	SendFPS  float64                                       // pictures a second that are sent at most; 0: the source's own

	SendOnly bool          // the call ends with its source
	Peer     string        // the only one whose pictures the output takes; empty: all
	FPS      float64       // pictures a second asked of others where the output names none
	Blind    bool          // received pictures are counted and not decoded: the output looks at none
	Frames   int           // so many pictures are all, sent if SendOnly, else written; 0: no limit
	Duration time.Duration // the call's length; 0: no limit

	Wait      bool // go on trying when the server is not there yet, or full
	Once      bool // a lost connection is the end
	Preview   bool // Controls.Enter joins
	AfterJoin bool // the output takes the terminal: a failure to join is to be read before

	Log zerolog.Logger
}
