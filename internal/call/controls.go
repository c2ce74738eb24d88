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
	same := slices.Equal(c.wants, streams)
	c.wants = append(c.wants[:0], streams...)
	c.mu.Unlock()
	c.uplink.setSelf(self, self != frame.Size{})
	if !same {
		c.demandChanged.Notify()
	}
}

// sendDemand tells the server what is wanted.
func (c *Call) sendDemand() { c.session.control(packet.Demand, c.demand()) }

// demand returns what is wanted, reduced to what the downlink carries of each sender.
func (c *Call) demand() packet.Wish {
	c.mu.Lock()
	defer c.mu.Unlock()
	wish := packet.Wish{}
	for _, w := range c.wants {
		step := c.estimates.step(w.ID)
		fps := float64(w.FPS)
		if fps <= 0 {
			fps = c.cfg.FPS
		}
		size := congestion.Scale(w.Size, step.Side)
		if w.Size.W <= 0 || w.Size.H <= 0 {
			size = w.Size
		}
		wish.Streams = append(wish.Streams, packet.Want{ID: w.ID, Width: size.W, Height: size.H, FPS: max(media.Rate(math.Ceil(fps*step.Rate)), 1)})
	}
	return wish
}

// Drawn implements Controls.
func (c *Call) Drawn(id uint32, picture media.Stamp) {
	now := time.Now()
	c.account.Draw(id, now.Sub(picture.Time), now)
}

// Dropped implements Controls.
func (c *Call) Dropped(id uint32, reason account.Reason) { c.account.DropDown(id, reason) }

// Pause implements Controls.
func (c *Call) Pause(paused bool) {
	c.mu.Lock()
	changed := c.paused != paused
	c.paused = paused
	c.mu.Unlock()
	if !changed {
		return
	}
	c.capture.pause(paused)
	c.tellPause(paused)
}

// tellPause tells the room whether one's own video is paused.
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
	c.session.post(b)
}

// Say implements Controls.
func (c *Call) Say(text string) {
	if text = packet.CleanText(text); text != "" {
		c.session.control(packet.TextMessage, packet.Text{Text: text})
	}
}

// Enter implements Controls.
func (c *Call) Enter() { c.entering.Notify() }

// Leave implements Controls.
func (c *Call) Leave() { c.leaving.Notify() }
