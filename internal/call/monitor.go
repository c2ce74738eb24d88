package call

import (
	"context"
	"time"

	"acip/internal/account"
	"acip/packet"
)

// Intervals of the monitor.
const (
	monitorEvery = 500 * time.Millisecond
	demandGap    = 30 * time.Millisecond // between two DEMANDs at least
	standbyAfter = 10 * time.Second      // without anybody looking, a live source is closed
)

// monitor sends demands and reports, and watches the links, until ctx ends or the person leaves.
func (c *Call) monitor(ctx context.Context) error {
	tick := time.NewTicker(monitorEvery)
	defer tick.Stop()
	m := newLinkMonitor(c, time.Now())
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.leaving.C():
			return errLeft
		case <-c.uplink.limitReached:
			sleep(ctx, lingerFor)
			return errLeft
		case <-c.demandChanged.C():
			c.sendDemand()
			sleep(ctx, demandGap)
		case now := <-tick.C:
			m.sample(now)
		}
	}
}

// linkMonitor turns counts into rates, and rates into what to do about the links.
type linkMonitor struct {
	call *Call

	before    account.Totals // at the last sample
	at        time.Time      // of the last sample
	in, out   uint64         // bytes on the wire by then
	waited    time.Duration  // time that the connection's writer had waited by then
	viewed    time.Time      // when somebody last looked at one's own picture
	connected bool           // there has been a connection
	missed    uint64         // pictures missed before there was one, which nobody noticed

	minRTT    time.Duration // the least seen on this connection
	announced string        // what was last said about the downlink
}

func newLinkMonitor(c *Call, now time.Time) *linkMonitor {
	return &linkMonitor{call: c, before: c.account.Totals(), at: now, viewed: now}
}

// sample looks at what has changed since the last sample.
func (m *linkMonitor) sample(now time.Time) {
	c := m.call
	t := c.account.Totals()
	d := now.Sub(m.at).Seconds()
	if d <= 0 {
		return
	}
	if !m.connected {
		m.connected, m.missed = c.handle.Connected(), t.Missed
	}
	wire := c.session.traffic()
	s := m.status(t, d)
	if wire.BytesIn >= m.in && wire.BytesOut >= m.out {
		s.KbitDown, s.KbitUp = float64(wire.BytesIn-m.in)*8/1000/d, float64(wire.BytesOut-m.out)*8/1000/d
	}
	m.in, m.out = wire.BytesIn, wire.BytesOut
	m.estimate(t, now)
	m.standby(now)
	m.before, m.at = t, now
	c.out.Status(s)
	if rep := c.downlink.report(); len(rep.Streams) > 0 && c.handle.Connected() {
		c.session.control(packet.ReportType, rep)
	}
}

// status returns the numbers that people read, without those of the wire; d is the time since the last sample in seconds.
func (m *linkMonitor) status(t account.Totals, d float64) Status {
	c := m.call
	sending, limited := c.uplink.status()
	info, open := c.Source()
	c.mu.Lock()
	paused := c.paused
	c.mu.Unlock()
	s := Status{
		FPSIn: float64(t.Drawn-m.before.Drawn) / d, FPSOut: float64(t.Sent-min(m.before.Sent, t.Sent)) / d,
		RTT: c.session.rtt(), Age: t.Age, Drops: t.Missed - m.missed, Peers: len(c.downlink.list()), Limited: limited, Paused: paused,
		Unwatched: c.uplink.demand().FPS == 0, Viewer: c.watcher.Load(),
	}
	if open {
		s.Source = info.Name
	}
	if sending.any && t.Sent > m.before.Sent {
		s.Codec, s.Sending, s.SendFPS = sending.id.String(), sending.size, int(sending.fps+0.5)
	}
	return s
}

// Signs of a link that is too slow.
const (
	slowShare  = 0.4                    // of the pictures that could have been sent were replaced
	slowRTT    = 400 * time.Millisecond // and slowFactor times the least seen
	slowAge    = 600 * time.Millisecond // of pictures on arrival, above the least seen
	lateAge    = 80 * time.Millisecond  // the same, or above the least round trip, if the server leaves pictures out too
	fewLeft    = 3                      // pictures of all senders that the server left out: fewer are chance
	slowFactor = 4
)

// estimate looks for signs of congestion in both directions.
func (m *linkMonitor) estimate(t account.Totals, now time.Time) {
	if !m.call.handle.Connected() {
		m.minRTT = 0
		m.call.mu.Lock()
		m.call.estimates.reconnect()
		m.call.mu.Unlock()
		return
	}
	rtt := m.call.session.rtt()
	if rtt > 0 && (m.minRTT == 0 || rtt < m.minRTT) {
		m.minRTT = rtt
	}
	longRTT := rtt > slowRTT && rtt > slowFactor*m.minRTT
	replaced, sent := t.Replaced-m.before.Replaced, t.Sent-min(m.before.Sent, t.Sent)
	congested := replaced >= 3 && float64(replaced) > slowShare*float64(replaced+sent)
	congested = congested || sent > 0 && longRTT
	offered, carried := m.estimateUplink(t, sent, now)
	m.call.uplink.reportCongestion(congested, offered, carried, now)
	m.estimateDownlink(longRTT, now)
}

// estimateUplink returns the bytes a second that pictures offer to the link, and those that it carries, or 0 if none had
// to wait.
func (m *linkMonitor) estimateUplink(t account.Totals, sent uint64, now time.Time) (offered, carried float64) {
	if sent > 0 {
		sending, _ := m.call.uplink.status()
		offered = sending.bytes
	}
	d := now.Sub(m.at)
	waited := m.call.session.traffic().Waited
	if waited-m.waited > d/2 && sent > 0 {
		carried = float64(t.BytesSent-m.before.BytesSent) / d.Seconds()
	}
	m.waited = waited
	return offered, carried
}

// estimateDownlink looks at how the pictures of each sender arrive, and asks for less of those that the link does not carry.
func (m *linkMonitor) estimateDownlink(longRTT bool, now time.Time) {
	c := m.call
	all := c.downlink.arrivals()
	sample := downlinkSample{longRTT: longRTT, minRTT: m.minRTT, seconds: now.Sub(m.at).Seconds(), now: now}
	c.mu.Lock()
	changed := c.estimates.observe(all, sample)
	text := c.estimates.String()
	c.mu.Unlock()
	if changed {
		c.demandChanged.Notify()
	}
	if text == m.announced {
		return
	}
	m.announced = text
	if text == "" {
		text = "pictures arrive in time again: full size"
	}
	c.noted(Note{Kind: NoteInfo, Text: "from the server: " + text})
}

// standby closes a live source that nobody has looked at for long, and reopens it when somebody does.
func (m *linkMonitor) standby(now time.Time) {
	if _, wanted, _ := m.call.capture.target(); wanted {
		m.viewed = now
	}
	m.call.capture.setStandby(now.Sub(m.viewed) > standbyAfter)
}
