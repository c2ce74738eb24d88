package pool

import (
	"slices"
	"testing"
	"time"

	"acip/media"
	"acip/packet"
)

// step is one picture, or one look at what arrived.
type step struct {
	n     uint64
	flags media.Flags
	wait  time.Duration // before it
	read  []uint64      // drain afterwards, and expect this
	asked bool          // and that the sender was asked for a key since the last look
}

func TestPicturesThatDependOnEachOther(t *testing.T) {
	const ms = time.Millisecond
	for name, steps := range map[string][]step{
		"nothing before a key": {
			{n: 1, read: []uint64{}, asked: true}, {n: 2, read: []uint64{}}, {n: 3, flags: key, read: []uint64{3}}, {n: 4, read: []uint64{4}},
		},
		"a hiccup of a few pictures costs nothing": {
			{n: 1, flags: key}, {n: 2, wait: 33 * ms}, {n: 3, wait: 33 * ms}, {n: 4, wait: 33 * ms, read: []uint64{1, 2, 3, 4}}, {n: 5, read: []uint64{5}},
		},
		"a longer one drops until the next key, and asks for it": append(full(),
			step{n: 17, read: upTo(16), asked: true}, step{n: 18, read: []uint64{}}, step{n: 19, flags: key, read: []uint64{19}}),
		"nothing is added behind what waited long": {
			{n: 1, flags: key}, {n: 2, wait: 250 * ms, read: []uint64{1}, asked: true}, {n: 3, read: []uint64{}},
		},
		"droppable ones go first": append(full()[:15],
			step{n: 16, flags: drop}, step{n: 17, read: append(upTo(15), 17)}, step{n: 18, read: []uint64{18}}),
		"a droppable one that finds no place costs nothing": append(full(),
			step{n: 17, flags: drop, read: upTo(16)}, step{n: 18, read: []uint64{18}}),
		"a key replaces all": {
			{n: 1, flags: key}, {n: 2}, {n: 3, flags: key, read: []uint64{3}}, {n: 4, read: []uint64{4}},
		},
		"asked again until it comes": {
			{n: 1, read: []uint64{}, asked: true}, {n: 2, wait: 400 * ms, read: []uint64{}}, {n: 3, wait: 200 * ms, read: []uint64{}, asked: true},
		},
		"old ones that nothing can follow are not sent": append(full(),
			step{n: 17}, step{n: 18, wait: 600 * ms, read: []uint64{}, asked: true}),
	} {
		t.Run(name, func(t *testing.T) { runSteps(t, steps) })
	}
}

// full is a key and what depends on it, as many as one place holds.
func full() []step {
	steps := []step{{n: 1, flags: key}}
	for n := uint64(2); n <= queueLength; n++ {
		steps = append(steps, step{n: n})
	}
	return steps
}

func upTo(n uint64) (all []uint64) {
	for i := uint64(1); i <= n; i++ {
		all = append(all, i)
	}
	return all
}

func runSteps(t *testing.T, steps []step) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
	w.drain(a)
	for _, s := range steps {
		w.advance(s.wait)
		w.publish(a, w.coded(s.n, vp8Codec, s.flags, 0))
		if s.read == nil {
			continue
		}
		got, _ := w.drain(v)
		w.pool.Tick()
		_, asked := last[packet.Key](w, a, packet.KeyRequest)
		if !slices.Equal(got, s.read) || asked != s.asked {
			t.Errorf("after %d the viewer got %v, want %v; key asked %v, want %v", s.n, got, s.read, asked, s.asked)
		}
	}
	w.end()
}

func TestKeyRequestsAreTwoASecondForAll(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	var viewers []*Member
	for range 10 {
		v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
		viewers = append(viewers, v)
	}
	w.drain(a)
	asked := 0
	for range 100 { // ten seconds
		w.advance(100 * time.Millisecond)
		for _, v := range viewers {
			v.RequestKeyframe(a.ID())
		}
		w.pool.Tick()
		if _, ok := last[packet.Key](w, a, packet.KeyRequest); ok {
			asked++
		}
	}
	if asked < 18 || asked > 21 {
		t.Errorf("%d key requests in ten seconds, want 20", asked)
	}
	w.end()
}

// TestAKeyWantedTooEarlyIsAskedForLater: nobody has to ask again, and nothing has to be sent meanwhile.
func TestAKeyWantedTooEarlyIsAskedForLater(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
	w.drain(a)
	asked := func(when string, want bool) {
		t.Helper()
		w.pool.Tick()
		if _, ok := last[packet.Key](w, a, packet.KeyRequest); ok != want {
			t.Errorf("%s a key is asked for: %t", when, ok)
		}
	}
	v.RequestKeyframe(a.ID())
	asked("at first", true)
	v.RequestKeyframe(a.ID())
	asked("at once again", false)
	w.advance(keyEvery + time.Millisecond)
	asked("half a second later", true)
	w.advance(keyEvery + time.Millisecond)
	asked("when nobody wants one", false)
	w.end()
}

func TestSlowViewerAsksLessAndLess(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	_, _ = w.join(packet.Hello{Role: packet.RoleWatch}) // never takes anything
	w.drain(a)
	asked := 0
	for n := range uint64(30 * 60) {
		w.advance(time.Second / 30)
		flags := media.Flags(0)
		if _, ok := last[packet.Key](w, a, packet.KeyRequest); ok {
			asked++
			flags = key
		}
		w.publish(a, w.coded(n, vp8Codec, flags, 0))
	}
	if asked > 25 {
		t.Errorf("a viewer that takes nothing made the sender code %d key pictures in a minute", asked)
	}
	w.end()
}

func TestLateJoinerSeesEverybodyAtOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags []media.Flags // of the pictures before; jpeg where nil
		after time.Duration
		show  []uint64
		ask   bool
	}{
		{"the newest jpeg", nil, 0, []uint64{3}, false},
		{"the newest jpeg of a slow sender", nil, time.Minute, []uint64{3}, false},
		{"a key that is the newest", []media.Flags{key, 0, 0, key}, 0, []uint64{3}, false},
		{"a key that others followed, and a new one", []media.Flags{key, 0, 0, 0}, 0, []uint64{0}, true},
		{"no old key, but a new one", []media.Flags{key, 0, 0, 0}, 5 * time.Second, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Options{})
			a, _ := w.join(packet.Hello{})
			for n := range uint64(4) {
				w.advance(33 * time.Millisecond)
				if c.flags == nil {
					w.publish(a, w.coded(n, jpg, 0, 0))
				} else {
					w.publish(a, w.coded(n, vp8Codec, c.flags[n], 0))
				}
			}
			w.advance(c.after)
			w.drain(a)
			v, _ := w.join(packet.Hello{Role: packet.RoleWatch, Demand: true, Codecs: []string{"vp8", "jpeg"}})
			if got, _ := w.drain(v); got != nil {
				t.Errorf("before its first demand it got %v", got)
			}
			v.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: 30}})
			if got, _ := w.drain(v); !slices.Equal(got, c.show) {
				t.Errorf("it got %v, want %v", got, c.show)
			}
			if waited := v.Stats().From[0].WaitMS.Newest; waited != 0 {
				t.Errorf("the picture is said to have waited %v ms for a viewer that was not there", waited)
			}
			if _, asked := last[packet.Key](w, a, packet.KeyRequest); asked != c.ask {
				t.Errorf("key asked %v, want %v", asked, c.ask)
			}
			v.SetSubscriptions(nil)
			v.SetSubscriptions([]packet.Want{{ID: a.ID(), FPS: 30}})
			if got, _ := w.drain(v); got != nil {
				t.Errorf("looking again it got %v twice", got)
			}
			w.end()
		})
	}
}

func TestPictureLostOnItsWayInIsRepaired(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
	w.publish(a, w.coded(1, vp8Codec, key, 0))
	w.drain(v)
	w.drain(a)
	a.Lost()
	if n := a.Stats().LostIn; n != 1 {
		t.Errorf("%d counted as lost", n)
	}
	w.publish(a, w.coded(3, vp8Codec, 0, 0))
	if got, _ := w.drain(v); got != nil {
		t.Errorf("the viewer got %v, which depends on what was lost", got)
	}
	if _, asked := last[packet.Key](w, a, packet.KeyRequest); !asked {
		t.Error("no key was asked for")
	}
	w.end()
}

// TestLastPictureBeforeNobodyLooked: it is shown for a while to who looks again, and not once it is old.
func TestLastPictureBeforeNobodyLooked(t *testing.T) {
	for after, want := range map[time.Duration][]uint64{keptIdle - time.Second: {1}, keptIdle + time.Second: nil} {
		w := newWorld(t, Options{})
		a, _ := w.join(packet.Hello{})
		v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
		w.publish(a, w.image(1))
		w.advance(time.Second / 2)
		v.Leave(packet.CodeBye, "bye")
		w.advance(after)
		again, _ := w.join(packet.Hello{Role: packet.RoleWatch})
		if got, _ := w.drain(again); !slices.Equal(got, want) {
			t.Errorf("%v after the last looked away %v was shown, want %v", after, got, want)
		}
		w.end()
	}
}

func TestPausedSenderIsNotShown(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	w.publish(a, w.image(1))
	a.SetStreaming(media.Video, false)
	v, _ := w.join(packet.Hello{})
	if got, _ := w.drain(v); got != nil {
		t.Errorf("a paused sender's picture %v was shown", got)
	}
	w.end()
}
