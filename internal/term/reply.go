package term

import (
	"strconv"
	"strings"
)

// ReplyKind says which question a reply answers.
type ReplyKind uint8

// The replies that are understood; all others are swallowed as Unknown.
const (
	UnknownReply    ReplyKind = iota
	StatusReply               // CSI 0 n
	PositionReply             // CSI row ; column R: Params
	AttributesReply           // CSI ? … c: Params
	CellSizeReply             // CSI 6 ; height ; width t: Params without the 6
	ModeReply                 // CSI ? mode ; state $ y: Params
	StyleReply                // DCS 1 $ r style m ST: Text is the style, empty when refused
	ColorReply                // OSC 11 ; colour ST: Text is the colour
	KittyReply                // APC G … ; message ST: Text is the message
	VersionReply              // DCS > | name ST: Text is the name
)

// Reply is one answer of the terminal.
type Reply struct {
	Kind   ReplyKind
	Params []int
	Text   string
}

// numbers parses "1;2:3": empty and overlong numbers are 0, anything after
// the sixteenth is dropped.
func numbers(s string) []int {
	if s == "" {
		return nil
	}
	fields := strings.SplitN(s, ";", 17)
	list := make([]int, 0, min(len(fields), 16))
	for _, f := range fields[:min(len(fields), 16)] {
		f, _, _ = strings.Cut(f, ":")
		n, err := strconv.Atoi(f)
		if err != nil || n < 0 || n > 1<<20 {
			n = 0
		}
		list = append(list, n)
	}
	return list
}

// controlReply reads a control sequence that is no key; private is its
// leading mark or 0.
func controlReply(private byte, params, middle string, final byte) Reply {
	list := numbers(params)
	switch {
	case final == 'n' && private == 0 && len(list) == 1:
		return Reply{Kind: StatusReply, Params: list}
	case final == 'R' && private == 0 && len(list) == 2:
		return Reply{Kind: PositionReply, Params: list}
	case final == 'c' && private == '?':
		return Reply{Kind: AttributesReply, Params: list}
	case final == 't' && private == 0 && len(list) == 3 && list[0] == 6:
		return Reply{Kind: CellSizeReply, Params: list[1:]}
	case final == 'y' && private == '?' && middle == "$" && len(list) == 2:
		return Reply{Kind: ModeReply, Params: list}
	}
	return Reply{}
}

// stringReply reads a string sequence; kind is the byte after ESC.
func stringReply(kind byte, body string) Reply {
	switch kind {
	case 'P':
		if style, ok := strings.CutPrefix(body, "1$r"); ok {
			return Reply{Kind: StyleReply, Text: style}
		}
		if strings.HasPrefix(body, "0$r") {
			return Reply{Kind: StyleReply}
		}
		if name, ok := strings.CutPrefix(body, ">|"); ok {
			return Reply{Kind: VersionReply, Text: name}
		}
	case ']':
		if color, ok := strings.CutPrefix(body, "11;"); ok {
			return Reply{Kind: ColorReply, Text: color}
		}
	case '_':
		if _, message, ok := strings.Cut(body, ";"); ok && strings.HasPrefix(body, "G") {
			return Reply{Kind: KittyReply, Text: message}
		}
	}
	return Reply{}
}
