package codec

import (
	"testing"

	"pgregory.net/rapid"
)

func TestChainRules(t *testing.T) {
	type step struct {
		seq                   uint32
		key, droppable, spare bool
		decode, needKey       bool
	}
	for name, steps := range map[string][]step{
		"waits for a key":         {{seq: 5, needKey: true}, {seq: 6, needKey: true}, {seq: 7, key: true, decode: true}, {seq: 8, decode: true}},
		"a gap breaks":            {{seq: 1, key: true, decode: true}, {seq: 3, needKey: true}, {seq: 4, needKey: true}, {seq: 5, key: true, decode: true}},
		"a spare gap does not":    {{seq: 1, key: true, decode: true}, {seq: 3, spare: true, decode: true}, {seq: 4, droppable: true, decode: true}},
		"two in a row do":         {{seq: 1, key: true, decode: true}, {seq: 4, spare: true, needKey: true}},
		"repeats are not decoded": {{seq: 1, key: true, decode: true}, {seq: 2, decode: true}, {seq: 2}, {seq: 1}, {seq: 3, decode: true}},
		"numbers wrap":            {{seq: 1<<32 - 1, key: true, decode: true}, {seq: 0, decode: true}, {seq: 2, spare: true, decode: true}},
		"a key restarts":          {{seq: 900, key: true, decode: true}, {seq: 1, key: true, decode: true}, {seq: 2, decode: true}},
	} {
		var c Chain
		for i, s := range steps {
			if d, k := c.AcceptSpare(s.seq, s.key, s.droppable, s.spare); d != s.decode || k != s.needKey {
				t.Errorf("%s, step %d: decode %v, need key %v", name, i, d, k)
			}
		}
	}
}

func TestChainBreak(t *testing.T) {
	var c Chain
	c.Accept(1, true, false)
	c.Break(true)
	if d, _ := c.Accept(2, false, false); !d {
		t.Error("losing a droppable picture broke the chain")
	}
	c.Break(false)
	if d, need := c.Accept(3, false, false); d || !need {
		t.Error("losing a needed picture did not break the chain")
	}
}

// A picture is decoded only where everything it depends on was, whatever is lost.
func TestChainNeverDecodesWithoutReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Chain
		broken, spare := true, false
		for seq := range uint32(200) {
			key := rapid.IntRange(0, 20).Draw(t, "key") == 0
			droppable := !key && rapid.Bool().Draw(t, "droppable")
			lost := rapid.IntRange(0, 9).Draw(t, "lost") == 0
			switch {
			case lost:
				broken = broken || !droppable
			default:
				if key {
					broken = false
				}
				if decode, need := c.AcceptSpare(seq, key, droppable, spare); decode && broken {
					t.Fatalf("picture %d is decoded without its reference", seq)
				} else if need == decode {
					t.Fatalf("picture %d: decode %v, need key %v", seq, decode, need)
				}
			}
			spare = droppable
		}
	})
}
