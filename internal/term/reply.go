package term

import (
	"strconv"
	"strings"
)

// replyKind says which question a reply answers.
type replyKind uint8

// The replies that are understood; all others are swallowed as Unknown.
const (
	unknownReply    replyKind = iota
	statusReply               // CSI 0 n
	positionReply             // CSI row ; column R: Params
	attributesReply           // CSI ? … c: Params
	cellSizeReply             // CSI 6 ; height ; width t: Params without the 6
	modeReply                 // CSI ? mode ; state $ y: Params
	styleReply                // DCS 1 $ r style m ST: Text is the style, empty when refused
	colorReply                // OSC 11 ; colour ST: Text is the colour
	kittyReply                // APC G … ; message ST: Text is the message
	versionReply              // DCS > | name ST: Text is the name
	deviceReply               // CSI > type ; version ; … c: Params
)

// reply is one answer of the terminal.
type reply struct {
	Kind   replyKind
	Params []int
	Text   string
}

// numbers parses "1;2:3": empty and overlong numbers are 0, anything after the sixteenth is dropped.
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

// controlReply reads a control sequence that is no key; private is its leading mark or 0.
func controlReply(private byte, params, middle string, final byte) reply {
	list := numbers(params)
	switch {
	case final == 'n' && private == 0 && len(list) == 1:
		return reply{Kind: statusReply, Params: list}
	case final == 'R' && private == 0 && len(list) == 2:
		return reply{Kind: positionReply, Params: list}
	case final == 'c' && private == '?':
		return reply{Kind: attributesReply, Params: list}
	case final == 'c' && private == '>' && len(list) >= 2:
		return reply{Kind: deviceReply, Params: list}
	case final == 't' && private == 0 && len(list) == 3 && list[0] == 6:
		return reply{Kind: cellSizeReply, Params: list[1:]}
	case final == 'y' && private == '?' && middle == "$" && len(list) == 2:
		return reply{Kind: modeReply, Params: list}
	}
	return reply{}
}

// stringReply reads a string sequence; kind is the byte after ESC.
func stringReply(kind byte, body string) reply {
	switch kind {
	case 'P':
		if style, ok := strings.CutPrefix(body, "1$r"); ok {
			return reply{Kind: styleReply, Text: style}
		}
		if strings.HasPrefix(body, "0$r") {
			return reply{Kind: styleReply}
		}
		if name, ok := strings.CutPrefix(body, ">|"); ok {
			return reply{Kind: versionReply, Text: name}
		}
	case ']':
		if color, ok := strings.CutPrefix(body, "11;"); ok {
			return reply{Kind: colorReply, Text: color}
		}
	case '_':
		if _, message, ok := strings.Cut(body, ";"); ok && strings.HasPrefix(body, "G") {
			return reply{Kind: kittyReply, Text: message}
		}
	}
	return reply{}
}
