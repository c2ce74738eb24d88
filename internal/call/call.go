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
	"acip/packet"
	"acip/transport"
)

// Call is one call's parts and what they share. It is the Controls of its output.
type Call struct {
	cfg    Config
	out    Output
	shown  chan struct{} // closed when the output may take the terminal
	start  time.Time
	bufs   packet.Buffers
	handle transport.Handle
	counts *account.Account
	feed   *feeder
	send   *sender
	recv   *receiver
	link   *link

	named    string        // one's name in the room, where the person was told
	opened   chan struct{} // closed when the source is open, or will not be
	watcher  atomic.Bool   // there is nothing to send
	leaving  chan struct{} // capacity one
	entering chan struct{} // capacity one
	wished   chan struct{} // capacity one: the wish is new

	mu      sync.Mutex
	wish    []Want
	paused  bool
	settled bool // opened is closed
	down    downlinks
	begun   bool   // connected, or a mirror
	early   []Note // told before that
}

// New makes a call that has not begun and that goes to out.
func New(cfg Config, out Output) *Call {
	c := &Call{
		cfg: cfg, out: out, start: time.Now(), counts: account.New(), opened: make(chan struct{}), shown: make(chan struct{}),
		leaving: make(chan struct{}, 1), entering: make(chan struct{}, 1), wished: make(chan struct{}, 1), paused: cfg.Paused,
		down: downlinks{},
	}
	c.recv = newReceiver(out, c.counts, cfg.Blind)
	c.feed = newFeeder(c.counts, c.openSource)
	c.send = newSender(c.feed, &c.handle, &c.bufs, c.counts)
	c.link = &link{
		address: cfg.Address, tls: cfg.TLS, hello: c.hello, wait: cfg.Wait, once: cfg.Once, bufs: &c.bufs, handle: &c.handle,
		in: make(chan struct{}), counts: c.counts, log: cfg.Log, say: c.linked, enter: c.entered, leave: c.left, handler: c.handlePacket,
	}
	c.recv.offset, c.send.offset = c.link.offset, c.link.offset
	c.recv.askKey = func(id uint32) { c.link.control(packet.KeyRequest, packet.Key{ID: id}) }
	c.feed.self, c.feed.note, c.feed.hold, c.feed.paused = c.showSelf, c.noted, time.Second, cfg.Paused
	c.send.coding, c.send.most, c.send.fps, c.send.log, c.send.note = cfg.Codec, cfg.Most, cfg.SendFPS, cfg.Log, c.noted
	c.send.maxFrame.Store(packet.DefaultMaxFrame)
	if cfg.SendOnly {
		c.send.limit = cfg.Frames
	}
	return c
}

// Run joins and returns when the call is over and everything that it started has ended. It ends when ctx does (nil), when
// the person leaves (nil), or with an error that fault.Explain tells about. It is called once.
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
	part(func(ctx context.Context) error { c.send.run(ctx); return nil })
	part(c.runLink)
	var shown error
	part(func(ctx context.Context) error { shown = c.runOutput(ctx); return c.ended(shown) })
	part(c.pulse)
	if c.cfg.Duration > 0 {
		part(c.lasts)
	}
	parts.Wait()
	c.send.close()
	c.counts.Settle(account.Ended)
	c.recv.close()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, errLeft) {
		return err
	}
	if lost := new(UnwrittenError); errors.As(shown, &lost) {
		return lost
	}
	return nil
}

// UnwrittenError is an output's error of a file that the person asked for and does not have, such as a recording on a full
// disk. It is the call's error too where the call itself ended well.
type UnwrittenError struct{ Err error }

// Error is the cause's.
func (e *UnwrittenError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UnwrittenError) Unwrap() error { return e.Err }

// joinWithin is how long joining may take where the call is to be shorter than that: a machine under load needs more than a
// moment for it.
const joinWithin = 2 * time.Second

// lasts ends the call after its duration, which is an error where the server never let us in.
func (c *Call) lasts(ctx context.Context) error {
	began := time.Now()
	timer := time.NewTimer(c.cfg.Duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil
	}
	if c.link.missed() == nil {
		return errLeft
	}
	timer.Reset(max(0, joinWithin-c.cfg.Duration))
	select {
	case <-timer.C:
		return &neverJoined{time.Since(began).Round(100 * time.Millisecond), c.link.missed()}
	case <-c.link.in:
		return errLeft
	case <-ctx.Done():
		return nil
	}
}

// runLink keeps the call connected, where it has a server.
func (c *Call) runLink(ctx context.Context) error {
	if c.cfg.Address == "" {
		c.linked(Link{State: LinkNone, Self: Peer{Name: c.cfg.Name, Self: true}})
		c.begin()
		c.reveal()
		return nil
	}
	if c.cfg.Preview && !c.looked(ctx) {
		return nil
	}
	if exposed(c.cfg.Address, c.cfg.Token) {
		c.noted(Note{Text: "the token goes to the server unencrypted: anyone on the way can read it", Hint: "join wss://, if the server speaks TLS"})
	}
	return c.ended(c.link.run(ctx))
}

// exposed reports whether a token leaves this machine in the clear. A tunnel's end on this machine is as good as the tunnel.
func exposed(address, token string) bool {
	u, err := url.Parse(address)
	if token == "" || err != nil || u.Scheme != "ws" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
	return !local
}

// looked shows one's own picture until the person joins; false where the call is over before.
func (c *Call) looked(ctx context.Context) bool {
	c.linked(Link{State: LinkPreview, Address: c.link.address, Room: c.cfg.Room, Self: Peer{Name: c.cfg.Name, Self: true}})
	c.reveal()
	select {
	case <-c.entering:
		c.linked(Link{State: LinkConnecting, Address: c.link.address, Room: c.cfg.Room})
		return true
	case <-ctx.Done():
		return false
	}
}

// errLeft ends a call without an error.
var errLeft = errors.New("client: left")

// ended makes the end of a part the end of the call.
func (c *Call) ended(err error) error {
	if err == nil {
		return errLeft
	}
	return err
}

// runOutput shows the call. One that takes the terminal waits for the first welcome, so that a first failure is read where it was typed.
func (c *Call) runOutput(ctx context.Context) error {
	if c.cfg.Wait {
		c.reveal()
	}
	if c.cfg.AfterJoin {
		select {
		case <-c.shown:
		case <-ctx.Done():
			return nil
		}
	}
	return c.out.Run(ctx, c)
}

func (c *Call) reveal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.shown:
	default:
		close(c.shown)
	}
}

// linked passes the connection's state on.
func (c *Call) linked(l Link) { c.out.Link(l) }

// maxEarly bounds the notes that wait for the call to begin.
const maxEarly = 8

// noted passes a note on, and logs it: before the call has begun only then, since a call that does not begin ends with one
// error and nothing else.
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

// begin logs the notes that waited for the call to begin.
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

func (c *Call) showSelf(f *frame.Frame) {
	if c.send.showing() {
		c.out.Self(f)
	}
}

// Stats is the account of what became of every picture so far.
func (c *Call) Stats() account.Stats { return c.counts.Stats(time.Since(c.start)) }

// Room is the room that was joined; joined is false where that never came to be.
func (c *Call) Room() (name string, joined bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cfg.Room, c.begun && c.cfg.Address != ""
}

// Met are the names of the other members so far, in the order in which they came; of crowds the first.
func (c *Call) Met() []string { return c.recv.names() }

// Source is what is being captured; open is false while nothing is: paused, resting, lost or without a source.
func (c *Call) Source() (info capture.Info, open bool) { return c.feed.source() }
