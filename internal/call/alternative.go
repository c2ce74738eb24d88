package call

import (
	"acip/frame"
	"acip/internal/congestion"
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
			w = &congestion.Allowance{}
			s.extra[layer] = w
		}
		per := min(max(extraShare*s.layers[packet.LayerMain].weight()*fps, extraLeast), float64(a.Kbps)*1000/8) / float64(len(list))
		if !w.Pass(pic.Time, float64(a.FPS), per) {
			continue
		}
		size := s.target(layer, pic, frame.Size{W: a.Width, H: a.Height}, congestion.FullStep)
		if s.send(out, pic, target{layer, id, size, float64(a.FPS), extraFine, key}) == "" && s.layers[layer] != nil {
			w.Spend(s.layers[layer].size)
		}
	}
}
