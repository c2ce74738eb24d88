package media

import (
	"encoding/json"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// The same cases are run by the page's script.
func TestDependencyRules(t *testing.T) {
	text, err := os.ReadFile("testdata/dependency.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name  string `json:"name"`
		Steps []struct {
			Seq       uint32 `json:"seq"`
			Flags     Flags  `json:"flags"`
			Decodable bool   `json:"decodable"`
			NeedKey   bool   `json:"need_key"`
			Missing   uint32 `json:"missing"`
			Drop      bool   `json:"drop"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) < 10 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		var d Dependency
		for i, s := range c.Steps {
			if n := d.Missing(s.Seq); n != s.Missing {
				t.Errorf("%s, step %d: %d missing, want %d", c.Name, i, n, s.Missing)
			}
			if ok, need := d.Receive(s.Seq, s.Flags); ok != s.Decodable || need != s.NeedKey {
				t.Errorf("%s, step %d: decodable %v, need key %v", c.Name, i, ok, need)
			}
			if s.Drop {
				d.Drop(s.Flags)
			}
		}
	}
}

func TestMissingIgnoresLeaps(t *testing.T) {
	var d Dependency
	d.Receive(1, Key)
	if n := d.Missing(1 << 20); n != 0 {
		t.Errorf("a leap counts as %d lost frames", n)
	}
}

// frames draws flags as an encoder sets them.
func frames(t *rapid.T) (list []Flags) {
	prev := false
	for range rapid.IntRange(1, 300).Draw(t, "frames") {
		key := rapid.IntRange(0, 20).Draw(t, "key") == 0
		discardable := !key && rapid.Bool().Draw(t, "discardable")
		list = append(list, Flags(0).With(Key, key).With(Discardable, discardable).With(PrevDiscardable, prev))
		prev = discardable
	}
	return list
}

// reference keeps, beside a Dependency, whether the frame that the next one refers to was decoded.
type reference struct{ decoded bool }

func (r *reference) next(f Flags, decoded bool) {
	if !f.Has(Discardable) {
		r.decoded = decoded
	}
}

// A received frame is decodable only if the frame that it refers to was decoded, whatever is lost on the way or dropped
// by the receiver; and a frame that is not decodable asks for a keyframe.
func TestReceiveNeverDecodesWithoutReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Dependency
		var ref reference
		for i, f := range frames(t) {
			if rapid.IntRange(0, 9).Draw(t, "lost") == 0 {
				ref.next(f, false)
				continue
			}
			ok, need := d.Receive(uint32(i)-5, f) // wraps
			switch {
			case ok && !f.Has(Key) && !ref.decoded:
				t.Fatalf("frame %d is decodable without its reference", i)
			case ok == need:
				t.Fatalf("frame %d: decodable %v, need key %v", i, ok, need)
			}
			if ok && rapid.IntRange(0, 9).Draw(t, "drop") == 0 {
				d.Drop(f)
				ok = false
			}
			ref.next(f, ok)
		}
	})
}

// At a place that sees every frame, all that depend on nothing dropped pass, and no others.
func TestFollowPassesExactlyWhatIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Dependency
		var ref reference
		for i, f := range frames(t) {
			ok := d.Follow(f)
			if want := f.Has(Key) || ref.decoded; ok != want {
				t.Fatalf("frame %d: passes %v, want %v", i, ok, want)
			}
			if ok && rapid.IntRange(0, 9).Draw(t, "drop") == 0 {
				if needed := d.Drop(f); needed == f.Has(Discardable) {
					t.Fatalf("frame %d with flags %d: needed %v", i, f, needed)
				}
				ok = false
			}
			ref.next(f, ok)
		}
	})
}

func TestResetAndUnsync(t *testing.T) {
	var d Dependency
	d.Receive(7, Key)
	d.Unsync()
	if d.Synced() || d.Missing(9) != 1 {
		t.Error("Unsync forgot the numbers, or left the frame decodable")
	}
	d.Reset()
	if d != (Dependency{}) {
		t.Error("Reset left something")
	}
}
