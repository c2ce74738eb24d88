package call

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/account"
	"acip/mailbox"
	"acip/packet"
	"acip/transport"
)

// Call is one call. It is the Controls of its output.
type Call struct {
	cfg      Config
	out      Output
	start    time.Time
	bufs     packet.Buffers
	handle   transport.Handle
	account  *account.Account
	session  *session
	capture  *captureLoop
	uplink   *videoUplink
	downlink *downlink

	revealed      chan struct{} // closed when the output may take the terminal
	toldName      string        // one's name in the room, if the person was told; of the connection's reader
	sourceKnown   chan struct{} // closed when the source is open, or will not be
	watcher       atomic.Bool   // there is nothing to send
	leaving       mailbox.Signal
	entering      mailbox.Signal
	demandChanged mailbox.Signal

	mu        sync.Mutex
	wants     []Want // what the output asks for
	paused    bool
	settled   bool              // sourceKnown is closed
	estimates downlinkEstimates // of the way down, by sender
	begun     bool              // connected, or without a server
	early     []Note            // noted before that
}

// New returns a call that has not begun and is shown on out.
func New(cfg Config, out Output) *Call {
	c := &Call{
		cfg: cfg, out: out, start: time.Now(), account: account.New(), sourceKnown: make(chan struct{}), revealed: make(chan struct{}),
		leaving: mailbox.NewSignal(), entering: mailbox.NewSignal(), demandChanged: mailbox.NewSignal(), paused: cfg.Paused,
		estimates: downlinkEstimates{},
	}
	c.session = newSession(sessionConfig{
		address: cfg.Address, tls: cfg.TLS, dial: cfg.Dial, wait: cfg.Wait, once: cfg.Once,
		bufs: &c.bufs, handle: &c.handle, account: c.account, log: cfg.Log,
		hello: c.hello, state: out.Link, welcome: c.welcomed, handler: c.handlePacket, ended: c.disconnected,
	})
	c.downlink = newDownlink(downlinkConfig{
		out: out, account: c.account, blind: cfg.Blind, transform: cfg.Transform, clockOffset: c.session.clockOffset,
		requestKey: func(id uint32) { c.session.control(packet.KeyRequest, packet.Key{ID: id}) },
	})
	c.capture = newCaptureLoop(captureConfig{
		open: c.openSource, account: c.account, self: c.showSelf, note: c.noted, startPaused: cfg.Paused, startDelay: viewerWithin,
	})
	c.uplink = newVideoUplink(uplinkConfig{
		capture: c.capture, handle: &c.handle, bufs: &c.bufs, account: c.account, log: cfg.Log, codec: cfg.Codec, maxSize: cfg.MaxSize, fps: cfg.SendFPS,
		limit: cfg.sendLimit(), transform: cfg.Transform, note: c.noted, clockOffset: c.session.clockOffset,
	})
	return c
}

// viewerWithin is how long a file or a pipe is held back at the start, until somebody looks.
const viewerWithin = time.Second

// Run joins, and returns when the call is over and everything that it started has ended. The result is nil if ctx ended
// or the person left; otherwise an error for fault.Explain. Call it once.
func (c *Call) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var parts sync.WaitGroup
	part := func(f func(context.Context) error) {
		parts.Go(func() {
			if err := f(ctx); err != nil {
				stop(err)
			}
		})
	}
	part(c.runSource)
	part(func(ctx context.Context) error { c.uplink.run(ctx); return nil })
	part(c.runSession)
	var shown error
	part(func(ctx context.Context) error { shown = c.runOutput(ctx); return c.ended(shown) })
	part(c.monitor)
	if c.cfg.Duration > 0 {
		part(c.runDuration)
	}
	parts.Wait()
	c.uplink.close()
	c.account.Settle(account.Ended)
	c.downlink.close()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, errLeft) {
		return err
	}
	if lost := new(UnwrittenError); errors.As(shown, &lost) {
		return lost
	}
	return nil
}

// UnwrittenError is an output's error about a file that the person asked for and does not get, such as a recording on a
// full disk. It becomes the error of a call that itself ended well.
type UnwrittenError struct{ Err error }

// Error returns the sentence of the cause.
func (e *UnwrittenError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UnwrittenError) Unwrap() error { return e.Err }

// joinWithin is how long joining may take even if the call is to be shorter: a machine under load needs more than a moment.
const joinWithin = 2 * time.Second

// runDuration ends the call after its duration. That is an error if the server never let us in.
func (c *Call) runDuration(ctx context.Context) error {
	began := time.Now()
	timer := time.NewTimer(c.cfg.Duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil
	}
	if c.session.notJoined() == nil {
		return errLeft
	}
	timer.Reset(max(0, joinWithin-c.cfg.Duration))
	select {
	case <-timer.C:
		return &neverJoined{time.Since(began).Round(100 * time.Millisecond), c.session.notJoined()}
	case <-c.session.joined:
		return errLeft
	case <-ctx.Done():
		return nil
	}
}

// runSession keeps the call connected, if it has a server.
func (c *Call) runSession(ctx context.Context) error {
	if c.cfg.Address == "" {
		c.out.Link(Link{State: LinkNone, Self: Peer{Name: c.cfg.Name, Self: true}})
		c.begin()
		c.reveal()
		return nil
	}
	if c.cfg.Preview && !c.preview(ctx) {
		return nil
	}
	if exposed(c.cfg.Address, c.cfg.Token) {
		c.noted(Note{Text: "the token goes to the server unencrypted: anyone on the way can read it", Hint: "join wss://, if the server speaks TLS"})
	}
	return c.ended(c.session.run(ctx))
}

// exposed reports whether a token leaves this machine in the clear. The end of a tunnel on this machine does not count.
func exposed(address, token string) bool {
	u, err := url.Parse(address)
	if token == "" || err != nil || u.Scheme != "ws" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
	return !local
}

// preview shows one's own picture until the person joins. It returns false if the call ends before.
func (c *Call) preview(ctx context.Context) bool {
	c.out.Link(Link{State: LinkPreview, Address: c.cfg.Address, Room: c.cfg.Room, Self: Peer{Name: c.cfg.Name, Self: true}})
	c.reveal()
	select {
	case <-c.entering.C():
		c.out.Link(Link{State: LinkConnecting, Address: c.cfg.Address, Room: c.cfg.Room})
		return true
	case <-ctx.Done():
		return false
	}
}

// errLeft ends a call without an error.
var errLeft = errors.New("call: left")

// ended makes the end of a part, with or without an error, the end of the call.
func (c *Call) ended(err error) error {
	if err == nil {
		return errLeft
	}
	return err
}

// runOutput shows the call. An output that takes the terminal waits for the first welcome, so that a failure to join is read
// below the command.
func (c *Call) runOutput(ctx context.Context) error {
	if c.cfg.Wait {
		c.reveal()
	}
	if c.cfg.AfterJoin {
		select {
		case <-c.revealed:
		case <-ctx.Done():
			return nil
		}
	}
	return c.out.Run(ctx, c)
}

// reveal lets the output take the terminal.
func (c *Call) reveal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.revealed:
	default:
		close(c.revealed)
	}
}

// maxEarly bounds the notes that wait to be logged.
const maxEarly = 8

// noted shows a note and logs it. Logging waits for the call to begin: one that never begins reports one error, and nothing
// else.
func (c *Call) noted(n Note) {
	c.mu.Lock()
	wait := !c.begun
	if wait && len(c.early) < maxEarly {
		c.early = append(c.early, n)
	}
	c.mu.Unlock()
	if !wait {
		c.logNote(n)
	}
	c.out.Note(n)
}

// begin marks the call as begun, and logs the notes that waited for that.
func (c *Call) begin() {
	c.mu.Lock()
	early := c.early
	c.early, c.begun = nil, true
	c.mu.Unlock()
	for _, n := range early {
		c.logNote(n)
	}
}

func (c *Call) logNote(n Note) {
	if n.Text == "" || n.Kind == NoteChat {
		return
	}
	e := c.cfg.Log.Info().Str("note", n.Text)
	if n.Hint != "" {
		e = e.Str("hint", n.Hint)
	}
	e.Msg("note")
}

// showSelf shows a captured picture to the output if it asked for one.
func (c *Call) showSelf(f *frame.Frame) {
	if c.uplink.showsSelf() {
		c.out.Self(f)
	}
}

// Stats returns the account of what became of every picture so far.
func (c *Call) Stats() account.Stats { return c.account.Stats(time.Since(c.start)) }

// Room returns the room of the call; joined is false if it was never joined.
func (c *Call) Room() (name string, joined bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cfg.Room, c.begun && c.cfg.Address != ""
}

// Met returns the names of the other members so far, in the order in which they came; of a crowd, the first ones.
func (c *Call) Met() []string { return c.downlink.names() }

// Source returns what is being captured; open is false while nothing is: paused, on standby, lost, or without a source.
func (c *Call) Source() (info capture.Info, open bool) { return c.capture.source() }
