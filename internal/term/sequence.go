package term

// Modes, questions and their marks. Each is named here once; the notation is ECMA-48's and the sources are xterm's
// ctlseqs and the documents named.
const (
	esc = "\x1b"
	csi = esc + "["
	dcs = esc + "P"
	osc = esc + "]"
	apc = esc + "_"
	// stringEnd is ST, the end of every string sequence.
	stringEnd = esc + `\`
	// cancel is CAN followed by ST: it ends whatever sequence an interrupted write left open, in parsers of both kinds.
	cancel = "\x18" + stringEnd

	enterScreen  = csi + "?1049h" // alternate screen, cursor saved (DECSET 1049)
	leaveScreen  = csi + "?1049l"
	hideCursor   = csi + "?25l" // DECTCEM
	showCursor   = csi + "?25h"
	wrapOff      = csi + "?7l" // DECAWM
	wrapOn       = csi + "?7h"
	pasteOn      = csi + "?2004h" // bracketed paste, so that pasted text is no keys
	pasteOff     = csi + "?2004l"
	syncEnd      = csi + "?2026l" // synchronized update
	plainStyle   = csi + "0m"
	clearScreen  = csi + "2J"
	home         = csi + "H"
	resetMargins = csi + "r" // DECSTBM
	asciiSet     = esc + "(B"

	askStatus     = csi + "5n"       // DSR 5, answered by CSI 0 n
	askPosition   = csi + "6n"       // DSR 6, answered by CSI row ; column R
	askAttributes = csi + "c"        // DA1, answered by CSI ? … c
	askDevice     = csi + ">c"       // DA2, answered by CSI > type ; version ; … c
	askVersion    = csi + ">0q"      // XTVERSION, answered by DCS > | text ST
	askCellSize   = csi + "16t"      // XTWINOPS 16, answered by CSI 6 ; height ; width t
	askSync       = csi + "?2026$p"  // DECRQM, answered by CSI ? 2026 ; state $ y
	askBackground = osc + "11;?\x07" // answered by OSC 11 ; rgb:… BEL
	askStyle      = dcs + "$qm" + stringEnd
	probeStyle    = csi + "48;2;1;2;3m"
	// askKitty sends one black pixel and asks whether it could be shown
	// (https://sw.kovidgoyal.net/kitty/graphics-protocol/).
	askKitty = apc + "Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA" + stringEnd
	// The probes are glyphs of the sets that we draw with; the cursor tells how many cells they took. Terminals whose
	// tables are older than a glyph drop it.
	probeBlock   = "\r▀▚"
	probeSextant = "\r🬕"
	probeOctant  = "\r\U0001CD00"
	eraseLine    = csi + "2K"
)

// enter takes the terminal over, in one write.
const enter = enterScreen + hideCursor + wrapOff + pasteOn + plainStyle + clearScreen + home

// leave undoes enter; it may be written twice without harm, and after a write that stopped in the middle of a sequence.
const leave = cancel + syncEnd + pasteOff + plainStyle + asciiSet + resetMargins + wrapOn + clearScreen + leaveScreen + wrapOn + showCursor

// Prelude is what a recording of a screen starts with: no cursor, no wrapping, nothing on it.
const Prelude = hideCursor + wrapOff + plainStyle + clearScreen + home
