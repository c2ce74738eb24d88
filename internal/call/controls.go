package call

import (
	"math"
	"slices"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/congestion"
	"acip/media"
	"acip/packet"
)

// Want implements Controls.
func (c *Call) Want(self frame.Size, streams []Want) {
	c.mu.Lock()
	same := slices.Equal(c.wish, streams)
	c.wish = append(c.wish[:0], streams...)
	c.mu.Unlock()
	c.send.mirror(self, self != frame.Size{})
	if !same {
		c.wishAgain()
	}
}

func (c *Call) wishAgain() { signal(c.wished) }

// sendWish tells the server what is wanted.
func (c *Call) sendWish() { c.link.control(packet.Demand, c.wanted()) }

// wanted returns the wish, narrowed by what the downlink takes of each sender.
func (c *Call) wanted() packet.Wish {
	c.mu.Lock()
	defer c.mu.Unlock()
	wish := packet.Wish{}
	for _, w := range c.wish {
		step := c.down.step(w.ID)
		fps := float64(w.FPS)
		if fps <= 0 {
			fps = c.cfg.FPS
		}
		size := congestion.Scale(w.Size, step.Side)
		if w.Size.W <= 0 || w.Size.H <= 0 {
			size = w.Size
		}
		wish.Streams = append(wish.Streams, packet.Want{ID: w.ID, Width: size.W, Height: size.H, FPS: max(int(math.Ceil(fps*step.Rate)), 1)})
	}
	return wish
}

// Drawn implements Controls.
func (c *Call) Drawn(id uint32, picture media.Stamp) {
	now := time.Now()
	c.counts.Draw(id, now.Sub(picture.Time), now)
}

// Dropped implements Controls.
func (c *Call) Dropped(id uint32, reason account.Reason) { c.counts.DropDown(id, reason) }

// Pause implements Controls.
func (c *Call) Pause(paused bool) {
	c.mu.Lock()
	changed := c.paused != paused
	c.paused = paused
	c.mu.Unlock()
	if !changed {
		return
	}
	c.feed.pause(paused)
	c.tellPause(paused)
}

func (c *Call) tellPause(paused bool) {
	t := packet.StreamStart
	if paused {
		t = packet.StreamStop
	}
	if c.watcher.Load() {
		return
	}
	b := c.bufs.Get(4)
	defer b.Release()
	packet.PutStream(b.Payload(), packet.StreamVideo)
	b.Finish(t, 0)
	c.link.post(b)
}

// Say implements Controls.
func (c *Call) Say(text string) {
	if text = packet.CleanText(text); text != "" {
		c.link.control(packet.TextMessage, packet.Text{Text: text})
	}
}

// Enter implements Controls.
func (c *Call) Enter() { signal(c.entering) }

// Leave implements Controls.
func (c *Call) Leave() { signal(c.leaving) }

// signal makes a channel of capacity one yield once.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
