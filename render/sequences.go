package render

// The escape sequences that pictures need, each named once. See ECMA-48 and
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html.
const (
	csi       = "\x1b["
	home      = "\x1b[H"
	sgrReset  = "\x1b[m"
	syncBegin = "\x1b[?2026h"
	syncEnd   = "\x1b[?2026l"
)
