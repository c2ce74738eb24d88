package term

import "time"

// resizeQuiet joins the changes of a window being dragged into one event.
const resizeQuiet = 30 * time.Millisecond

// watchSize turns a Device's changes of size into events.
func (t *Terminal) watchSize() {
	defer t.group.Done()
	quiet := time.NewTimer(time.Hour)
	defer quiet.Stop()
	for {
		select {
		case <-t.done:
			return
		case <-quiet.C:
			t.resized()
		case <-t.opts.Device.Resized():
			quiet.Reset(resizeQuiet)
		}
	}
}

// resized reports the size as it is now.
func (t *Terminal) resized() {
	s := t.dev.size()
	t.mu.Lock()
	t.caps.learnSize(s)
	t.askCell = t.caps.Sources["cell"] == "XTWINOPS" // it may be another font
	t.mu.Unlock()
	t.send(Event{Kind: EventResize, Cols: s.Cols, Rows: s.Rows, Caps: t.Caps()})
}
