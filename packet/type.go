package packet

import "strconv"

// Type is a packet's type, the u16 at offset 8 of the header.
type Type uint16

// The types that are spoken. Numbers below 7000 are ascii-chat's and mean the same here; 1, 1000–1203, 3000, 3002,
// 4000, 4001, 5000, 5007, 5008 and 6000–6199 are kept free for meeting it.
const (
	TextMessage  Type = 2002 // member → room: Text
	ErrorMessage Type = 2003 // server → client: ErrorBody
	ImageFrame   Type = 3001 // sender → room: ImageHead, then RGB24 rows from the top
	Ping         Type = 5001 // either way: u64 the asker's clock in µs
	Pong         Type = 5002 // either way: that number back, then u64 the answerer's clock in µs
	ClientJoin   Type = 5003 // server → room: Member
	ClientLeave  Type = 5004 // server → room: Leave
	StreamStart  Type = 5005 // sender → room: u32 StreamVideo
	StreamStop   Type = 5006 // sender → room: u32 StreamVideo
	HelloType    Type = 7000 // client → server, first: Hello
	WelcomeType  Type = 7001 // server → client: Welcome
	VideoFrame   Type = 7010 // sender → room: VideoHead, then the codec's bytes
	AudioFrame   Type = 7020 // reserved for sound; no version sends it yet
	Demand       Type = 7011 // viewer → server: Wish; server → sender: Ask
	KeyRequest   Type = 7012 // viewer → server → sender: Key
	ReportType   Type = 7013 // viewer → server: Report
)

// String returns the type's name as in PROTOCOL.md, for example IMAGE_FRAME; of an unknown type its number.
func (t Type) String() string {
	switch t {
	case TextMessage:
		return "TEXT_MESSAGE"
	case ErrorMessage:
		return "ERROR_MESSAGE"
	case ImageFrame:
		return "IMAGE_FRAME"
	case Ping:
		return "PING"
	case Pong:
		return "PONG"
	case ClientJoin:
		return "CLIENT_JOIN"
	case ClientLeave:
		return "CLIENT_LEAVE"
	case StreamStart:
		return "STREAM_START"
	case StreamStop:
		return "STREAM_STOP"
	case HelloType:
		return "HELLO"
	case WelcomeType:
		return "WELCOME"
	case VideoFrame:
		return "VIDEO_FRAME"
	case Demand:
		return "DEMAND"
	case KeyRequest:
		return "KEY_REQUEST"
	case ReportType:
		return "REPORT"
	}
	return strconv.Itoa(int(t))
}

// Known reports whether this version speaks the type. Others are ignored and counted.
func (t Type) Known() bool { return t.String()[0] > '9' }

// Class says how a packet is queued. Lower classes are sent first.
type Class uint8

// The classes of packets, in the order in which they are sent.
const (
	Control Class = iota // never dropped; at most MaxControl bytes
	Audio                // first in, first out, with a bound in time
	Video                // newest only
)

// Class returns the packet type's class.
func (t Type) Class() Class {
	switch t {
	case ImageFrame, VideoFrame:
		return Video
	case AudioFrame:
		return Audio
	}
	return Control
}

// Limit returns the longest payload in bytes that a packet of this type may declare. maxFrame is the limit for pictures
// (0: DefaultMaxFrame).
func (t Type) Limit(maxFrame int) int {
	if t.Class() != Video {
		return MaxControl
	}
	if maxFrame <= 0 {
		return DefaultMaxFrame
	}
	return maxFrame
}
