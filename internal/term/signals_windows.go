package term

import (
	"os"
	"os/signal"
	"time"
)

// sizeEvery is how often the window's size is looked at: no signal tells.
const sizeEvery = 200 * time.Millisecond

// notify has signals delivered, until shut.
func (t *Terminal) notify() { signal.Notify(t.signals, os.Interrupt) }

// watch turns signals and changes of the window into events.
func (t *Terminal) watch() {
	defer t.group.Done()
	look := time.NewTicker(sizeEvery)
	defer look.Stop()
	last := t.dev.size()
	for {
		select {
		case <-t.done:
			return
		case s := <-t.signals:
			t.send(Event{Kind: EventSignal, Signal: s})
		case <-look.C:
			if now := t.dev.size(); now != last {
				last = now
				t.resized()
			}
		}
	}
}

// raise does nothing: the console makes its own event of Ctrl-C.
func (t *Terminal) raise(Key) bool { return false }

// stop does nothing: there is no job control here.
func (t *Terminal) stop() {}
