package term

import "time"

// resizeQuiet joins the changes of a window being dragged into one event.
const resizeQuiet = 30 * time.Millisecond

// sizeChanged receives when a Device has another size; of a local terminal a signal tells.
func (t *Terminal) sizeChanged() <-chan struct{} {
	if t.opts.Device == nil {
		return nil
	}
	return t.opts.Device.Resized()
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
