package address

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"

	"acip/internal/fault"
	"acip/internal/lan"
)

func found(names ...string) (list []lan.Server) {
	for i, n := range names {
		list = append(list, lan.Server{Name: n, Address: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 27226)})
	}
	return list
}

func TestAnAnswerPicksOneServerOrNone(t *testing.T) {
	one, two := found("attic"), found("attic", "cellar")
	for _, c := range []struct {
		answer string
		from   []lan.Server
		want   string
	}{
		{"\n", one, "10.0.0.1:27226"}, {"y\n", one, "10.0.0.1:27226"}, {"1\n", one, "10.0.0.1:27226"}, {"q\n", one, ""}, {"n\n", one, ""}, {"2\n", one, ""},
		{"2\n", two, "10.0.0.2:27226"}, {" 1 ", two, "10.0.0.1:27226"}, {"\n", two, ""}, {"3\n", two, ""}, {"0\n", two, ""}, {"-1\n", two, ""}, {"", two, ""},
	} {
		got, err := pick(c.answer, c.from)
		if got != c.want || (c.want == "") != errors.Is(err, context.Canceled) {
			t.Errorf("%q of %d: %q, %v", c.answer, len(c.from), got, err)
		}
	}
}

func TestNobodyIsJoinedWithoutAWord(t *testing.T) {
	for _, yes := range []bool{false, true} {
		for _, list := range [][]lan.Server{found("attic"), found("attic", "cellar")} {
			got, err := choose(t.Context(), Person{Yes: yes, Stdin: strings.NewReader("\n"), Stderr: io.Discard}, list)
			if yes && len(list) == 1 {
				if got != "10.0.0.1:27226" || err != nil {
					t.Errorf("--yes: %q, %v", got, err)
				}
				continue
			}
			sentence, hint := fault.Explain(err)
			if got != "" || fault.Code(err) != fault.ExitUsage || !strings.Contains(sentence, "attic (10.0.0.1:27226)") || !strings.HasPrefix(hint, "acip-client 10.0.0.1:27226") {
				t.Errorf("yes %v, %d found: %q, %v, %q", yes, len(list), got, err, hint)
			}
		}
	}
}
