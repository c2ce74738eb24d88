// Package ui decides where on the screen things go and what keys do.
//
// It is pure: events go in, actions come out, and Draw puts everything on a canvas. Times are arguments; nothing here
// waits, reads or writes.
package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"acip/frame"
)

// Options are the settings that a person chose before the call.
type Options struct {
	Fit frame.Fit
	// Plain keeps to ASCII, for terminals that show nothing else.
	Plain bool
	// FPS is the rate asked for of each peer; 0 is the call's.
	FPS int
	// Home is the person's home directory, which notes show as ~; empty where it is not known.
	Home string
	// NoSelf says that one's own picture is never shown.
	NoSelf bool
}

// Model is everything that the screen shows. Not for concurrent use.
type Model struct {
	opts     Options
	bindings []binding
	size     frame.Size

	slots   slots
	aside   []*tile // members without a tile: watchers and hidden ones
	hushes  hushes
	people  people
	self    tile
	ownRate rate // of one's own pictures
	pinned  uint32
	layout  Layout
	grid    shape // as last arranged
	link    Link
	status  Status
	camera  Camera
	notes   []note
	chat    chat

	now         time.Time // of the last event or drawing
	rosterUntil time.Time // until then, who is told of was here before us

	mirror, numbers, names, help bool
	selfView                     bool // one's own picture is shown beside the others'
	recording                    bool
	background                   Backdrop

	dirty       bool // all of the screen has to be drawn again
	statusDirty bool // the status line has to be drawn again
	seconds     int  // seconds shown of the countdown
}

// New returns the model of a call that is connecting.
func New(o Options) *Model {
	return &Model{
		opts: o, bindings: bindings(), hushes: newHushes(), mirror: true, numbers: true, names: true, selfView: true, dirty: true,
	}
}

// Update takes in an event and returns what it asks of the model's owner.
func (m *Model) Update(e Event, now time.Time) []Action {
	m.now = now
	switch e := e.(type) {
	case Key:
		return m.key(e, now)
	case Resized:
		m.size, m.dirty = frame.Size{W: e.Cols, H: e.Rows}, true
	case Joined:
		m.joined(e, now)
	case Gone:
		m.gone(e, now)
	case Picture:
		m.picture(e, now)
	case Self:
		m.ownPicture(e)
	case ChatLine:
		m.said(e, now)
	case Notice:
		m.notice(e, now)
	case Camera:
		m.cameraState(e, now)
	case Link:
		m.linkState(e, now)
	case Status:
		m.numbersState(e, now)
	case Recording:
		m.recording, m.dirty = e.On, true
	case Plain:
		m.dirty = m.dirty || e.On != m.opts.Plain
		m.opts.Plain = e.On
	case Backdrop:
		m.dirty = m.dirty || e != m.background
		m.background = e
	}
	return nil
}

func (m *Model) joined(e Joined, now time.Time) {
	name := clean(e.Name, 32)
	m.dirty = true
	if e.Self {
		m.self.id, m.self.name, m.self.watch = e.ID, name, e.Watch
		return
	}
	m.hushes.meet(e.ID, name)
	t := m.member(e.ID)
	if t == nil {
		t = m.slots.disconnected(name)
	}
	if t == nil {
		m.seat(&tile{id: e.ID, name: name, watch: e.Watch, paused: e.Paused, seen: now})
		if !e.WasHere && m.link.State != Connecting && now.After(m.rosterUntil) {
			m.tellOf(now, m.member(e.ID), "joined", toneGood)
		}
		return
	}
	m.changed(t, e, now)
	if m.pinned == t.id {
		m.pinned = e.ID
	}
	t.id, t.name, t.watch, t.paused = e.ID, name, e.Watch, e.Paused
	m.seat(t)
}

// changed says what is new about a member.
func (m *Model) changed(t *tile, e Joined, now time.Time) {
	switch {
	case t.lost():
		if !t.quiet {
			m.tellOf(now, t, "came back", toneGood)
		}
		t.lostAt, t.quiet, t.seen = time.Time{}, false, now
	case t.paused && !e.Paused:
		m.tellOf(now, t, "resumed", toneInfo)
		t.seen = now
	case !t.paused && e.Paused:
		m.tellOf(now, t, "paused", toneInfo)
	}
}

func (m *Model) gone(e Gone, now time.Time) {
	t := m.member(e.ID)
	if t == nil {
		return
	}
	m.dirty = true
	switch {
	case e.Lost && m.slots.find(e.ID) != nil:
		t.lostAt, t.quiet = now, e.Quiet
		if !e.Quiet {
			m.tellOf(now, t, "lost the connection", toneWarn)
		}
		return
	case !e.Quiet:
		m.tellOf(now, t, "left", toneInfo)
	}
	m.remove(t)
}

// remove forgets a member who is gone.
func (m *Model) remove(t *tile) {
	m.slots.remove(t.id)
	m.aside = slices.DeleteFunc(m.aside, func(have *tile) bool { return have == t })
	if m.pinned == t.id {
		m.pinned = 0
	}
	m.dirty = true
}

func (m *Model) picture(e Picture, now time.Time) {
	t := m.slots.find(e.ID)
	if t == nil {
		return
	}
	// The first picture replaces the initials; another shape moves the bars; one after a long pause takes the mark away.
	if t.frame == nil || t.stall > 0 || !sameShape(t.shape, e.Frame.Size()) {
		m.dirty = true
	}
	t.shows(e.Frame, now)
	t.stall = 0
}

func (m *Model) ownPicture(e Self) {
	if m.self.frame == nil || !sameShape(m.self.shape, e.Frame.Size()) {
		m.dirty = true
	}
	m.self.frame, m.self.shape, m.self.fresh = e.Frame, e.Frame.Size(), true
	m.ownRate.pictures++
}

// sameShape reports whether a picture of size b covers the cells that one of size a did.
func sameShape(a, b frame.Size) bool { return a.W*b.H == b.W*a.H }

func (m *Model) notice(e Notice, now time.Time) {
	n := note{text: m.tilde(clean(e.Text, 300)), hint: m.tilde(clean(e.Hint, 300)), topic: e.Topic, life: tellLife}
	if e.Topic != "" {
		n.life = noteLife
	}
	if e.Serious {
		n.tone = toneWarn
	}
	m.tell(now, n)
}

// tilde shortens paths below the home directory, as a shell takes them too.
func (m *Model) tilde(text string) string {
	home := strings.TrimRight(m.opts.Home, "/")
	if home == "" {
		return text
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		if rest, ok := strings.CutPrefix(w, home+"/"); ok {
			words[i] = "~/" + rest
		}
	}
	return strings.Join(words, " ")
}

func (m *Model) cameraState(e Camera, now time.Time) {
	e.Text, e.Hint = clean(e.Text, 300), clean(e.Hint, 300)
	if e == m.camera {
		return
	}
	had := m.camera.Text != ""
	m.camera, m.dirty = e, true
	switch {
	case e.Text != "" && m.slots.count() > 0: // else a card says it
		m.tell(now, note{text: e.Text, hint: e.Hint, tone: toneBad, life: tellLife})
	case had:
		m.tell(now, note{text: "the camera is back", tone: toneGood, life: joinLife})
	}
}

// rosterGrace is how long after a welcome the list of members may come.
const rosterGrace = 500 * time.Millisecond

func (m *Model) linkState(e Link, now time.Time) {
	if m.link.State != Up && e.State == Up {
		m.rosterUntil = now.Add(rosterGrace)
	}
	if m.link.State == Lost && e.State == Up {
		m.tell(now, note{text: "connected again", tone: toneGood, life: joinLife})
		m.hushes.reconnected()
		for _, t := range m.slots.all() {
			t.seen = now
		}
	}
	e.Address, e.Room, e.Reason = clean(e.Address, 200), clean(e.Room, 64), clean(e.Reason, 200)
	m.link, m.dirty = e, true
}

// rate measures how many pictures come in a second, between one status and the next.
type rate struct {
	pictures int
	since    time.Time
	fps      float64
}

// look closes a stretch of time.
func (r *rate) look(now time.Time) {
	if d := now.Sub(r.since).Seconds(); !r.since.IsZero() && d > 0 {
		r.fps = float64(r.pictures) / d
	}
	r.pictures, r.since = 0, now
}

func (m *Model) numbersState(s Status, now time.Time) {
	m.ownRate.look(now)
	if s.Paused != m.status.Paused || s.NoSource != m.status.NoSource {
		m.dirty = true
	}
	m.status, m.statusDirty = s, true
}

// pin makes the peer in this place the speaker, or nobody if it is already.
func (m *Model) pin(place int, now time.Time) {
	if place >= len(m.slots.list) || m.slots.list[place] == nil {
		m.tell(now, note{text: fmt.Sprintf("there is no tile %d", place+1), life: noteLife})
		return
	}
	m.dirty = true
	id := m.slots.list[place].id
	if m.pinned == id && m.layout == Speaker {
		m.pinned, m.layout = 0, Grid
		return
	}
	m.pinned = id
	if m.layout != Solo {
		m.layout = Speaker
	}
}

// pinStep makes the next peer the speaker.
func (m *Model) pinStep(by int) []Action {
	all := m.slots.all()
	if len(all) == 0 {
		return nil
	}
	at := -1
	for i, t := range all {
		if t.id == m.pinned {
			at = i
		}
	}
	if at < 0 && by < 0 {
		at = 0
	}
	m.pinned = all[(at+by+len(all))%len(all)].id
	if m.layout != Solo {
		m.layout = Speaker
	}
	m.dirty = true
	return nil
}

// speaker is the pinned peer, else the first one; nil when alone.
func (m *Model) speaker() *tile {
	if t := m.slots.find(m.pinned); t != nil {
		return t
	}
	if all := m.slots.all(); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Next is when the screen changes without an event; zero if it does not.
func (m *Model) Next(now time.Time) time.Time {
	var next time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, n := range m.notes {
		sooner(n.end)
	}
	for _, t := range m.slots.all() {
		if t.lost() {
			sooner(t.lostAt.Add(lostTileTime))
			sooner(now.Truncate(time.Second).Add(time.Second))
		}
		if m.link.State == Up {
			sooner(t.stallNext(now))
		}
		sooner(t.shrinkAt)
	}
	sooner(m.self.shrinkAt)
	if m.waits() && now.Before(m.link.Retry) {
		left := m.link.Retry.Sub(now)
		sooner(now.Add(max(left%time.Second, 20*time.Millisecond)))
	}
	return next
}

// Dirty reports whether Draw would change the canvas.
func (m *Model) Dirty(now time.Time) bool {
	m.tick(now)
	if m.dirty || m.statusDirty || m.self.fresh && !m.self.rect.Empty() {
		return true
	}
	for _, t := range m.slots.all() {
		if t.fresh && !t.rect.Empty() {
			return true
		}
	}
	return false
}

// tick lets time pass: notes end, tiles of lost peers go, the countdown counts.
func (m *Model) tick(now time.Time) {
	m.expire(now)
	for _, t := range m.slots.all() {
		if t.lost() && !now.Before(t.lostAt.Add(lostTileTime)) {
			if t.quiet && m.link.State == Up {
				m.tellOf(now, t, "left", toneInfo)
			}
			m.remove(t)
		}
		if still := t.stalled(now); m.link.State == Up && still != t.stall {
			t.stall, m.dirty = still, true
		}
	}
	if left := m.countdown(now); left != m.seconds {
		m.seconds, m.dirty = left, true
	}
}

// countdown is the whole seconds until the next attempt to connect.
func (m *Model) countdown(now time.Time) int {
	if !m.waits() {
		return 0
	}
	return int((max(0, m.link.Retry.Sub(now)) + time.Second - 1) / time.Second)
}

// waits reports whether there is a next attempt to connect to count down to.
func (m *Model) waits() bool { return m.link.State == Lost || m.link.State == Connecting }

// Paused reports whether one's own picture is stopped.
func (m *Model) Paused() bool { return m.status.Paused }

// Shown reports whether a peer has a place on the screen.
func (m *Model) Shown(id uint32) bool {
	t := m.slots.find(id)
	return t != nil && !t.rect.Empty()
}
