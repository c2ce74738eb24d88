package frame

import "testing"

// TestLatestKeepsTheNewest: what is read stays while more is written, and what nobody took is told as lost.
func TestLatestKeepsTheNewest(t *testing.T) {
	pic := func(seq uint64) *Frame {
		f := New(4, 3)
		for i := range f.Pix {
			f.Pix[i] = byte(seq)
		}
		f.Seq = seq
		return f
	}
	l := NewLatest()
	if f, first := l.Take(); f != nil || first {
		t.Errorf("before the first: %v, %v", f, first)
	}
	if l.Put(pic(1)) {
		t.Error("the first put lost a picture")
	}
	held, first := l.Take()
	if !first || held.Seq != 1 {
		t.Fatalf("took %d, first %v", held.Seq, first)
	}
	if l.Put(pic(2)) {
		t.Error("a picture that was taken is told as lost")
	}
	if !l.Put(pic(3)) || !l.Put(pic(4)) {
		t.Error("pictures that nobody took are not told as lost")
	}
	if held.Seq != 1 || held.Pix[0] != 1 {
		t.Errorf("what is read has become %d", held.Seq)
	}
	if any, due := l.Waiting(); !any || !due {
		t.Errorf("any %v, due %v", any, due)
	}
	for _, want := range []bool{true, false} {
		if f, first := l.Take(); f.Seq != 4 || f.Pix[35] != 4 || first != want {
			t.Errorf("took %d, first %v, want 4, %v", f.Seq, first, want)
		}
	}
}
