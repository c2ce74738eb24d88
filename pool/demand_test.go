package pool

import (
	"slices"
	"testing"
	"time"

	"acip/media"
	"acip/packet"

	"github.com/google/go-cmp/cmp"
)

func TestDemandIsTheMostThatAnyoneWants(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{Name: "a"})
	expect := func(what string, want *packet.Ask) {
		t.Helper()
		got, told := last[packet.Ask](w, a, packet.Demand)
		if told != (want != nil) || told && !cmp.Equal(got, *want) {
			t.Errorf("%s: told %v, %+v, want %+v", what, told, got, want)
		}
		w.advance(growthCalm)
		w.pool.Tick()
	}
	every := []string{"vp8", "jpeg", "raw"}
	expect("alone", &packet.Ask{Codecs: []string{}})
	both := packet.Hello{Role: packet.RoleWatch, Demand: true, Codecs: every}
	v1, _ := w.join(both)
	v2, _ := w.join(both)
	expect("before any wish", nil)
	v1.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 160, Height: 90, FPS: 15}})
	expect("one looks", &packet.Ask{Width: 160, Height: 90, FPS: 15, Codecs: every})
	v2.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 120, Height: 100, FPS: 30}})
	expect("two look", &packet.Ask{Width: 160, Height: 100, FPS: 30, Codecs: every})
	v1.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 150, Height: 90, FPS: 15}, {ID: 999, Width: 1, Height: 1, FPS: 1}})
	expect("smaller", &packet.Ask{Width: 150, Height: 100, FPS: 30, Codecs: every})
	v1.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 150, Height: 90, FPS: 20}})
	expect("no change", nil)
	plain, _ := w.join(packet.Hello{Role: packet.RoleWatch})
	expect("a plain client", &packet.Ask{FPS: packet.AskNative, Codecs: every, Layers: []packet.AskLayer{{Layer: 1, Width: 150, Height: 100, FPS: 30}}})
	plain.Leave(packet.CodeBye, "bye")
	v2.SetSubscriptions(nil)
	expect("one is left", &packet.Ask{Width: 150, Height: 90, FPS: 20, Codecs: every})
	v1.Leave(packet.CodeBye, "bye")
	expect("nobody looks", &packet.Ask{Codecs: []string{}})
	v2.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: media.Native}})
	expect("own size and rate", &packet.Ask{FPS: packet.AskNative, Codecs: every})
	w.end()
}

func TestOnlyWhatIsWantedAndDecodedIsSent(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	b, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{Role: packet.RoleWatch, Demand: true, Codecs: []string{"raw"}})
	plain, _ := w.join(packet.Hello{Role: packet.RoleWatch, Codecs: []string{"raw"}})
	v.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: media.Native}})
	w.publish(b, w.image(1))
	w.publish(a, w.coded(2, jpg, 0, 0))
	w.publish(a, w.image(3))
	if got, _ := w.drain(v); !slices.Equal(got, []uint64{3}) {
		t.Errorf("the viewer got %v", got)
	}
	if got, _ := w.drain(plain); !slices.Equal(got, []uint64{1, 3}) {
		t.Errorf("the plain client got %v", got)
	}
	s := w.pool.Stats().Rooms[0].Members[2]
	if want := map[string]uint64{"unwanted": 1, "codec": 1}; !cmp.Equal(s.Dropped, want) {
		t.Errorf("dropped %v, want %v", s.Dropped, want)
	}
	w.end()
}

func TestRateIsLimitedWherePicturesCanGo(t *testing.T) {
	for _, c := range []struct {
		name     string
		fps      int
		picture  func(w *world, n uint64) *packet.Buffer
		min, max int
	}{
		{"raw at half", 15, (*world).image, 145, 170},
		{"raw at a third", 10, (*world).image, 95, 115},
		{"raw at its own rate", 30, (*world).image, 300, 300},
		{"raw at more", 60, (*world).image, 300, 300},
		{"jpeg at half", 15, func(w *world, n uint64) *packet.Buffer { return w.coded(n, jpg, 0, 0) }, 145, 170},
		{"vp8 without droppable ones", 15, func(w *world, n uint64) *packet.Buffer { return w.coded(n, vp8Codec, flag(n == 0, key), 0) }, 300, 300},
		{"vp8 with every second droppable", 15, func(w *world, n uint64) *packet.Buffer {
			return w.coded(n, vp8Codec, flag(n == 0, key)|flag(n%2 == 1, drop), 0)
		}, 150, 230},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Options{})
			a, _ := w.join(packet.Hello{})
			v, _ := w.join(packet.Hello{Role: packet.RoleWatch, Demand: true, Codecs: []string{"vp8", "jpeg"}})
			v.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: media.Rate(c.fps)}})
			got := 0
			for n := range uint64(300) {
				w.advance(time.Second / 30)
				if n%7 == 0 { // a network bunches
					w.advance(20 * time.Millisecond)
				} else if n%7 == 1 {
					w.advance(-20 * time.Millisecond)
				}
				w.publish(a, c.picture(w, n))
				pictures, _ := w.drain(v)
				got += len(pictures)
			}
			if got < c.min || got > c.max {
				t.Errorf("%d of 300 pictures passed, want %d to %d", got, c.min, c.max)
			}
			w.end()
		})
	}
}

func flag(when bool, f media.Flags) media.Flags {
	if when {
		return f
	}
	return 0
}

func TestLayersAreChosenPerViewer(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	hello := packet.Hello{Role: packet.RoleWatch, Demand: true, Codecs: []string{"vp8"}}
	large, _ := w.join(hello)
	small, _ := w.join(hello)
	plain, _ := w.join(packet.Hello{Role: packet.RoleWatch})
	large.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 640, Height: 360, FPS: 30}})
	small.SetSubscriptions([]packet.Want{{ID: a.ID(), Width: 80, Height: 48, FPS: 15}})
	ask, _ := last[packet.Ask](w, a, packet.Demand)
	if want := []packet.AskLayer{{Layer: 1, Width: 80, Height: 48, FPS: 15}}; !cmp.Equal(ask.Layers, want) {
		t.Fatalf("layers asked for: %+v, want %+v", ask.Layers, want)
	}
	see := func(want ...[]uint64) {
		t.Helper()
		for i, m := range []*Member{large, small, plain} {
			if got, _ := w.drain(m); !slices.Equal(got, want[i]) {
				t.Errorf("viewer %d got %v, want %v", i, got, want[i])
			}
		}
	}
	w.publish(a, w.coded(1, vp8Codec, key, 0))
	see([]uint64{1}, []uint64{1}, []uint64{1}) // no small layer yet: the main one
	w.publish(a, w.coded(2, vp8Codec, 0, 1))
	w.publish(a, w.coded(3, vp8Codec, 0, 0))
	see([]uint64{3}, []uint64{3}, []uint64{3}) // the small one's key is awaited
	if _, asked := last[packet.Key](w, a, packet.KeyRequest); !asked {
		t.Error("no key was asked for to change the layer")
	}
	w.publish(a, w.coded(4, vp8Codec, key, 1))
	w.publish(a, w.coded(5, vp8Codec, 0, 0))
	see([]uint64{5}, []uint64{4}, []uint64{5})
	w.advance(3 * time.Second) // the small layer ends
	w.publish(a, w.coded(6, vp8Codec, key, 0))
	see([]uint64{6}, []uint64{6}, []uint64{6})
	w.end()
}

// TestAPictureIsCountedOnce: one that went by before it was wanted, and is shown then because it was kept, was offered
// once, and dropped never.
func TestAPictureIsCountedOnce(t *testing.T) {
	w := newWorld(t, Options{})
	v, _ := w.join(packet.Hello{Role: packet.RoleWatch, Demand: true, Codecs: []string{"raw"}})
	a, _ := w.join(packet.Hello{})
	for n := range uint64(3) {
		w.publish(a, w.image(n))
	}
	v.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: media.Native}})
	if got, _ := w.drain(v); !slices.Equal(got, []uint64{2}) {
		t.Errorf("the viewer got %v", got)
	}
	s := v.Stats()
	if p := s.From[0]; p.Offered != 3 || p.Frames != 1 || p.Dropped["unwanted"] != 2 || s.Dropped["unwanted"] != 2 {
		t.Errorf("%+v; in all %v", p, s.Dropped)
	}
	v.SetSubscriptions(nil)
	v.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: media.Native}})
	if got, _ := w.drain(v); len(got) != 0 || v.Stats().From[0].Offered != 3 {
		t.Errorf("it got %v again: %+v", got, v.Stats().From[0])
	}
	w.end()
}
