package call

import (
	"time"

	"acip/frame"
	"acip/media"
	"acip/packet"
	"acip/transport"
)

// An alternative layer, for viewers that do not decode the main picture, takes a share of the main picture's bytes, so that
// all layers together stay below three times the main picture; but never less than a picture now and then.
const (
	extraShare = 1.6   // of the main picture's bytes, for all alternatives together
	extraLeast = 4_000 // bytes a second: 32 kbit/s
	extraFine  = 0.5   // share of the finest pictures' bytes
)

// allowance keeps one alternative to its rate, in pictures and in bytes. Pure: time is an argument.
type allowance struct {
	pace pacer
	debt float64 // bytes sent above what was due by then
	at   time.Time
}

// pass reports whether a picture taken at t may be sent at fps a second and per bytes a second.
func (a *allowance) pass(t time.Time, fps, per float64) bool {
	if d := t.Sub(a.at).Seconds(); !a.at.IsZero() && d > 0 {
		a.debt = max(0, a.debt-d*per)
	}
	a.at = t
	return a.debt == 0 && a.pace.pass(t, fps)
}

// alternativeCodec returns the codec of an alternative; false for one that is not known.
func alternativeCodec(a packet.Alternative) (id media.Codec, ok bool) {
	switch {
	case a.ID == packet.LayerJPEG && a.Codec == media.JPEG.String():
		return media.JPEG, true
	case a.ID == packet.LayerRaw && a.Codec == media.Raw.String():
		return media.Raw, true
	}
	return 0, false
}

// sendAlternatives sends the picture once more for each codec that some viewer needs, small and seldom.
func (s *sender) sendAlternatives(out *transport.SendQueue, pic *frame.Frame, list []packet.Alternative, fps float64, key bool) {
	for _, a := range list {
		id, ok := alternativeCodec(a)
		if !ok || a.FPS <= 0 || a.Kbps <= 0 {
			continue
		}
		layer := int(a.ID)
		w := s.extra[layer]
		if w == nil {
			w = &allowance{}
			s.extra[layer] = w
		}
		per := min(max(extraShare*s.layers[packet.LayerMain].weight()*fps, extraLeast), float64(a.Kbps)*1000/8) / float64(len(list))
		if !w.pass(pic.Time, float64(a.FPS), per) {
			continue
		}
		size := s.target(layer, pic, frame.Size{W: a.Width, H: a.Height}, step{side: 1, rate: 1, fine: 1})
		if s.send(out, pic, target{layer, id, size, float64(a.FPS), extraFine, key}) == "" && s.layers[layer] != nil {
			w.debt += float64(s.layers[layer].size)
		}
	}
}
