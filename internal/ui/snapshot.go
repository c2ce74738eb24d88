package ui

import "acip/frame"

// maxSnapshot is the longest side of a snapshot in pixels.
const maxSnapshot = 3840

// Snapshot is the tiles as one picture, where they are on the screen and as large as the best of them has pixels for;
// nil where there is no picture.
func (m *Model) Snapshot(cell frame.Size) *frame.Frame {
	var list []*tile
	for _, t := range append(m.slots.all(), &m.self) {
		if !t.rect.Empty() && t.frame != nil && len(t.frame.Pix) > 0 {
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		return nil
	}
	area := m.contentArea()
	scale := 0.0
	for _, t := range list {
		crop, in := m.opts.Fit.Place(t.frame.Size(), frame.Size{W: t.rect.W * cell.W, H: t.rect.H * cell.H})
		scale = max(scale, float64(crop.W)/float64(max(1, in.W)))
	}
	full := frame.Size{W: area.W * cell.W, H: area.H * cell.H}
	scale = min(scale, maxSnapshot/float64(max(full.W, full.H)))
	at := func(v int) int { return max(1, int(float64(v)*scale+0.5)) }
	out := frame.New(at(full.W), at(full.H))
	var s frame.Scaler
	for _, t := range list {
		place := frame.Size{W: at(t.rect.W * cell.W), H: at(t.rect.H * cell.H)}
		crop, in := m.opts.Fit.Place(t.frame.Size(), place)
		in.X += int(float64((t.rect.X-area.X)*cell.W)*scale + 0.5)
		in.Y += int(float64((t.rect.Y-area.Y)*cell.H)*scale + 0.5)
		s.Scale(out, in, t.frame, crop)
	}
	return out
}
