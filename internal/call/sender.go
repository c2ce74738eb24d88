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
	"acip/media"
	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// sender is the encoding end of the upward pipeline: it takes the newest captured picture whenever the connection can
// take one and somebody looks, makes it the size that is looked at, and encodes it once per layer.
type sender struct {
	feeder   *feeder
	handle   *transport.Handle
	bufs     *packet.Buffers
	counts   *account.Account
	log      zerolog.Logger
	coding   string     // --codec
	most     frame.Size // --capture-size: the own size where nothing is asked
	fps      float64    // --fps; 0 is the source's own rate
	limit    int        // send that many pictures and no more; 0: no limit
	note     func(Note)
	offset   func() time.Duration // what takes this clock to the server's
	maxFrame atomic.Int64

	key      atomic.Bool   // the next pictures must stand alone
	maxBytes atomic.Int64  // bytes of pictures a second that the server takes; 0: not said
	kick     chan struct{} // capacity one: somebody needs a picture that stands alone, now
	held     *shot         // the newest picture captured, for who needs one before the next comes; nil: none yet

	mu   sync.Mutex
	ask  packet.Ask
	self frame.Size // wanted of one's own picture; zero with showSelf false
	show bool
	load congestion.Ladder
	goal goal // what is sent now, for the status line

	boxes  map[int]*congestion.StickySize
	extra  map[int]*congestion.Allowance
	layers map[int]*layer
	pace   congestion.Pacer
	scaled frame.Frame
	scaler frame.Scaler
	logged time.Time
	frames uint64
	short  [shortMost]time.Time // when pictures were last left out for a larger one, newest first
	passed int                  // pictures that the connection took
	full   chan struct{}        // closed when that is the limit
}

// layer is one size of one's own picture and the encoder that has its past.
type layer struct {
	id   media.Codec
	enc  codec.Encoder
	seq  uint32
	size int // bytes of the last picture
	kbps int
	fps  float64
	fine float64 // share of the finest pictures' bytes
	mean float64 // bytes of a picture, smoothed, but for those that stand alone among others that don't
}

// weigh takes a picture's bytes into account. One that stands alone among others that don't is many times as large and says little of
// what the others ask of a link.
func (l *layer) weigh(bytes int, apart bool) {
	switch {
	case apart:
	case l.mean == 0:
		l.mean = float64(bytes)
	default:
		l.mean += (float64(bytes) - l.mean) / 8
	}
}

// weight is the bytes of a picture; a layer that could not be made weighs nothing.
func (l *layer) weight() float64 {
	if l == nil {
		return 0
	}
	return l.mean
}

// goal is what is sent.
type goal struct {
	id   media.Codec
	size frame.Size
	fps  float64
	any  bool

	offered float64 // bytes a second
}

func newSender(f *feeder, h *transport.Handle, bufs *packet.Buffers, c *account.Account) *sender {
	s := &sender{
		feeder: f, handle: h, bufs: bufs, counts: c, layers: map[int]*layer{}, boxes: map[int]*congestion.StickySize{}, extra: map[int]*congestion.Allowance{}, kick: make(chan struct{}, 1),
		note: func(Note) {}, offset: func() time.Duration { return 0 }, full: make(chan struct{}),
	}
	s.load.AllowQualitySteps(true)
	return s
}

// demand takes what the server asks for.
func (s *sender) demand(a packet.Ask) {
	s.mu.Lock()
	grew := a.FPS > 0 && (s.ask.FPS == 0 || len(a.Layers)+len(a.Alternatives) > len(s.ask.Layers)+len(s.ask.Alternatives))
	s.ask = a
	s.mu.Unlock()
	if grew {
		s.wantKey()
	}
	s.aim()
}

// wantKey makes the next picture stand alone, and the last one be sent again where the next does not come soon.
func (s *sender) wantKey() {
	s.key.Store(true)
	signal(s.kick)
}

// asked is what the server asks for now.
func (s *sender) asked() packet.Ask {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ask
}

// mirror says at which size one's own picture is shown here; show false: not at all.
func (s *sender) mirror(size frame.Size, show bool) {
	s.mu.Lock()
	s.self, s.show = size, show
	s.mu.Unlock()
	s.aim()
}

// showing reports whether one's own picture is shown here.
func (s *sender) showing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.show
}

// aim tells the feeder the largest size that anybody needs.
func (s *sender) aim() {
	s.mu.Lock()
	box, want := frame.Size{}, false
	add := func(b frame.Size) {
		if !want {
			box = b
		} else {
			box = congestion.MaxBox(box, b)
		}
		want = true
	}
	if s.ask.FPS > 0 {
		add(congestion.MinBox(frame.Size{W: s.ask.Width, H: s.ask.Height}, s.most))
	}
	if s.show {
		add(congestion.MinBox(s.self, s.most))
	}
	s.mu.Unlock()
	if !want {
		box, _, _ = s.feeder.state() // the next who looks may well want what the last one did
	}
	s.feeder.aim(box, want)
}

// trouble takes the server's word that a picture did not pass in time.
func (s *sender) trouble(now time.Time) {
	s.mu.Lock()
	changed := s.load.StepDown(2, now)
	s.mu.Unlock()
	s.key.Store(true)
	if changed {
		s.announce()
	}
}

// strain is told a few times a second whether the uplink is under pressure: the bytes a second that are offered to it, and
// those that it carries, 0 where it did not have to show.
func (s *sender) strain(bad bool, offered, carried float64, now time.Time) {
	s.mu.Lock()
	changed := s.load.Observe(bad, offered, carried, now)
	s.mu.Unlock()
	if changed {
		s.announce()
	}
}

func (s *sender) announce() {
	s.mu.Lock()
	text := s.load.String()
	s.mu.Unlock()
	if text == "" {
		text = "the link is fast enough again: full size"
	}
	s.note(Note{Kind: NoteInfo, Text: text})
}

// sending is what is sent and why less than asked.
func (s *sender) sending() (g goal, limited string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.goal, s.load.String()
}

// repeatAfter is the age at which the last picture is sent again to who needs one: the next of a source of ten pictures a
// second or more comes sooner.
const repeatAfter = 100 * time.Millisecond

// run encodes until ctx ends. The caller must call close afterwards.
func (s *sender) run(ctx context.Context) {
	var due <-chan time.Time
	for ctx.Err() == nil {
		// What waits behind a picture that is being written grows old: the newest is encoded when it can go out.
		if out := s.handle.Queue(); out != nil && !out.Empty() {
			s.feeder.clumsy.Store(true)
			_ = out.Flush(ctx) // where the connection has ended, process says so
		}
		pic, ok := s.feeder.newest.Take()
		s.feeder.clumsy.Store(false)
		if ok {
			s.take(pic)
			continue
		}
		select {
		case <-s.feeder.newest.Wake():
		case <-s.kick:
			if s.held != nil {
				due = time.After(repeatAfter - time.Since(s.held.Time))
			}
		case <-due:
			s.repeat()
			due = nil
		case <-ctx.Done():
		}
	}
}

// take sends a captured picture and keeps it.
func (s *sender) take(pic *shot) {
	if r := s.process(pic, false); r != "" {
		s.counts.DropUp(r)
	}
	if s.held != nil {
		s.feeder.idle <- s.held
	}
	s.held = pic
}

// repeat sends the last picture again where one that stands alone is still wanted, as captured now: the source shows it
// until its next.
func (s *sender) repeat() {
	_, _, on := s.feeder.state()
	if s.held == nil || !on || !s.key.Load() || s.limit > 0 || s.asked().FPS <= 0 || s.handle.Queue() == nil {
		return
	}
	s.held.Time = time.Now()
	s.counts.Capture()
	if r := s.process(s.held, true); r != "" {
		s.counts.DropUp(r)
	}
}

// close counts what was captured and not sent, and frees the encoders. Neither the feeder nor run may be at work.
func (s *sender) close() {
	for pic, ok := s.feeder.newest.Take(); ok; pic, ok = s.feeder.newest.Take() {
		s.counts.DropUp(account.Ended)
		s.feeder.idle <- pic
	}
	if s.held != nil {
		s.feeder.idle <- s.held
		s.held = nil
	}
	for _, l := range s.layers {
		_ = l.enc.Close() // frees memory, cannot fail in a way that matters here
	}
}

// process sends one captured picture, or says why not. A repeated one is sent whatever the rate.
func (s *sender) process(shot *shot, repeated bool) account.Reason {
	pic := &shot.Frame
	s.frames++
	out := s.handle.Queue()
	if out == nil {
		return account.NoConnection
	}
	if s.limit > 0 && s.passed >= s.limit {
		return account.Ended
	}
	ask := s.asked()
	if ask.FPS <= 0 {
		return account.NoDemand
	}
	if !repeated && shot.undersized(congestion.MinBox(frame.Size{W: ask.Width, H: ask.Height}, s.most)) && s.waits(pic.Time) {
		return account.Resized
	}
	s.mu.Lock()
	step := s.load.Step()
	s.mu.Unlock()
	fps := s.rate(float64(ask.FPS), step)
	if !s.pace.Pass(pic.Time, fps) && !repeated {
		return account.RateLimited
	}
	if out.KeyWanted() {
		s.key.Store(true)
	}
	key := s.key.Swap(false)
	return s.sendLayers(out, pic, ask, step, fps, key)
}

// shortMost is how many pictures within a second are left out because a larger one is on its way: as many as were captured
// for the last demand when a new one comes. More would let a demand that goes on growing stop the picture.
const shortMost = 2

// waits reports whether a picture taken at t that is smaller than what is asked for may be left out.
func (s *sender) waits(t time.Time) bool {
	oldest := s.short[len(s.short)-1]
	if !oldest.IsZero() && t.Sub(oldest) < time.Second {
		return false
	}
	copy(s.short[1:], s.short[:])
	s.short[0] = t
	return true
}

// rate is the pictures a second to be sent where so many are asked for: no more than the person allows, the link carries,
// and the server takes in bytes, with a tenth to spare.
func (s *sender) rate(asked float64, step congestion.Step) float64 {
	if s.fps > 0 {
		asked = min(asked, s.fps)
	}
	asked *= step.Rate
	if most, weight := float64(s.maxBytes.Load()), s.layers[packet.LayerMain].weight(); most > 0 && weight > 0 {
		asked = min(asked, 0.9*most/weight)
	}
	return asked
}

// sendLayers sends the main picture and its smaller twins.
func (s *sender) sendLayers(out *transport.SendQueue, pic *frame.Frame, ask packet.Ask, step congestion.Step, fps float64, key bool) account.Reason {
	id := chooseCodec(s.coding, ask.Codecs)
	main := congestion.MinBox(frame.Size{W: ask.Width, H: ask.Height}, s.most)
	if id == media.Raw && s.coding != media.Raw.String() {
		main = congestion.MinBox(main, forcedRaw)
	}
	offered := 0.0
	if id != media.Raw {
		s.sendAlternatives(out, pic, ask.Alternatives, fps, key)
		for _, l := range ask.Layers {
			if l.ID == 0 || l.ID >= media.MaxLayers || l.FPS <= 0 {
				continue
			}
			box := frame.Size{W: l.Width, H: l.Height}
			_ = s.send(out, pic, target{int(l.ID), id, s.target(int(l.ID), pic, box, step), fps, step.Quality, key}) // the main one decides
			offered += s.layers[int(l.ID)].weight()
		}
	}
	t := target{0, id, s.target(0, pic, main, step), fps, step.Quality, key}
	r := s.send(out, pic, t)
	if r == "" {
		s.passed++
		if s.passed == s.limit {
			close(s.full)
		}
	}
	s.mu.Lock()
	s.goal = goal{id: id, size: t.size, fps: fps, any: true, offered: (offered + s.layers[0].weight()) * fps}
	s.load.AllowQualitySteps(id != media.Raw)
	s.mu.Unlock()
	return r
}

// forcedRaw is the largest raw picture sent because no viewer decodes anything else: 55 Mbit/s at 30 a second. Whoever
// chooses raw is not held to it.
var forcedRaw = frame.Size{W: 320, H: 240}

// target is one layer as it is to be sent.
type target struct {
	layer int
	id    media.Codec
	size  frame.Size
	fps   float64
	fine  float64
	key   bool
}

// target is the size of pic for a box: held against wobbling, narrowed by the link's state and the server's limit.
func (s *sender) target(l int, pic *frame.Frame, box frame.Size, step congestion.Step) frame.Size {
	h := s.boxes[l]
	if h == nil {
		h = &congestion.StickySize{}
		s.boxes[l] = h
	}
	size := frame.Within(pic.Size(), h.Follow(box, pic.Time))
	return congestion.FitBytes(congestion.Scale(size, step.Side), int(s.maxFrame.Load())-packet.ImageHeadSize)
}

// send encodes pic for one layer and hands it to the connection.
func (s *sender) send(out *transport.SendQueue, pic *frame.Frame, t target) account.Reason {
	l, err := s.layer(t)
	if err != nil {
		return account.EncodeFailed
	}
	pic = s.resize(pic, t.size)
	b, err := s.encode(l, pic, t)
	if err != nil {
		s.key.Store(true)
		return account.EncodeFailed
	}
	defer b.Release()
	s.logCapture(b.Type(), pic)
	if t.layer == 0 {
		s.counts.Accept()
	}
	err = out.Send(b)
	if err == nil || t.layer == 0 && !s.counts.Refuse() {
		return ""
	}
	if errors.Is(err, transport.ErrNeedsKey) {
		s.key.Store(true)
		return account.ReplacedSend
	}
	return account.NoConnection
}

// resize is pic itself or a scaled copy that lives until the next call.
func (s *sender) resize(pic *frame.Frame, size frame.Size) *frame.Frame {
	if pic.Size() == size {
		return pic
	}
	s.scaled.Resize(size.W, size.H)
	s.scaled.Time, s.scaled.Seq = pic.Time, pic.Seq
	s.scaler.Scale(&s.scaled, frame.Rect{W: size.W, H: size.H}, pic, frame.Rect{W: pic.Width, H: pic.Height})
	return &s.scaled
}

// layer is the encoder of a layer, made anew when the coding changes.
func (s *sender) layer(t target) (*layer, error) {
	l := s.layers[t.layer]
	if l != nil && l.id == t.id {
		if l.fps != t.fps {
			l.fps = t.fps
			l.enc.SetRate(l.kbps, t.fps)
		}
		if l.fine != t.fine {
			l.fine = t.fine
			l.enc.SetShare(t.fine)
		}
		return l, nil
	}
	enc, err := codec.NewEncoder(t.id, codec.Options{FPS: t.fps})
	if err != nil {
		return nil, err
	}
	var seq uint32
	if l != nil {
		seq = l.seq
		_ = l.enc.Close() // frees memory
	}
	enc.SetShare(t.fine)
	l = &layer{id: t.id, enc: enc, seq: seq, fps: t.fps, fine: t.fine}
	s.layers[t.layer] = l
	return l, nil
}

// encode makes a sealed packet of pic, one reference.
func (s *sender) encode(l *layer, pic *frame.Frame, t target) (*packet.Buffer, error) {
	head := packet.VideoHeadSize
	if l.id == media.Raw {
		head, l.size = packet.ImageHeadSize, len(pic.Pix)
	}
	b := s.bufs.Get(head + max(l.size*2, 4096))
	room := b.Payload()
	body, flags, err := l.enc.Encode(room[:head], pic, t.key)
	if err != nil {
		b.Release()
		return nil, err
	}
	b.Adopt(body)
	l.size = len(body) - head
	l.weigh(packet.HeaderSize+len(body), flags.Has(media.Key) && l.id == media.VP8)
	taken := time.Now().Add(s.offset() - time.Since(pic.Time)) // by now and the monotonic clock: the other may have stepped since
	if l.id == media.Raw {
		packet.ImageHead{
			Width: uint32(pic.Width), Height: uint32(pic.Height), Format: packet.FormatRGB24, Time: uint32(taken.UnixMilli()),
		}.Put(b.Payload())
		var mark uint32
		if t.layer == packet.LayerRaw {
			mark = packet.ClientRaw
		}
		b.Finish(packet.ImageFrame, mark)
		return b, nil
	}
	l.seq++
	packet.VideoHead{
		Codec: l.id, Flags: flags, Width: uint16(pic.Width), Height: uint16(pic.Height),
		Layer: uint16(t.layer), Seq: l.seq, Time: uint64(taken.UnixMicro()),
	}.Put(b.Payload())
	b.Finish(packet.VideoFrame, 0)
	return b, nil
}

// logCapture writes the contract's line, at most one a second.
func (s *sender) logCapture(t packet.Type, pic *frame.Frame) {
	now := time.Now()
	if now.Sub(s.logged) < time.Second {
		return
	}
	s.logged = now
	s.log.Debug().Str("type", t.String()).Int("width", pic.Width).Int("height", pic.Height).
		Uint64("frame", s.frames).Bool("connected", s.handle.Connected()).Msg("[CAPTURE]")
}

// chooseCodec is the coding for viewers that all decode theirs: what was asked for if they do, else the best that they
// do. Raw is understood by everybody.
func chooseCodec(wish string, theirs []string) media.Codec {
	if wish == "raw" {
		return media.Raw
	}
	for _, id := range codec.Available() {
		if (wish == "auto" || wish == "" || wish == id.String()) && slices.Contains(theirs, id.String()) {
			return id
		}
	}
	if slices.Contains(theirs, media.JPEG.String()) {
		return media.JPEG
	}
	return media.Raw
}
