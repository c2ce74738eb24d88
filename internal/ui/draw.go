package ui

import (
	"fmt"
	"time"

	"acip/frame"
	"acip/render"
)

// The least screen that shows a room.
const (
	leastCols = 20
	leastRows = 6
)

// pen is a canvas with the colours and signs of one drawing.
type pen struct {
	c *render.Canvas
	t theme
	s signs
}

// text writes s and returns its width.
func (p *pen) text(x, y int, s string, t render.TextStyle) int { return p.c.Text(x, y, s, t) }

// centred writes s in the middle of a row, cut to it.
func (p *pen) centred(at frame.Rect, y int, s string, t render.TextStyle) {
	s = cut(s, at.W, p.s.more)
	p.text(at.X+(at.W-width(s))/2, y, s, t)
}

// Draw puts on the canvas what has changed since the last time; everything after SetStyle, a resize or Redraw.
func (m *Model) Draw(c *render.Canvas, now time.Time) {
	m.tick(now)
	m.now = now
	if size := c.Size(); size != m.size {
		m.size, m.dirty = size, true
	}
	p := &pen{c: c, t: themeFor(c.Style(), m.background), s: signsFor(m.opts.Plain)}
	if m.size.W < leastCols || m.size.H < leastRows {
		m.drawTooSmall(p)
		return
	}
	whole := m.dirty
	if whole {
		c.Fill(frame.Rect{W: m.size.W, H: m.size.H}, p.t.content)
		m.arrange(c.Style().CellSize())
	}
	m.drawTiles(p, whole, now)
	m.drawOver(p, now)
	if whole {
		m.drawRoster(p)
	}
	if whole || m.statusDirty {
		m.drawStatus(p, m.statusRect(), now)
	}
	m.dirty, m.statusDirty = false, false
}

// DrawTwice is Draw on two canvases of the same size, such as the screen's and that of a recording: what has changed is
// drawn on both.
func (m *Model) DrawTwice(c, other *render.Canvas, now time.Time) {
	m.tick(now)
	dirty, statusDirty := m.dirty || c.Size() != m.size, m.statusDirty
	var fresh []*tile
	for _, t := range append(m.slots.all(), &m.self) {
		if t.fresh {
			fresh = append(fresh, t)
		}
	}
	m.Draw(other, now)
	m.dirty, m.statusDirty = dirty, statusDirty
	for _, t := range fresh {
		t.fresh = true
	}
	m.Draw(c, now) // last, since keys and questions are about what the screen has where
}

// Arrange gives every tile its place, as Draw will, if something has changed.
func (m *Model) Arrange(c *render.Canvas) {
	if m.dirty || m.size != c.Size() {
		m.size, m.dirty = c.Size(), true
		m.arrange(c.Style().CellSize())
	}
}

// Redraw makes the next Draw draw everything.
func (m *Model) Redraw() { m.dirty = true }

func (m *Model) drawTooSmall(p *pen) {
	m.arrange(p.c.Style().CellSize())
	all := frame.Rect{W: m.size.W, H: m.size.H}
	p.c.Fill(all, p.t.content)
	lines := []string{"needs 20x6"}
	if m.size.H > 1 {
		lines = []string{"too small:", "needs 20x6"}
	}
	if m.size.H > 2 {
		lines = append(lines, "q leaves")
	}
	y := (m.size.H - len(lines)) / 2
	for i, l := range lines {
		p.centred(all, y+i, l, p.t.text)
	}
	m.dirty, m.statusDirty = false, false
}

func (m *Model) statusRect() frame.Rect {
	return frame.Rect{Y: m.size.H - 1, W: m.size.W, H: 1}
}

// contentArea returns the part of the screen for tiles: the screen without status line, roster line and
// chat.
func (m *Model) contentArea() frame.Rect {
	r := frame.Rect{W: m.size.W, H: m.size.H - 1 - m.rosterHigh()}
	if m.chat.open {
		side, below := m.chatRect()
		if below {
			r.H -= side.H
		} else {
			r.W -= side.W
		}
	}
	return r
}

// arrange gives every tile its place.
func (m *Model) arrange(cell frame.Size) {
	unseen := map[*tile]bool{}
	for _, t := range m.slots.all() {
		unseen[t] = t.rect.Empty()
		t.rect = frame.Rect{}
	}
	m.self.rect = frame.Rect{}
	if m.size.W < leastCols || m.size.H < leastRows {
		return
	}
	area := m.contentArea()
	speaker := m.speaker()
	switch {
	case speaker == nil:
		m.self.rect = area
	case m.layout == Solo:
		speaker.rect = area
	case m.layout == Speaker && m.slots.count() > 1:
		m.arrangeSpeaker(area, cell, speaker)
	default:
		m.arrangeGrid(area, cell)
	}
	for _, t := range m.slots.all() {
		if unseen[t] && !t.rect.Empty() {
			t.seen = m.now // it was not asked for until now
		}
	}
	m.arrangeSelf(area, cell)
}

// arrangeSelf puts one's own picture into a corner over the others', where that is wanted and there is room.
func (m *Model) arrangeSelf(area frame.Rect, cell frame.Size) {
	speaker := m.speaker()
	if speaker == nil || !m.selfView || m.opts.NoSelf || m.status.NoSource {
		return
	}
	below := speaker.rect
	if m.layout == Speaker && m.slots.count() > 1 {
		area = speaker.rect // the others' strip stays free
	}
	picture := frame.Size{}
	if m.self.frame != nil {
		picture = m.self.frame.Size()
	}
	m.self.rect = cornerRect(area, below, cell, picture)
}

func (m *Model) arrangeGrid(area frame.Rect, cell frame.Size) {
	aspect := m.aspect()
	m.grid = m.slots.settle(func(n int) shape { return bestShape(area.Size(), cell, n, aspect) })
	gx, gy := gapsFor(area.Size())
	for i, r := range gridRects(area, m.grid, len(m.slots.list), gx, gy) {
		if t := m.slots.list[i]; t != nil {
			t.rect = r
		}
	}
}

func (m *Model) arrangeSpeaker(area frame.Rect, cell frame.Size, speaker *tile) {
	large, strip := speakerRects(area, cell, m.slots.count()-1)
	speaker.rect = large
	i := 0
	for _, t := range m.slots.all() {
		if t != speaker && i < len(strip) {
			t.rect = strip[i]
			i++
		}
	}
}

// aspect is the mean shape of the pictures; 4:3 until one is there.
func (m *Model) aspect() float64 {
	sum, n := 0.0, 0
	for _, t := range m.slots.all() {
		if t.frame != nil && t.frame.Height > 0 {
			sum += float64(t.frame.Width) / float64(t.frame.Height)
			n++
		}
	}
	if n == 0 {
		return 4.0 / 3
	}
	return min(max(sum/float64(n), 0.5), 3)
}

func (m *Model) drawTiles(p *pen, whole bool, now time.Time) {
	if m.self.rect.Empty() || m.slots.count() > 0 { // peers below oneself
		for i, t := range m.slots.list {
			if t != nil && !t.rect.Empty() && (whole || t.fresh) {
				p.lay(t.rect, whole)
				m.drawTile(p, t, i+1, now)
			}
		}
	}
	if m.self.rect.Empty() {
		m.self.fresh = false
		return
	}
	if whole || m.self.fresh || m.slots.count() > 0 {
		p.lay(m.self.rect, whole)
		m.drawSelf(p, now)
	}
}

// lay fills the background of a tile that is about to be redrawn.
func (p *pen) lay(r frame.Rect, whole bool) {
	if whole {
		p.c.Fill(r, p.t.ground)
	}
}

// dimmed is how dark a picture is that is no longer live.
const dimmed = 140

func (m *Model) drawTile(p *pen, t *tile, number int, now time.Time) {
	t.fresh = false
	if t.frame == nil || len(t.frame.Pix) == 0 {
		t.covered = t.rect
		p.initials(t.rect, t.name)
	} else {
		o := render.PictureOptions{Fit: m.opts.Fit}
		if t.paused || t.lost() || t.stall > 0 || m.link.State == Lost {
			o.Dim = dimmed
		}
		t.covered = p.c.Picture(t.rect, t.frame, o)
	}
	if m.names {
		state, matters := t.state(now)
		p.label(t.rect, t.covered, tag{m.number(number), t.name, state, matters})
	}
}

// number is the digit that chooses a peer; nothing where there is no choice.
func (m *Model) number(n int) string {
	if m.slots.count() < 2 || n > 9 {
		return ""
	}
	return string(rune('0' + n))
}

// state is what a tile says beside the name; what matters takes the name's place where there is room for one of them.
func (t *tile) state(now time.Time) (text string, matters bool) {
	switch {
	case t.lost():
		left := int((t.lostAt.Add(lostTileTime).Sub(now) + time.Second - 1) / time.Second)
		return fmt.Sprintf("reconnecting %d s", max(left, 0)), true
	case t.paused:
		return "paused", true
	case t.stall > 0:
		return fmt.Sprintf("no picture for %d s", t.stall), true
	case t.frame == nil:
		return "no picture yet", false
	}
	return "", false
}

// tag is what a label says.
type tag struct {
	number, name, state string
	matters             bool // the state, more than the name
}

// farBelow is how many free rows under a picture part it from a name at the bottom of its tile.
const farBelow = 2

// label writes a name at the bottom left of a picture, on a ground of its own, or of its tile where the picture is too
// narrow; as a caption where the picture ends well above. Two rows are too few for both.
func (p *pen) label(on, picture frame.Rect, t tag) {
	if on.H < 3 && !picture.Empty() {
		return
	}
	y := on.Y + on.H - 1
	if under := picture.Y + picture.H; !picture.Empty() && y-under >= farBelow {
		y = under
	}
	if need := width(t.number+t.name+t.state) + 6; picture.W >= need {
		on.X, on.W = picture.X, picture.W
	}
	room := on.W - 2
	if t.number != "" {
		room -= 2
	}
	if w := width(t.state) + 3; t.state != "" && room-w >= min(4, width(t.name)) {
		room -= w
	} else if t.matters {
		t.name, t.state = t.state, ""
	} else {
		t.state = ""
	}
	t.name = cut(t.name, room, p.s.more)
	if t.name == "" {
		return
	}
	x := on.X
	x += p.text(x, y, " ", p.t.label)
	if t.number != "" {
		x += p.text(x, y, t.number+" ", p.t.labelDim)
	}
	x += p.text(x, y, t.name, p.t.label)
	if t.state != "" {
		x += p.text(x, y, " "+p.s.dot+" "+t.state, p.t.labelDim)
	}
	p.text(x, y, " ", p.t.label)
}

// drawSelf shows one's own picture, as in a mirror unless asked otherwise.
func (m *Model) drawSelf(p *pen, now time.Time) {
	m.self.fresh = false
	f := m.self.frame
	switch {
	case m.self.watch || m.status.NoSource || m.camera.Text != "" || f == nil || len(f.Pix) == 0:
		m.self.covered = m.self.rect
		m.drawCard(p, m.self.rect)
		return
	case m.status.Paused:
		m.self.covered = p.c.Picture(m.self.rect, f, render.PictureOptions{Fit: m.opts.Fit, Mirror: m.mirror, Dim: dimmed})
	default:
		m.self.covered = p.c.Picture(m.self.rect, f, render.PictureOptions{Fit: m.opts.Fit, Mirror: m.mirror})
	}
	if m.names && (m.slots.count() > 0 || !m.aloneNote()) {
		state := ""
		if m.status.Paused {
			state = "paused"
		}
		p.label(m.self.rect, m.self.covered, tag{name: m.ownName(), state: state, matters: state != ""})
	}
}

func (m *Model) ownName() string {
	if m.self.name == "" || m.self.name == "me" {
		return "you"
	}
	return m.self.name + " (you)"
}

// drawOver draws what lies over the tiles.
func (m *Model) drawOver(p *pen, now time.Time) {
	area := m.contentArea()
	m.drawBanner(p, area, now)
	m.drawNotes(p, area)
	if m.chat.open {
		m.drawChat(p)
	}
	if m.people.open {
		m.drawPeople(p, frame.Rect{W: m.size.W, H: m.size.H - 1})
	}
	if m.help {
		m.drawHelp(p, frame.Rect{W: m.size.W, H: m.size.H - 1})
	}
}
