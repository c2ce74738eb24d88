package client

import (
	"fmt"
	"strings"
	"time"

	"acip/internal/account"
)

// keeper is an output that leaves files behind.
type keeper interface{ Kept() []string }

// summary returns one line about a call that is over: how long it was, with whom, what it cost, and where its
// recordings are.
func summary(s account.Stats, room string, met, kept []string, home string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s, ", duration(time.Duration(s.Seconds*float64(time.Second))), room)
	b.WriteString(participants(met))
	fmt.Fprintf(&b, "; %s received, %s sent", size(s.BytesIn), size(s.BytesOut))
	for _, path := range kept {
		if rest, ok := strings.CutPrefix(path, strings.TrimRight(home, "/")+"/"); ok && home != "" {
			path = "~/" + rest
		}
		b.WriteString("; recorded " + path)
	}
	return b.String()
}

// participants returns who else was in the call.
func participants(met []string) string {
	const most = 5
	quoted := make([]string, 0, most)
	for _, n := range met[:min(len(met), most)] {
		if strings.ContainsAny(n, " \",;:") {
			n = `"` + strings.ReplaceAll(n, `"`, "'") + `"`
		}
		quoted = append(quoted, n)
	}
	switch more := len(met) - most; {
	case len(met) == 0:
		return "alone"
	case len(met) == 1:
		return "with " + quoted[0]
	case more > 0:
		return fmt.Sprintf("with %s and %d more", strings.Join(quoted, ", "), more)
	}
	return "with " + strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}

// duration returns a duration as a person would say it.
func duration(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// size returns an amount of data with a unit.
func size(n uint64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.2f GB", float64(n)/1e9)
}
