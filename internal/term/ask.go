package term

import (
	"context"
	"errors"
	"os"
	"time"
)

// Ask returns what the terminal answers to the questions, without taking it over: nothing is cleared, only the cursor's
// line is used and blanked. In the background, where the answers would go to another job, and on a terminal that stays
// silent, the environment and the window's size have to do. ErrNoTerminal when there is none; keys that are typed
// meanwhile are lost.
func Ask(ctx context.Context, o Options) (Caps, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	caps := Guess(o.Getenv)
	dev, _, err := o.open()
	if err != nil {
		return caps, err
	}
	defer dev.close()
	defer context.AfterFunc(ctx, dev.interrupt)()
	if o.Getenv("TMUX") != "" && !caps.Dumb {
		caps.askTmux(runTmux(o.Getenv))
	}
	caps.learnSize(dev.size())
	ask := questions(caps)
	if ask == "" || !dev.foreground() {
		return caps, nil
	}
	if err := dev.makeRaw(); err != nil {
		return caps, err
	}
	dev.bound(silentAfter) // a terminal that takes nothing does not answer either
	if _, err = dev.write([]byte(ask)); err == nil {
		err = caps.listen(dev)
	}
	return caps, errors.Join(err, dev.restore())
}

// listen takes in answers until the last, or for as long as a terminal may take for them.
func (c *Caps) listen(dev device) error {
	var p parser
	buf := make([]byte, 1024)
	for end := time.Now().Add(silentAfter); !c.Answered; {
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		n, err := dev.read(buf, left)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, errBackground):
			return nil
		case err != nil:
			return err
		}
		p.Feed(buf[:n], func(in input) {
			if in.Reply != nil {
				c.answer(*in.Reply)
			}
		})
	}
	return nil
}
