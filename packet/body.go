package packet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"acip/media"
)

// Hello is a client's first packet.
type Hello struct {
	Protocol int      `json:"protocol"`
	Room     string   `json:"room"`
	Name     string   `json:"name"`
	Role     string   `json:"role"`            // RoleJoin or RoleWatch
	Codecs   []string `json:"codecs"`          // what it can decode, best first
	Demand   bool     `json:"demand"`          // it will say what it wants to see, and wants nothing before
	Resume   string   `json:"resume"`          // the secret of an old session to be taken over
	Token    string   `json:"token"`           // opaque
	Agent    string   `json:"agent,omitempty"` // program and version
}

// Welcome is the server's answer to Hello.
type Welcome struct {
	Protocol int      `json:"protocol"`
	ID       uint32   `json:"id"`
	Name     string   `json:"name"` // the name given, unique in the room
	Resume   string   `json:"resume"`
	Room     string   `json:"room"`
	Slots    Slots    `json:"slots"`
	Members  []Member `json:"members"`        // the others in the room, or the first of them
	More     int      `json:"more,omitempty"` // how many of the others follow, each in a CLIENT_JOIN
	Limits   Limits   `json:"limits"`
}

// Slots counts the server's places.
type Slots struct {
	Total int `json:"total"`
	Used  int `json:"used"`
}

// Limits are the server's, as far as clients need them.
type Limits struct {
	MaxFrameBytes       int   `json:"max_frame_bytes"`
	MaxBytes            int   `json:"max_bytes,omitempty"` // of pictures from one connection, a second; 0: not said
	ReassemblyTimeoutMS int64 `json:"reassembly_timeout_ms"`
	RetryAfterS         int   `json:"retry_after_s,omitempty"` // to stay away for when the server goes (1001); 0: at once
}

// Member is somebody in the room: in Welcome, and alone in CLIENT_JOIN.
type Member struct {
	ID     uint32   `json:"id"`
	Name   string   `json:"name"`
	Role   string   `json:"role"`
	Codecs []string `json:"codecs,omitempty"`
	Paused bool     `json:"paused,omitempty"`
}

// Leave says who left and why, in CLIENT_LEAVE. Programs go by Code; Reason is for people. Older servers send no code: 0.
type Leave struct {
	ID     uint32 `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Code   Code   `json:"code,omitempty"` // how the member's connection ended
}

// Want is a viewer's request of one sender's video. Width and Height are a box in pixels: the aspect is kept, nothing is
// scaled up, 0 means the sender's own size. A rate that is left out is the sender's own; 0 in JSON is media.Off.
type Want struct {
	ID     uint32     `json:"id"`
	Width  int        `json:"width,omitempty"`
	Height int        `json:"height,omitempty"`
	FPS    media.Rate `json:"fps,omitzero"`
}

// Wish is a viewer's DEMAND: all that it requests, replacing the last one.
type Wish struct {
	Streams []Want `json:"streams"`
}

// AskNative in an Ask, whose rates are always written, is the sender's own rate: no sender has a higher one.
const AskNative = 240

// Ask is the server's DEMAND to a sender: the most that any viewer requests of it. FPS 0 means that nobody is watching,
// AskNative the sender's own rate.
type Ask struct {
	Width  int        `json:"width"`
	Height int        `json:"height"`
	FPS    int        `json:"fps"`
	Codecs []string   `json:"codecs"`           // of the main picture and its smaller layer, best first
	Layers []AskLayer `json:"layers,omitempty"` // further sizes

	// Alternatives are further layers, each in a codec of its own, for viewers that do not decode the main picture.
	Alternatives []Alternative `json:"alternatives,omitempty"`
}

// AskLayer is a further size of the main picture, in the same codec.
type AskLayer struct {
	Layer  uint32 `json:"id"`              // LayerSmall
	Width  int    `json:"width,omitempty"` // a box in pixels, as in Want
	Height int    `json:"height,omitempty"`
	FPS    int    `json:"fps"`
}

// Alternative is a layer in another codec than the main picture's.
type Alternative struct {
	Layer  uint32 `json:"id"`    // LayerJPEG or LayerRaw
	Codec  string `json:"codec"` // "jpeg" or "raw"
	Width  int    `json:"width"` // a box in pixels, as in Want
	Height int    `json:"height"`
	FPS    int    `json:"fps"`
	Kbps   int    `json:"kbps"` // the most that the layer may take, in kbit/s
}

// Numbers of layers. An IMAGE_FRAME has no field for its layer: a sender marks one of LayerRaw by ClientRaw in the header,
// which the server overwrites with the sender's id.
const (
	LayerMain = iota
	LayerSmall
	LayerJPEG
	LayerRaw
)

// ClientRaw in place of a client's id says that an IMAGE_FRAME is the sender's LayerRaw. No client ever has that id.
const ClientRaw = 0xffff0003

// Key asks the sender with that id for a keyframe.
type Key struct {
	ID uint32 `json:"id"`
}

// Report is what a viewer got, so that others can adapt.
type Report struct {
	Streams []StreamReport `json:"streams"`
}

// StreamReport is what a viewer got of one sender since it joined.
type StreamReport struct {
	ID       uint32 `json:"id"`
	Received uint64 `json:"received"`
	Drawn    uint64 `json:"drawn"`
	Dropped  uint64 `json:"dropped"`
	AgeMS    int64  `json:"age_ms"` // of the newest picture
}

// Text is a chat message.
type Text struct {
	Text string `json:"text"`
}

// MarshalJSON writes an empty roster as [], never as null.
func (w Welcome) MarshalJSON() ([]byte, error) {
	type plain Welcome
	if w.Members == nil {
		w.Members = []Member{}
	}
	return marshal(plain(w))
}

// MarshalJSON writes an empty wish as [], never as null.
func (w Wish) MarshalJSON() ([]byte, error) {
	type plain Wish
	if w.Streams == nil {
		w.Streams = []Want{}
	}
	return marshal(plain(w))
}

// marshal is json.Marshal without escapes for HTML, which turn one byte into six.
func marshal(body any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// checker is a body that can check itself.
type checker interface{ check() error }

func (h Hello) check() error {
	switch {
	case h.Protocol != Protocol:
		return fmt.Errorf("%w: protocol version %d, this is %d", ErrBody, h.Protocol, Protocol)
	case !ValidRoom(h.Room):
		return fmt.Errorf("%w: a room is 1 to %d letters, digits, '-', '_' and '.'", ErrBody, MaxRoom)
	case h.Role != RoleJoin && h.Role != RoleWatch:
		return fmt.Errorf("%w: a role is %s or %s", ErrBody, RoleJoin, RoleWatch)
	case len(h.Codecs) > 32:
		return fmt.Errorf("%w: too many codecs", ErrBody)
	}
	return nil
}

func (w Wish) check() error {
	for _, s := range w.Streams {
		if err := s.check(); err != nil {
			return err
		}
	}
	return nil
}

func (w Want) check() error { return box(w.Width, w.Height, int(max(w.FPS, 0))) }

func (a Ask) check() error {
	for _, l := range a.Layers {
		if err := box(l.Width, l.Height, l.FPS); err != nil {
			return err
		}
	}
	for _, l := range a.Alternatives {
		if err := box(l.Width, l.Height, l.FPS); err != nil {
			return err
		}
	}
	return box(a.Width, a.Height, a.FPS)
}

func (t Text) check() error {
	if utf8.RuneCountInString(t.Text) > MaxText {
		return fmt.Errorf("%w: a text is at most %d characters", ErrBody, MaxText)
	}
	return nil
}

// box checks a size and a rate of a DEMAND. Large sizes are harmless, since nothing is scaled up, but must not overflow
// when multiplied.
func box(w, h, fps int) error {
	const most = 1 << 20
	if w < 0 || h < 0 || fps < 0 || w > most || h > most || fps > most {
		return fmt.Errorf("%w: a demand of %dx%d at %d", ErrBody, w, h, fps)
	}
	return nil
}

// JSON returns a finished packet with body as its payload and one reference. Bodies are the structs of this package.
// The error is ErrTooBig for a body above MaxControl, or that of encoding/json.
func (p *Buffers) JSON(t Type, client uint32, body any) (*Buffer, error) {
	text, err := marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", t, err)
	}
	if len(text) > MaxControl {
		return nil, fmt.Errorf("encode %s: %w", t, ErrTooBig)
	}
	b := p.Get(len(text))
	copy(b.Payload(), text)
	b.Finish(t, client)
	return b, nil
}

// Unmarshal reads a packet's JSON body. It ignores unknown members. It returns ErrBody, with the reason, if the payload
// is not one UTF-8 JSON object or holds what its kind may not: a wrong version, room or role, or a negative size.
func Unmarshal[T any](b *Buffer) (T, error) { return UnmarshalBody[T](b.Payload()) }

// UnmarshalBody is Unmarshal for a payload without its buffer.
func UnmarshalBody[T any](payload []byte) (T, error) {
	var v, zero T
	if text := bytes.TrimLeft(payload, " \t\r\n"); len(text) == 0 || text[0] != '{' {
		return zero, fmt.Errorf("%w: no JSON object", ErrBody)
	}
	if !utf8.Valid(payload) {
		return zero, fmt.Errorf("%w: not UTF-8", ErrBody)
	}
	if err := json.Unmarshal(payload, &v); err != nil {
		return zero, fmt.Errorf("%w: %s", ErrBody, CleanText(err.Error()))
	}
	if c, ok := any(v).(checker); ok {
		if err := c.check(); err != nil {
			return zero, err
		}
	}
	return v, nil
}

// ParseWelcome reads the answer to a HELLO. If it returns done false without an error, the packet was something else. A
// refusal is a CloseError with a cleaned reason.
func ParseWelcome(p *Buffer) (w Welcome, done bool, err error) {
	switch p.Type() {
	case WelcomeType:
		w, err = Unmarshal[Welcome](p)
		return w, err == nil, err
	case ErrorMessage:
		e, err := ParseError(p.Payload())
		if err != nil {
			return w, false, err
		}
		return w, false, CloseError{Code: e.Code, Reason: CleanText(e.Message), Remote: true}
	}
	return w, false, nil
}
