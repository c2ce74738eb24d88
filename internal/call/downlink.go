package call

import (
	"sync"
	"time"

	"acip/codec"
	"acip/frame"
	"acip/internal/account"
	"acip/media"
	"acip/packet"
)

// downlinkConfig is what a downlink needs.
type downlinkConfig struct {
	out         Output
	account     *account.Account
	blind       bool                 // pictures are counted and not decoded
	transform   Transform            // undone before decoding; may be nil
	clockOffset func() time.Duration // what to add to this clock to get the server's
	requestKey  func(id uint32)      // asks a sender for a keyframe
}

// downlink is the decoding end of the way down, and the roster. Its methods are called by the connection's reader alone;
// list, names, member, arrivals and report may be called by others too.
type downlink struct {
	downlinkConfig

	decoded       int    // bytes of decoded pictures
	opened        []byte // payload behind the transform, reused
	fullAnnounced bool   // that there are more than maxPeers

	unlisted map[uint32]bool // members of an earlier connection that the new roster has not listed yet
	more     int             // members of the roster that are still to come

	mu    sync.Mutex
	met   []string // names of all members so far, in order, the first maxMet
	peers map[uint32]*remote
	ages  map[uint32]time.Duration // of the newest picture on arrival
}

// remote is another member.
type remote struct {
	peer         Peer
	seq          uint64 // of raw pictures, which carry no number
	layers       map[uint16]*remoteLayer
	pic          frame.Frame
	keyRequested time.Time
}

// remoteLayer is the decoder of one simulcast layer, and what it has seen.
type remoteLayer struct {
	id  media.Codec
	dec codec.Decoder
	media.Dependency
}

// keyRequestEvery bounds how often a keyframe is requested from one sender.
const keyRequestEvery = 500 * time.Millisecond

func newDownlink(c downlinkConfig) *downlink {
	return &downlink{downlinkConfig: c, peers: map[uint32]*remote{}, ages: map[uint32]time.Duration{}}
}

// picture takes a received picture.
func (d *downlink) picture(b *packet.Buffer) {
	id := b.Client()
	d.mu.Lock()
	p := d.peers[id]
	d.mu.Unlock()
	d.account.Receive(id, b.Len())
	if p == nil {
		d.account.DropDown(id, account.Unwanted) // the sender has left
		return
	}
	had := cap(p.pic.Pix)
	reason := d.decode(p, b)
	if d.decoded += cap(p.pic.Pix) - had; reason != "" {
		d.account.DropDown(id, reason)
		return
	}
	age := time.Since(p.pic.Time)
	d.mu.Lock()
	d.ages[id] = age
	d.mu.Unlock()
	d.out.Picture(id, &p.pic)
}

// captureTime converts a capture time on the server's clock to this machine's monotonic clock. The result is never in the
// future: the offset is only known to within half a round trip.
func (d *downlink) captureTime(at time.Time) time.Time {
	now := time.Now()
	return now.Add(-max(0, now.Add(d.clockOffset()).Sub(at)))
}

// decode fills p.pic, or returns the reason why not.
func (d *downlink) decode(p *remote, b *packet.Buffer) account.Reason {
	if b.Type() == packet.ImageFrame {
		return d.decodeImage(p, b.Payload())
	}
	head, data, err := packet.ParseVideo(b.Payload(), 0)
	if err != nil || !accepts(d.transform, head.Flags) {
		return account.DecodeFailed
	}
	l := p.layer(head)
	if l == nil {
		return account.DecodeFailed
	}
	d.account.Missing(p.peer.ID, uint64(l.Missing(head.Seq)))
	ok, needKey := l.Receive(head.Seq, head.Flags)
	if needKey {
		d.needKey(p)
	}
	if !ok {
		return account.NoKey
	}
	if !d.mayDecode(p, int(head.Width), int(head.Height)) {
		l.Drop(head.Flags)
		return account.DecodeFailed
	}
	p.pic.Seq = uint64(head.Seq)
	p.pic.Time = d.captureTime(time.UnixMicro(int64(head.Time)))
	if d.blind {
		p.pic.Resize(0, 0)
		return ""
	}
	data, err = d.open(b.Payload(), data)
	if err == nil {
		err = l.dec.Decode(&p.pic, data, frame.Size{W: int(head.Width), H: int(head.Height)})
	}
	if err != nil {
		if l.Drop(head.Flags) {
			d.needKey(p)
		}
		return account.DecodeFailed
	}
	return ""
}

// open undoes the transform of a frame. The result lives until the next call.
func (d *downlink) open(payload, data []byte) ([]byte, error) {
	if d.transform == nil {
		return data, nil
	}
	opened, err := d.transform.Open(d.opened[:0], payload[:packet.VideoHeadSize], data)
	if err == nil {
		d.opened = opened
	}
	return opened, err
}

// decodeImage is decode for raw pictures.
func (d *downlink) decodeImage(p *remote, payload []byte) account.Reason {
	head, pix, err := packet.ParseImage(payload)
	if err != nil || d.transform != nil {
		return account.DecodeFailed
	}
	p.seq++
	p.pic.Seq = p.seq
	p.pic.Time = d.captureTime(packet.ImageTime(head.Time, time.Now().Add(d.clockOffset())))
	if d.blind {
		p.pic.Resize(0, 0)
		return ""
	}
	if !d.mayDecode(p, int(head.Width), int(head.Height)) {
		return account.DecodeFailed
	}
	p.pic.Resize(int(head.Width), int(head.Height))
	copy(p.pic.Pix, pix)
	return ""
}

// mayDecode reports whether the picture of a peer may grow to a size within maxDecoded.
func (d *downlink) mayDecode(p *remote, w, h int) bool {
	return d.blind || d.decoded+3*w*h-cap(p.pic.Pix) <= maxDecoded
}

// needKey requests a keyframe, not more often than the server would pass it on.
func (d *downlink) needKey(p *remote) {
	if now := time.Now(); now.Sub(p.keyRequested) >= keyRequestEvery {
		p.keyRequested = now
		d.requestKey(p.peer.ID)
	}
}

// layer returns the layer of a frame, with a new decoder if the codec changed; nil if this build has none.
func (p *remote) layer(h packet.VideoHead) *remoteLayer {
	l := p.layers[h.Layer]
	if l != nil && l.id == h.Codec {
		return l
	}
	dec, err := codec.NewDecoder(h.Codec)
	if err != nil {
		return nil
	}
	if l != nil {
		_ = l.dec.Close() // frees memory
	} else if len(p.layers) >= media.MaxLayers {
		return nil // no real sender has that many
	}
	l = &remoteLayer{id: h.Codec, dec: dec}
	p.layers[h.Layer] = l
	return l
}

// close frees the decoders of a member.
func (p *remote) close() {
	for _, l := range p.layers {
		_ = l.dec.Close() // frees memory
	}
	clear(p.layers)
}

// close frees all decoders; no picture may come afterwards.
func (d *downlink) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.peers {
		p.close()
	}
}
