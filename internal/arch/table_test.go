package arch

import "strings"

// area is what one directory, with those below it, may import.
type area struct {
	ours   []string // areas of the project
	tests  []string // areas that its tests may import besides
	detail string   // for the reader of a failure
}

// anyArea stands in area.ours for "whatever it likes": only tools that nothing imports have it.
const anyArea = "*"

// areas is the import table of ARCHITECTURE.md.
func areas() map[string]area {
	kit := []string{"internal/testkit", "internal/testkit/vt"}
	clients := append([]string{"internal/server", "internal/testkit/host"}, kit...)
	return map[string]area{
		"media":   {tests: kit, detail: "no bytes, no pixels"},
		"packet":  {ours: []string{"media"}, tests: kit, detail: "bytes only"},
		"frame":   {tests: kit, detail: "pixels only"},
		"mailbox": {tests: kit, detail: "no types of ours"},

		"internal/textfile": {tests: kit, detail: "bytes only"},

		"codec":     {ours: []string{"frame", "media"}, tests: kit},
		"capture":   {ours: []string{"frame"}, tests: kit},
		"render":    {ours: []string{"frame"}, tests: kit, detail: "pure"},
		"transport": {ours: []string{"packet", "media"}, tests: kit, detail: "decides nothing"},
		"pool":      {ours: []string{"packet", "media"}, tests: kit, detail: "knows no sockets"},

		"internal/lan":        {tests: kit, detail: "one question and one answer"},
		"internal/term":       {tests: kit, detail: "the only package that touches a terminal"},
		"internal/ui":         {ours: []string{"render", "frame"}, tests: kit, detail: "pure"},
		"internal/server":     {ours: []string{"pool", "transport", "packet", "media", "internal/lan", "internal/textfile"}, tests: kit, detail: "reads no pixels: never frame or codec"},
		"internal/fault":      {ours: []string{"packet", "capture", "transport"}, tests: kit},
		"internal/address":    {ours: []string{"transport", "packet", "internal/lan", "internal/term", "internal/fault", "internal/textfile"}, tests: kit},
		"internal/drawstyle":  {ours: []string{"render", "frame", "internal/term"}, tests: kit, detail: "decides, and draws nothing"},
		"internal/account":    {tests: kit, detail: "counts only"},
		"internal/congestion": {ours: []string{"frame"}, tests: kit, detail: "pure"},
		"internal/call": {
			ours:  []string{"transport", "packet", "media", "mailbox", "capture", "codec", "frame", "internal/fault", "internal/account", "internal/congestion"},
			tests: clients, detail: "knows no terminal and no files",
		},
		"internal/doctor": {
			ours:  []string{"capture", "codec", "frame", "render", "internal/term", "internal/drawstyle", "transport", "packet", "internal/address", "internal/fault"},
			tests: clients,
		},
		"internal/screen": {
			ours:  []string{"internal/call", "internal/account", "media", "mailbox", "frame", "render", "internal/term", "internal/ui", "internal/drawstyle"},
			tests: append([]string{"capture"}, clients...),
		},
		"internal/stream": {ours: []string{"internal/call", "internal/account", "mailbox", "capture", "frame", "render"}, tests: append([]string{"media"}, kit...), detail: "knows no terminal"},
		"internal/viewer": {ours: []string{"capture", "mailbox", "frame", "render", "internal/term", "internal/drawstyle"}, tests: kit, detail: "knows no call"},
		"internal/client": {
			ours: []string{"internal/call", "internal/account", "internal/screen", "internal/stream", "internal/viewer", "internal/doctor", "internal/address", "internal/drawstyle", "internal/fault",
				"packet", "capture", "codec", "frame", "render", "internal/term"},
			tests: append([]string{"internal/testkit/gallery"}, clients...),
		},

		"cmd/internal/app": {ours: []string{"internal/textfile"}, tests: kit},
		"cmd/server":       {ours: []string{"internal/server", "cmd/internal/app"}, tests: append([]string{"packet"}, kit...)},
		"cmd/client":       {ours: []string{"internal/client", "internal/address", "internal/fault", "cmd/internal/app"}, tests: append([]string{"internal/testkit/gallery", "frame", "packet"}, kit...)},

		"internal/testkit":         {ours: []string{"packet"}, tests: kit},
		"internal/testkit/vt":      {tests: kit},
		"internal/testkit/gallery": {ours: []string{"capture", "frame"}, tests: kit},
		"internal/testkit/host":    {ours: []string{"internal/server"}, tests: kit},
		"internal/bench":           {ours: []string{anyArea}, detail: "tools; nothing imports it"},
		"internal/asm":             {tests: kit, detail: "for generators alone"},
		"internal/arch":            {},
		"scripts/camera":           {ours: []string{"capture", "frame"}, detail: "stands in the virtual machine alone"},
	}
}

// owner is the longest area of the table that holds the package, "" if none does.
func owner(table map[string]area, pkg string) string {
	best := ""
	for name := range table {
		if (pkg == name || strings.HasPrefix(pkg, name+"/")) && len(name) > len(best) {
			best = name
		}
	}
	return best
}

// outside returns, for each restricted library, the areas that may import it; an empty list forbids it. Other libraries
// are free.
func outside() map[string][]string {
	return map[string][]string{
		"github.com/coder/websocket":      {"transport", "internal/bench"},
		"github.com/gorilla/websocket":    {}, // one is enough
		"github.com/pion/mediadevices":    {"capture"},
		"github.com/urfave/cli":           {"cmd/internal/app"},
		"golang.org/x/term":               {}, // internal/term asks the system itself
		"github.com/prometheus":           {"internal/server"},
		"github.com/hashicorp/mdns":       {"internal/lan"},
		"github.com/miekg/dns":            {"internal/lan"},
		"github.com/rogpeppe/go-internal": {"cmd/server", "cmd/client"},
	}
}
