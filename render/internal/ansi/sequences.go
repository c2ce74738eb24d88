package ansi

// The escape sequences that pictures need, each named once. See ECMA-48 and
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html.
const (
	CSI       = "\x1b["
	Home      = "\x1b[H"      // CUP: cursor to the top left
	ClearAll  = "\x1b[2J"     // ED: blank the whole screen in the current background
	Reset     = "\x1b[m"      // SGR: the terminal's own colours, no attributes
	WrapOff   = "\x1b[?7l"    // DECAWM: the last column no longer moves the cursor on
	WrapOn    = "\x1b[?7h"    // DECAWM
	SyncBegin = "\x1b[?2026h" // begin of a synchronized update
	SyncEnd   = "\x1b[?2026l" // its end: the terminal draws

	Escape        = 0x1b
	StringEnd     = "\x1b\\"     // ST: end of a string
	KittyBegin    = "\x1b_G"     // APC G: kitty graphics, up to ST
	SixelBegin    = "\x1bP0;1q"  // DCS q: sixels, up to ST; what is not drawn stays as it is
	TmuxBegin     = "\x1bPtmux;" // DCS: what follows, its escapes doubled, is for the terminal around tmux
	CursorSave    = "\x1b7"      // DECSC
	CursorRestore = "\x1b8"      // DECRC

	finalPosition = 'H' // CUP row;column
	FinalUp       = 'A' // CUU n
	FinalDown     = 'B' // CUD n
	FinalForward  = 'C' // CUF n
	finalRepeat   = 'b' // REP n
	finalSGR      = 'm'
)

// The parameters of SGR.
const (
	sgrBold, sgrDim, sgrItalic, sgrUnderline, sgrReverse = 1, 2, 3, 4, 7

	sgrForeground, sgrBackground             = 30, 40 // plus 0…7
	sgrBrightForeground, sgrBrightBackground = 90, 100
	sgrDefault                               = 9 // on top of foreground and background: the terminal's own
	sgrForeground256, sgrBackground256       = "38;5;", "48;5;"
	sgrForegroundRGB, sgrBackgroundRGB       = "38;2;", "48;2;"
)
