package render

// The escape sequences that pictures need, each named once. See ECMA-48 and
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html.
const (
	csi       = "\x1b["
	home      = "\x1b[H"      // CUP: cursor to the top left
	clearAll  = "\x1b[2J"     // ED: blank the whole screen in the current background
	sgrReset  = "\x1b[m"      // SGR: the terminal's own colours, no attributes
	wrapOff   = "\x1b[?7l"    // DECAWM: the last column no longer moves the cursor on
	wrapOn    = "\x1b[?7h"    // DECAWM
	syncBegin = "\x1b[?2026h" // begin of a synchronized update
	syncEnd   = "\x1b[?2026l" // its end: the terminal draws

	escape        = 0x1b
	stringEnd     = "\x1b\\"     // ST: end of a string
	kittyBegin    = "\x1b_G"     // APC G: kitty graphics, up to ST
	sixelBegin    = "\x1bP0;1q"  // DCS q: sixels, up to ST; what is not drawn stays as it is
	tmuxBegin     = "\x1bPtmux;" // DCS: what follows, its escapes doubled, is for the terminal around tmux
	cursorSave    = "\x1b7"      // DECSC
	cursorRestore = "\x1b8"      // DECRC

	finalPosition = 'H' // CUP row;column
	finalUp       = 'A' // CUU n
	finalDown     = 'B' // CUD n
	finalForward  = 'C' // CUF n
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
