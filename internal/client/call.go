package client

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"acip/capture"
	"acip/codec"
	"acip/frame"
	"acip/internal/address"
	"acip/internal/fault"
	"acip/packet"
	"acip/transport"
)

// call is one call's parts and what they share.
type call struct {
	cfg    Config
	out    Output
	shown  chan struct{} // closed when the output may take the terminal
	start  time.Time
	bufs   packet.Buffers
	handle transport.Handle
	counts *counts
	feed   *feeder
	send   *sender
	recv   *receiver
	link   *link

	opened   chan struct{} // closed when the source is open, or will not be
	watcher  atomic.Bool   // there is nothing to send
	local    bool          // there is no server
	leaving  chan struct{} // capacity one
	entering chan struct{} // capacity one
	preview  bool          // Enter joins
	wished   chan struct{} // capacity one: the wish is new

	mu      sync.Mutex
	wish    []Want
	paused  bool
	settled bool // opened is closed
	down    pressure
}

// Join is a call: it joins a room and returns when the call is over. It ends when ctx does (nil), when the person leaves
// (nil), or with an error that Explain and Code tell about.
func Join(ctx context.Context, cfg Config) error {
	c, err := prepare(cfg)
	if err != nil {
		return err
	}
	return c.whole(ctx)
}

// prepare makes a call that has not begun.
func prepare(cfg Config) (*call, error) {
	link, room, err := address.Parse(cfg.Address)
	if err != nil {
		return nil, err
	}
	if cfg.Room == "" {
		cfg.Room = room
	}
	if err := check(&cfg); err != nil {
		return nil, err
	}
	out, err := newOutput(&cfg)
	if err != nil {
		return nil, err
	}
	c := newCall(cfg, out, link)
	c.link.tls, err = address.Trust(cfg.TLSCA)
	return c, err
}

// whole is the call and, in the end, its account.
func (c *call) whole(ctx context.Context) error {
	err := c.run(ctx)
	if c.cfg.StatsFile == "" {
		return err
	}
	if serr := writeStats(c.cfg.StatsFile, c.counts.stats(time.Since(c.start))); err == nil {
		return serr
	}
	return err
}

// check fills in defaults and refuses what makes no sense together.
func check(cfg *Config) error {
	if cfg.Room == "" {
		cfg.Room = "lobby"
	}
	if !packet.ValidRoom(cfg.Room) {
		return &fault.Usage{Text: "no such room name: " + packet.CleanText(cfg.Room), Remedy: "a room is 1 to 64 letters, digits, '-', '_' and '.'"}
	}
	if cfg.ViewOnly && cfg.SendOnly {
		return &fault.Usage{Text: "--view-only and --send-only exclude each other", Remedy: "give one of them, or neither to do both"}
	}
	if cfg.ViewOnly {
		cfg.Source = "none"
	}
	if cfg.SendOnly && cfg.Source == "none" {
		return &fault.Usage{Text: "--send-only with nothing to send", Remedy: "give a source: --source pattern"}
	}
	if err := checkStats(cfg.StatsFile); err != nil {
		return err
	}
	cfg.Name = packet.CleanName(cfg.Name)
	if cfg.FPS <= 0 {
		cfg.FPS = 30
	}
	return nil
}

// newCall wires the parts together.
func newCall(cfg Config, out Output, address string) *call {
	c := &call{
		cfg: cfg, out: out, start: time.Now(), counts: newCounts(), opened: make(chan struct{}),
		shown: make(chan struct{}), leaving: make(chan struct{}, 1), entering: make(chan struct{}, 1), wished: make(chan struct{}, 1), paused: cfg.StartPaused,
	}
	if _, screen := out.(*screen); screen {
		c.preview = cfg.Preview && !cfg.Yes && cfg.Source != "none"
	}
	c.recv = newReceiver(out, c.counts)
	c.feed = newFeeder(c.counts, c.openSource)
	c.send = newSender(c.feed, &c.handle, &c.bufs, c.counts)
	c.link = &link{
		address: address, hello: c.hello, wait: cfg.Wait, once: cfg.NoReconnect, bufs: &c.bufs, handle: &c.handle,
		counts: c.counts, log: cfg.Log, say: c.linked, enter: c.entered, leave: c.left, handler: c.handlePacket,
	}
	offset := func() time.Duration { return time.Duration(c.link.offset.Load()) }
	c.recv.offset, c.send.offset = offset, offset
	c.recv.askKey = func(id uint32) { c.link.control(packet.KeyRequest, packet.Key{ID: id}) }
	c.feed.self, c.feed.note, c.feed.hold = c.showSelf, c.noted, time.Second
	c.feed.paused = cfg.StartPaused
	c.send.coding, c.send.most, c.send.log, c.send.note = cfg.Codec, cfg.CaptureSize, cfg.Log, c.noted
	c.send.maxFrame.Store(packet.DefaultMaxFrame)
	if cfg.FPSSet {
		c.send.fps = cfg.FPS
	}
	if cfg.SendOnly {
		c.send.limit = cfg.Frames
	}
	return c
}

// run is the call from first to last; when it returns, everything that it started has ended.
func (c *call) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if c.cfg.Duration > 0 {
		timer := time.AfterFunc(c.cfg.Duration, func() { stop(nil) })
		defer timer.Stop()
	}
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
	part(func(ctx context.Context) error { return c.ended(c.runOutput(ctx)) })
	part(c.pulse)
	parts.Wait()
	c.send.close()
	c.counts.settle(Ended)
	c.recv.close()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, errLeft) {
		return err
	}
	return nil
}

// runLink keeps the call connected, where it has a server.
func (c *call) runLink(ctx context.Context) error {
	if c.local {
		c.linked(Link{State: LinkNone, Self: Peer{Name: c.cfg.Name, Self: true}})
		c.reveal()
		return nil
	}
	if c.preview && !c.looked(ctx) {
		return nil
	}
	return c.ended(c.link.run(ctx))
}

// looked shows one's own picture until the person joins; false where the call is over before.
func (c *call) looked(ctx context.Context) bool {
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
func (c *call) ended(err error) error {
	if err == nil {
		return errLeft
	}
	return err
}

// runOutput shows the call. A screen waits for the first welcome, so that a first failure is read where it was typed.
func (c *call) runOutput(ctx context.Context) error {
	if c.cfg.Wait {
		c.reveal()
	}
	if c.cfg.Output == "tty" {
		select {
		case <-c.shown:
		case <-ctx.Done():
			return nil
		}
	}
	return c.out.Run(ctx, c)
}

func (c *call) reveal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.shown:
	default:
		close(c.shown)
	}
}

// runSource feeds the call until the source ends.
func (c *call) runSource(ctx context.Context) error {
	if c.cfg.Source == "none" {
		c.noSource()
		return nil
	}
	if c.cfg.StartPaused {
		c.known()
	}
	err := c.feed.run(ctx, nil)
	var broken brokenOff
	switch {
	case errors.Is(err, io.EOF):
		return c.sourceEnded(ctx, nil)
	case errors.As(err, &broken) && c.counts.any():
		return c.sourceEnded(ctx, broken.error)
	case err == nil:
		return nil
	case c.optional() && missingCamera(err):
		sentence, hint := fault.Explain(err)
		c.noSource()
		c.noted(Note{Kind: NoteInfo, Text: sentence + ": joining as a viewer", Hint: hint})
		return nil
	}
	c.noSource()
	return err
}

// missingCamera reports whether a source could not be opened because there is no camera, or no way to one.
func missingCamera(err error) bool {
	switch capture.KindOf(err) {
	case capture.Missing, capture.Unsupported:
		var e *capture.Error
		return errors.As(err, &e)
	}
	return false
}

// optional reports whether the call goes on without its source: only the default camera, and only if there is something
// else to do than sending.
func (c *call) optional() bool {
	return c.cfg.Source == "camera" && !c.cfg.CameraNamed && !c.cfg.SendOnly
}

// noSource says that nothing will be sent.
func (c *call) noSource() {
	c.watcher.Store(true)
	c.known()
}

// known says that the source is open, or will not be: the role in the room can be told.
func (c *call) known() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.settled {
		c.settled = true
		close(c.opened)
	}
}

// Waits at the end of a source: for its last pictures to go out, then for the relay to pass them on.
const (
	emptyWithin = 2 * time.Second
	lingerFor   = 200 * time.Millisecond
)

// sourceEnded ends a call that only sends, once its last picture is out, and a mirror in a pipe; others go on. why is what
// broke the source off, nil at its end.
func (c *call) sourceEnded(ctx context.Context, why error) error {
	end := c.local && c.cfg.Output != "tty" && c.cfg.Frames <= 0 && c.cfg.Duration <= 0
	if why == nil {
		c.noted(Note{Kind: NoteInfo, Text: "the source has ended"})
	} else if !end && !c.cfg.SendOnly {
		sentence, hint := fault.Explain(why)
		c.noted(Note{Kind: NoteCamera, Text: sentence, Hint: hint})
	}
	switch {
	case end:
		sleep(ctx, lingerFor) // its last picture is still to be written
		return c.ended(why)
	case c.cfg.SendOnly:
		c.emptied(ctx)
		return c.ended(why)
	}
	c.Pause(true) // the others should not wait for more
	return nil
}

// emptied waits until the last pictures have gone out.
func (c *call) emptied(ctx context.Context) {
	limit := time.Now().Add(emptyWithin)
	for time.Now().Before(limit) && !(c.feed.newest.Len() == 0 && c.counts.drained()) {
		if !sleep(ctx, 10*time.Millisecond) {
			return
		}
	}
	sleep(ctx, lingerFor)
}

// sleep waits for d; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// openSource opens what the configuration names.
func (c *call) openSource(ctx context.Context) (capture.Source, error) {
	src, err := openSource(ctx, c.cfg)
	if err == nil {
		c.known()
		if note := src.Info().Note; note != "" {
			c.noted(Note{Kind: NoteInfo, Text: packet.CleanText(note)})
		}
	}
	return src, err
}

// openSource opens the source of a configuration.
func openSource(ctx context.Context, cfg Config) (capture.Source, error) {
	flip, err := capture.ParseFlip(cfg.Flip)
	if err != nil {
		return nil, &fault.Usage{Text: err.Error()}
	}
	turn, err := capture.ParseRotation(cfg.Rotate)
	if err != nil {
		return nil, &fault.Usage{Text: err.Error()}
	}
	o := capture.Options{Size: cfg.CaptureSize, Loop: cfg.Loop, Stdin: cfg.Stdin, Camera: cfg.Camera, Flip: flip, Rotate: turn}
	if cfg.FPSSet {
		o.FPS = cfg.FPS
	}
	return capture.Open(ctx, cfg.Source, o)
}

// roleWithin is how long a hello waits to learn whether there is a source.
const roleWithin = 2 * time.Second

// hello says who is joining. It waits a little for the source, so that one without a camera joins as a viewer.
func (c *call) hello(ctx context.Context) packet.Hello {
	t := time.NewTimer(roleWithin)
	defer t.Stop()
	select {
	case <-c.opened:
	case <-t.C:
	case <-ctx.Done():
	}
	role := packet.RoleJoin
	if c.watcher.Load() {
		role = packet.RoleWatch
	}
	return packet.Hello{
		Protocol: packet.Protocol, Room: c.cfg.Room, Name: c.cfg.Name, Role: role, Codecs: codec.Names(), Demand: true,
		Token: c.cfg.Token, Agent: c.cfg.Agent,
	}
}

// entered takes a welcome.
func (c *call) entered(w packet.Welcome) {
	if w.Limits.MaxFrameBytes > 0 {
		c.send.maxFrame.Store(int64(w.Limits.MaxFrameBytes))
	}
	c.recv.roster(w.Members)
	c.lookForPeer(w.Members)
	c.send.key.Store(true)
	c.mu.Lock()
	paused := c.paused
	c.mu.Unlock()
	if paused {
		c.tellPause(true)
	}
	c.wishAgain()
	c.reveal()
}

// lookForPeer says so where the only one to be shown is not there: an empty stream would not tell.
func (c *call) lookForPeer(members []packet.Member) {
	called := func(m packet.Member) bool { return packet.CleanName(m.Name) == c.cfg.Peer }
	if c.cfg.Peer == "" || slices.ContainsFunc(members, called) {
		return
	}
	var names []string
	for _, m := range members {
		names = append(names, packet.CleanName(m.Name))
	}
	hint := "nobody else is there"
	if len(names) > 0 {
		hint = "there are: " + strings.Join(names, ", ")
	}
	c.noted(Note{Kind: NoteInfo, Text: "waiting for " + packet.CleanName(c.cfg.Peer) + ", who is not in the room", Hint: hint})
}

// left is told that a connection is gone: nobody looks any more.
func (c *call) left() { c.send.demand(packet.Ask{}) }

// linked passes the connection's state on.
func (c *call) linked(l Link) { c.out.Link(l) }

// noted passes a note on, and logs it.
func (c *call) noted(n Note) {
	if n.Text != "" && n.Kind != NoteChat {
		e := c.cfg.Log.Info().Str("note", n.Text)
		if n.Hint != "" {
			e = e.Str("hint", n.Hint)
		}
		e.Msg("note")
	}
	c.out.Note(n)
}

func (c *call) showSelf(f *frame.Frame) {
	if c.send.showing() {
		c.out.Self(f)
	}
}

// handlePacket takes what the server sends, in the connection's reader.
func (c *call) handlePacket(p *packet.Buffer) error {
	switch p.Type() {
	case packet.ImageFrame, packet.VideoFrame:
		c.recv.picture(p)
	case packet.Demand:
		return handle(p, c.send.demand)
	case packet.KeyRequest:
		c.send.key.Store(true)
	case packet.ClientJoin:
		return handle(p, c.recv.join)
	case packet.ClientLeave:
		return handle(p, c.recv.leave)
	case packet.StreamStart, packet.StreamStop:
		c.recv.pause(p.Client(), p.Type() == packet.StreamStop)
	case packet.TextMessage:
		return handle(p, func(t packet.Text) {
			c.out.Note(Note{Kind: NoteChat, From: c.recv.who(p.Client()), Text: packet.CleanText(t.Text)})
		})
	case packet.ErrorMessage:
		c.trouble(p.Payload())
	}
	return nil // other types belong to later versions
}

// handle reads a JSON body and passes it on; a malformed one ends the connection.
func handle[T any](p *packet.Buffer, f func(T)) error {
	body, err := packet.Unmarshal[T](p)
	if err != nil {
		return packet.Violation("%s: %v", p.Type(), err)
	}
	f(body)
	return nil
}

// trouble is the server's word that something of ours did not work.
func (c *call) trouble(payload []byte) {
	e, err := packet.ParseError(payload)
	if err != nil {
		return
	}
	if e.Code == packet.CodeFragment {
		c.send.trouble(time.Now())
	}
	c.noted(Note{Kind: NoteServer, Text: packet.CleanText(e.Message), Hint: e.Code.Info().Hint})
}

// Want implements Controls.
func (c *call) Want(self frame.Size, streams []Want) {
	c.mu.Lock()
	same := slices.Equal(c.wish, streams)
	c.wish = append(c.wish[:0], streams...)
	c.mu.Unlock()
	c.send.mirror(self, self != frame.Size{})
	if !same {
		c.wishAgain()
	}
}

func (c *call) wishAgain() {
	select {
	case c.wished <- struct{}{}:
	default:
	}
}

// sendWish tells the server what is wanted, narrowed by what the downlink takes.
func (c *call) sendWish() {
	c.mu.Lock()
	step := c.down.step()
	wish := packet.Wish{}
	for _, w := range c.wish {
		fps := float64(w.FPS)
		if fps <= 0 {
			fps = c.cfg.FPS
		}
		size := shrink(w.Size, step.side)
		if w.Size.W <= 0 || w.Size.H <= 0 {
			size = w.Size
		}
		wish.Streams = append(wish.Streams, packet.Want{ID: w.ID, Width: size.W, Height: size.H, FPS: max(int(math.Ceil(fps*step.rate)), 1)})
	}
	c.mu.Unlock()
	c.link.control(packet.Demand, wish)
}

// Drawn implements Controls.
func (c *call) Drawn(id uint32, f *frame.Frame) {
	now := time.Now()
	c.counts.draw(id, now.Sub(f.Time), now)
}

// Dropped implements Controls.
func (c *call) Dropped(id uint32, reason Reason) { c.counts.dropDown(id, reason) }

// Pause implements Controls.
func (c *call) Pause(paused bool) {
	c.mu.Lock()
	changed := c.paused != paused
	c.paused = paused
	c.mu.Unlock()
	if !changed {
		return
	}
	c.feed.pause(paused)
	c.tellPause(paused)
}

func (c *call) tellPause(paused bool) {
	t := packet.StreamStart
	if paused {
		t = packet.StreamStop
	}
	if c.watcher.Load() {
		return
	}
	b := c.bufs.Get(4)
	defer b.Release()
	packet.PutStream(b.Payload(), packet.StreamVideo)
	b.Seal(t, 0)
	c.link.post(b)
}

// Say implements Controls.
func (c *call) Say(text string) {
	if text = packet.CleanText(text); text != "" {
		c.link.control(packet.TextMessage, packet.Text{Text: text})
	}
}

// Enter implements Controls.
func (c *call) Enter() {
	select {
	case c.entering <- struct{}{}:
	default:
	}
}

// Leave implements Controls.
func (c *call) Leave() {
	select {
	case c.leaving <- struct{}{}:
	default:
	}
}
