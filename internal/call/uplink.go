package call

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"acip/codec"
	"acip/frame"
	"acip/internal/account"
	"acip/internal/congestion"
	"acip/mailbox"
	"acip/media"
	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// uplinkConfig is what a videoUplink needs.
type uplinkConfig struct {
	capture     *captureLoop
	handle      *transport.Handle
	bufs        *packet.Buffers
	account     *account.Account
	log         zerolog.Logger
	codec       string               // --codec
	maxSize     frame.Size           // --capture-size; zero is the source's own size
	fps         float64              // --fps; 0 is the source's own rate
	limit       int                  // send that many pictures and no more; 0: no limit
	transform   Transform            // applied to what the codec makes; may be nil
	note        func(Note)           // shows a note
	clockOffset func() time.Duration // what to add to this clock to get the server's
}

// videoUplink is the encoding end of the way up: whenever the connection can take a picture and somebody looks, it takes
// the newest captured one, scales it to the demanded size, and encodes it once per layer.
type videoUplink struct {
	uplinkConfig

	maxFrame  atomic.Int64   // payload limit of the server in bytes
	maxBytes  atomic.Int64   // bytes of pictures a second that the server takes; 0: no limit known
	key       atomic.Bool    // the next pictures must be keyframes
	keyNeeded mailbox.Signal // a viewer waits for a keyframe

	mu        sync.Mutex
	ask       packet.Ask
	selfSize  frame.Size // demanded for one's own picture; meaningless unless showSelf
	showSelf  bool
	ladder    congestion.Ladder
	lastOffer sending

	// Of the goroutine that runs run.
	last         *capturedFrame // the newest picture, for a viewer that cannot wait for the next; nil: none yet
	sizes        map[int]*congestion.StickySize
	allowances   map[int]*congestion.Allowance
	layers       map[int]*layer
	pacer        congestion.Pacer
	scaled       frame.Frame
	scaler       frame.Scaler
	logged       time.Time
	frames       uint64
	passedOver   [maxUndersized]time.Time // when undersized pictures were left out, newest first
	sent         int                      // pictures that the connection took
	limitReached chan struct{}            // closed when sent reaches limit
}

// sending is what is being sent.
type sending struct {
	id    media.Codec
	size  frame.Size
	fps   float64
	any   bool
	bytes float64 // a second
}

func newVideoUplink(c uplinkConfig) *videoUplink {
	u := &videoUplink{
		uplinkConfig: c, keyNeeded: mailbox.NewSignal(), layers: map[int]*layer{}, sizes: map[int]*congestion.StickySize{},
		allowances: map[int]*congestion.Allowance{}, limitReached: make(chan struct{}),
	}
	u.maxFrame.Store(packet.DefaultMaxFrame)
	u.ladder.AllowQualitySteps(true)
	return u
}

// connected takes the limits of a new connection's server. Frames sent before are of no use to its viewers.
func (u *videoUplink) connected(l packet.Limits) {
	if l.MaxFrameBytes > 0 {
		u.maxFrame.Store(int64(l.MaxFrameBytes))
	}
	u.maxBytes.Store(int64(l.MaxBytes))
	u.key.Store(true)
}

// setDemand takes what the server asks for.
func (u *videoUplink) setDemand(a packet.Ask) {
	u.mu.Lock()
	grew := a.FPS > 0 && (u.ask.FPS == 0 || len(a.Layers)+len(a.Alternatives) > len(u.ask.Layers)+len(u.ask.Alternatives))
	u.ask = a
	u.mu.Unlock()
	if grew {
		u.requestKey()
	}
	u.setTarget()
}

// requestKey makes the next picture a keyframe. If the next does not come soon, the last one is sent again as one.
func (u *videoUplink) requestKey() {
	u.key.Store(true)
	u.keyNeeded.Notify()
}

// demand returns what the server asks for now.
func (u *videoUplink) demand() packet.Ask {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.ask
}

// setSelf says whether one's own picture is shown here, and at which size.
func (u *videoUplink) setSelf(size frame.Size, show bool) {
	u.mu.Lock()
	u.selfSize, u.showSelf = size, show
	u.mu.Unlock()
	u.setTarget()
}

// showsSelf reports whether one's own picture is shown here.
func (u *videoUplink) showsSelf() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.showSelf
}

// setTarget tells the capture loop the largest size that is demanded.
func (u *videoUplink) setTarget() {
	u.mu.Lock()
	box, wanted := frame.Size{}, false
	add := func(b frame.Size) {
		if !wanted {
			box = b
		} else {
			box = congestion.MaxBox(box, b)
		}
		wanted = true
	}
	if u.ask.FPS > 0 {
		add(u.mainBox(u.ask))
	}
	if u.showSelf {
		add(congestion.MinBox(u.selfSize, u.maxSize))
	}
	u.mu.Unlock()
	if !wanted {
		box, _, _ = u.capture.target() // the next viewer may well want the same
	}
	u.capture.setTarget(box, wanted)
}

// mainBox returns the box that a demand asks for, within maxSize.
func (u *videoUplink) mainBox(ask packet.Ask) frame.Size {
	return congestion.MinBox(frame.Size{W: ask.Width, H: ask.Height}, u.maxSize)
}

// onSlowDrop is called when the server says that it dropped one of our pictures at its deadline.
func (u *videoUplink) onSlowDrop(now time.Time) {
	u.mu.Lock()
	changed := u.ladder.StepDown(2, now)
	u.mu.Unlock()
	u.key.Store(true)
	if changed {
		u.announce()
	}
}

// reportCongestion is called a few times a second with an observation of the link, as for congestion.Ladder.Observe.
func (u *videoUplink) reportCongestion(congested bool, offered, carried float64, now time.Time) {
	u.mu.Lock()
	changed := u.ladder.Observe(congested, offered, carried, now)
	u.mu.Unlock()
	if changed {
		u.announce()
	}
}

// announce tells a person what a slow link changed.
func (u *videoUplink) announce() {
	u.mu.Lock()
	text := u.ladder.String()
	u.mu.Unlock()
	if text == "" {
		text = "the link is fast enough again: full size"
	}
	u.note(Note{Kind: NoteInfo, Text: text})
}

// status returns what is being sent, and why less than demanded.
func (u *videoUplink) status() (s sending, limited string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.lastOffer, u.ladder.String()
}

// repeatAfter is the age at which the last picture is sent again to a viewer that needs a keyframe. The next picture of a
// source with ten pictures a second or more comes sooner.
const repeatAfter = 100 * time.Millisecond

// run encodes until ctx ends. The caller must call close afterwards.
func (u *videoUplink) run(ctx context.Context) {
	var due <-chan time.Time
	for ctx.Err() == nil {
		// A picture that waits behind one that is being written grows old: encode the newest one when it can go out.
		if out := u.handle.Queue(); out != nil && !out.Empty() {
			u.capture.linkLimited.Store(true)
			_ = out.Flush(ctx) // if the connection has ended, process says so
		}
		pic, ok := u.capture.newest.Take()
		u.capture.linkLimited.Store(false)
		if ok {
			u.take(pic)
			continue
		}
		select {
		case <-u.capture.newest.Wake():
		case <-u.keyNeeded.C():
			if u.last != nil {
				due = time.After(repeatAfter - time.Since(u.last.Time))
			}
		case <-due:
			u.repeat()
			due = nil
		case <-ctx.Done():
		}
	}
}

// take sends a captured picture and keeps it as the last one.
func (u *videoUplink) take(pic *capturedFrame) {
	if r := u.process(pic, false); r != "" {
		u.account.DropUp(r)
	}
	if u.last != nil {
		u.capture.idle <- u.last
	}
	u.last = pic
}

// repeat sends the last picture again if a keyframe is still needed. It counts as captured now: the source shows it until
// its next one.
func (u *videoUplink) repeat() {
	_, _, on := u.capture.target()
	if u.last == nil || !on || !u.key.Load() || u.limit > 0 || u.demand().FPS <= 0 || u.handle.Queue() == nil {
		return
	}
	u.last.Time = time.Now()
	u.account.Capture()
	if r := u.process(u.last, true); r != "" {
		u.account.DropUp(r)
	}
}

// close counts what was captured and not sent, and frees the encoders. Call it after run and the capture loop have ended.
func (u *videoUplink) close() {
	for pic, ok := u.capture.newest.Take(); ok; pic, ok = u.capture.newest.Take() {
		u.account.DropUp(account.Ended)
		u.capture.idle <- pic
	}
	if u.last != nil {
		u.capture.idle <- u.last
		u.last = nil
	}
	for _, l := range u.layers {
		_ = l.enc.Close() // frees memory, cannot fail in a way that matters here
	}
}

// process sends one captured picture, or returns the reason why not. A repeated one is sent whatever the rate.
func (u *videoUplink) process(captured *capturedFrame, repeated bool) account.Reason {
	pic := &captured.Frame
	u.frames++
	out := u.handle.Queue()
	if out == nil {
		return account.NoConnection
	}
	if u.limit > 0 && u.sent >= u.limit {
		return account.Ended
	}
	ask := u.demand()
	if ask.FPS <= 0 {
		return account.NoDemand
	}
	if !repeated && captured.undersized(u.mainBox(ask)) && u.mayPassOver(pic.Time) {
		return account.Resized
	}
	u.mu.Lock()
	step := u.ladder.Step()
	u.mu.Unlock()
	fps := u.rate(float64(ask.FPS), step)
	if !u.pacer.Pass(pic.Time, fps) && !repeated {
		return account.RateLimited
	}
	if out.KeyWanted() {
		u.key.Store(true)
	}
	return u.sendLayers(out, pic, ask, step, fps, u.key.Swap(false))
}

// maxUndersized is how many pictures within a second are left out because a larger one is on its way: as many as may
// already be captured when a new demand comes. More would let a demand that keeps growing stop the video.
const maxUndersized = 2

// mayPassOver reports whether an undersized picture captured at t may be left out.
func (u *videoUplink) mayPassOver(t time.Time) bool {
	oldest := u.passedOver[len(u.passedOver)-1]
	if !oldest.IsZero() && t.Sub(oldest) < time.Second {
		return false
	}
	copy(u.passedOver[1:], u.passedOver[:])
	u.passedOver[0] = t
	return true
}

// rate returns the pictures a second to send for a demanded rate: no more than the person allows, the link carries, and
// the server takes in bytes, with a tenth to spare.
func (u *videoUplink) rate(demanded float64, step congestion.Step) float64 {
	if u.fps > 0 {
		demanded = min(demanded, u.fps)
	}
	demanded *= step.Rate
	if limit, bytes := float64(u.maxBytes.Load()), u.layers[packet.LayerMain].bytes(); limit > 0 && bytes > 0 {
		demanded = min(demanded, 0.9*limit/bytes)
	}
	return demanded
}

// sendLayers sends the main picture and its further simulcast layers. The result is that of the main picture.
func (u *videoUplink) sendLayers(out *transport.SendQueue, pic *frame.Frame, ask packet.Ask, step congestion.Step, fps float64, key bool) account.Reason {
	id := chooseCodec(u.codec, ask.Codecs)
	main, bytes := u.mainBox(ask), 0.0
	switch {
	case id != media.Raw:
		u.sendAlternatives(out, pic, ask.Alternatives, fps, key)
		bytes = u.sendSmaller(out, pic, ask.Layers, layerTarget{id: id, fps: fps, quality: step.Quality, key: key}, step)
	case u.transform != nil:
		return account.EncodeFailed // raw pictures would go out unsealed
	case u.codec != media.Raw.String():
		main = congestion.MinBox(main, maxForcedRaw)
	}
	t := layerTarget{packet.LayerMain, id, u.layerSize(packet.LayerMain, pic, main, step), fps, step.Quality, key}
	r := u.send(out, pic, t)
	if r == "" {
		u.sent++
		if u.sent == u.limit {
			close(u.limitReached)
		}
	}
	u.mu.Lock()
	u.lastOffer = sending{id: id, size: t.size, fps: fps, any: true, bytes: (bytes + u.layers[packet.LayerMain].bytes()) * fps}
	u.ladder.AllowQualitySteps(id != media.Raw)
	u.mu.Unlock()
	return r
}

// sendSmaller sends the simulcast layers of other sizes, each as t but for number and size, and returns the mean bytes of
// a picture in all of them.
func (u *videoUplink) sendSmaller(out *transport.SendQueue, pic *frame.Frame, list []packet.AskLayer, t layerTarget, step congestion.Step) (bytes float64) {
	for _, l := range list {
		if l.Layer == packet.LayerMain || l.Layer >= media.MaxLayers || l.FPS <= 0 {
			continue
		}
		t.layer = int(l.Layer)
		t.size = u.layerSize(t.layer, pic, frame.Size{W: l.Width, H: l.Height}, step)
		_ = u.send(out, pic, t) // the account follows the main picture
		bytes += u.layers[t.layer].bytes()
	}
	return bytes
}

// maxForcedRaw is the largest raw picture that is sent because no viewer decodes anything else: 55 Mbit/s at 30 a second.
// It does not apply if raw was chosen by --codec.
var maxForcedRaw = frame.Size{W: 320, H: 240}

// layerSize returns the size of pic for a demanded box: sticky, and limited by the link and by the server's maximum.
func (u *videoUplink) layerSize(layer int, pic *frame.Frame, box frame.Size, step congestion.Step) frame.Size {
	s := u.sizes[layer]
	if s == nil {
		s = &congestion.StickySize{}
		u.sizes[layer] = s
	}
	size := frame.Within(pic.Size(), s.Follow(box, pic.Time))
	return congestion.FitBytes(congestion.Scale(size, step.Side), int(u.maxFrame.Load())-packet.ImageHeadSize)
}

// send encodes pic for one layer and hands it to the connection.
func (u *videoUplink) send(out *transport.SendQueue, pic *frame.Frame, t layerTarget) account.Reason {
	l, err := u.layer(t)
	if err != nil {
		return account.EncodeFailed
	}
	pic = u.resize(pic, t.size)
	b, err := u.encode(l, pic, t)
	if err != nil {
		u.key.Store(true)
		return account.EncodeFailed
	}
	defer b.Release()
	u.logCapture(b.Type(), pic)
	if t.layer == packet.LayerMain {
		u.account.Accept()
	}
	err = out.Send(b)
	if err == nil || t.layer == packet.LayerMain && !u.account.Refuse() {
		return ""
	}
	if errors.Is(err, transport.ErrNeedsKey) {
		u.key.Store(true)
		return account.ReplacedSend
	}
	return account.NoConnection
}

// logCapture writes the documented [CAPTURE] line, at most one a second.
func (u *videoUplink) logCapture(t packet.Type, pic *frame.Frame) {
	now := time.Now()
	if now.Sub(u.logged) < time.Second {
		return
	}
	u.logged = now
	u.log.Debug().Str("type", t.String()).Int("width", pic.Width).Int("height", pic.Height).
		Uint64("frame", u.frames).Bool("connected", u.handle.Connected()).Msg("[CAPTURE]")
}

// chooseCodec returns the codec for viewers that all decode those in theirs: the one named by choice if they do, else the
// best that they do. Raw is understood by everybody.
func chooseCodec(choice string, theirs []string) media.Codec {
	if choice == media.Raw.String() {
		return media.Raw
	}
	for _, id := range codec.Available() {
		if (choice == "auto" || choice == "" || choice == id.String()) && slices.Contains(theirs, id.String()) {
			return id
		}
	}
	if slices.Contains(theirs, media.JPEG.String()) {
		return media.JPEG
	}
	return media.Raw
}
