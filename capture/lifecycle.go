package capture

import "sync"

// lifecycle is the end of a source: a channel that is closed once.
type lifecycle struct {
	once sync.Once
	make sync.Once
	done chan struct{}
}

func (l *lifecycle) channel() chan struct{} {
	l.make.Do(func() { l.done = make(chan struct{}) })
	return l.done
}

// end closes the channel; it reports whether it was the first to.
func (l *lifecycle) end() (first bool) {
	l.once.Do(func() {
		close(l.channel())
		first = true
	})
	return first
}

// ended is closed at the end; nothing is ever sent on it.
func (l *lifecycle) ended() <-chan struct{} { return l.channel() }

func (l *lifecycle) over() bool {
	select {
	case <-l.ended():
		return true
	default:
		return false
	}
}
