package call

import (
	"context"
	"time"

	"acip/internal/account"
	"acip/packet"
)

// How often the call looks after itself, and how close together two wishes may be.
const (
	pulseEvery = 500 * time.Millisecond
	wishGap    = 30 * time.Millisecond
	restAfter  = 10 * time.Second // without anybody looking a live source is closed
)

// pulse sends wishes, reports and numbers until ctx ends or the person leaves.
func (c *Call) pulse(ctx context.Context) error {
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	p := &gauge{Call: c, before: c.counts.Totals(), at: time.Now(), looked: time.Now()}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.leaving:
			return errLeft
		case <-c.send.full:
			sleep(ctx, lingerFor)
			return errLeft
		case <-c.wished:
			c.sendWish()
			sleep(ctx, wishGap)
		case now := <-tick.C:
			p.look(now)
		}
	}
}

// gauge turns counts into rates, and rates into what to do.
type gauge struct {
	*Call
	before  account.Totals
	at      time.Time
	in, out uint64
	rtt     time.Duration // the least seen
	looked  time.Time     // when somebody last looked
	joined  bool          // there has been a connection
	alone   uint64        // pictures missed before, by nobody
	waited  time.Duration // of the connection's writer
	told    string        // of the downlink
}

func (g *gauge) look(now time.Time) {
	t := g.counts.Totals()
	d := now.Sub(g.at).Seconds()
	if d <= 0 {
		return
	}
	if !g.joined {
		g.joined, g.alone = g.handle.Connected(), t.Missed
	}
	wire := g.link.traffic()
	s := g.numbers(t, d)
	if wire.BytesIn >= g.in && wire.BytesOut >= g.out {
		s.KbitDown, s.KbitUp = float64(wire.BytesIn-g.in)*8/1000/d, float64(wire.BytesOut-g.out)*8/1000/d
	}
	g.in, g.out = wire.BytesIn, wire.BytesOut
	g.judge(t, now)
	g.rest(now)
	g.before, g.at = t, now
	g.Call.out.Status(s)
	if rep := g.recv.report(); len(rep.Streams) > 0 && g.handle.Connected() {
		g.link.control(packet.ReportType, rep)
	}
}

// numbers fills in what people read.
func (g *gauge) numbers(t account.Totals, d float64) Status {
	goal, limited := g.send.sending()
	info, open := g.Source()
	g.mu.Lock()
	paused := g.paused
	g.mu.Unlock()
	s := Status{
		FPSIn: float64(t.Drawn-g.before.Drawn) / d, FPSOut: float64(t.Sent-min(g.before.Sent, t.Sent)) / d,
		RTT: g.link.rtt(), Age: t.Age, Drops: t.Missed - g.alone, Peers: len(g.recv.list()), Limited: limited, Paused: paused,
		Unwatched: g.send.asked().FPS == 0, Viewer: g.watcher.Load(),
	}
	if open {
		s.Source = info.Name
	}
	if goal.any && t.Sent > g.before.Sent {
		s.Codec, s.Sending, s.SendFPS = goal.id.String(), goal.size, int(goal.fps+0.5)
	}
	return s
}

// Signs of a link that is too slow.
const (
	slowShare  = 0.4                    // of the pictures that could have been sent were replaced
	slowRTT    = 400 * time.Millisecond // and four times the least seen
	slowAge    = 600 * time.Millisecond // of pictures on arrival, above the least seen
	lateAge    = 80 * time.Millisecond  // the same, or above the least round trip, where the server leaves pictures out too
	fewLeft    = 3                      // pictures that the server left out of all, below which it is chance
	slowFactor = 4
)

// judge looks for signs of pressure on both ways.
func (g *gauge) judge(t account.Totals, now time.Time) {
	if !g.handle.Connected() {
		g.rtt = 0
		g.mu.Lock()
		g.down.reconnect()
		g.mu.Unlock()
		return
	}
	rtt := g.link.rtt()
	if rtt > 0 && (g.rtt == 0 || rtt < g.rtt) {
		g.rtt = rtt
	}
	replaced, sent := t.Replaced-g.before.Replaced, t.Sent-min(g.before.Sent, t.Sent)
	bad := replaced >= 3 && float64(replaced) > slowShare*float64(replaced+sent)
	bad = bad || sent > 0 && rtt > slowRTT && rtt > slowFactor*g.rtt
	offered, carried := g.uplink(t, sent, now)
	g.send.strain(bad, offered, carried, now)

	g.judgeDown(rtt > slowRTT && rtt > slowFactor*g.rtt, now)
}

// uplink is the bytes a second that pictures of now offer to the link, and those that it carries, 0 where none had to wait.
func (g *gauge) uplink(t account.Totals, sent uint64, now time.Time) (offered, carried float64) {
	if sent > 0 {
		goal, _ := g.send.sending()
		offered = goal.offered
	}
	d := now.Sub(g.at)
	waited := g.link.traffic().Waited
	if waited-g.waited > d/2 && sent > 0 {
		carried = float64(t.BytesSent-g.before.BytesSent) / d.Seconds()
	}
	g.waited = waited
	return offered, carried
}

// judgeDown looks at how each sender's pictures arrive, and asks for less of those that the link does not carry.
func (g *gauge) judgeDown(far bool, now time.Time) {
	all := g.recv.arrivals()
	look := downLook{far: far, rtt: g.rtt, seconds: now.Sub(g.at).Seconds(), now: now}
	g.mu.Lock()
	changed := g.down.judge(all, look)
	text := g.down.String()
	g.mu.Unlock()
	if changed {
		g.wishAgain()
	}
	if text == g.told {
		return
	}
	g.told = text
	if text == "" {
		text = "pictures arrive in time again: full size"
	}
	g.noted(Note{Kind: NoteInfo, Text: "from the server: " + text})
}

// rest closes a live source that nobody has looked at for long.
func (g *gauge) rest(now time.Time) {
	if _, want, _ := g.feed.state(); want {
		g.looked = now
	}
	g.feed.sleep(now.Sub(g.looked) > restAfter)
}
