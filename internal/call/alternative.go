package call

import (
	"acip/frame"
	"acip/internal/congestion"
	"acip/media"
	"acip/packet"
	"acip/transport"
)

// An alternative layer, for viewers that do not decode the main picture, takes a share of the main picture's bytes, so that
// all layers together stay below three times the main picture; but always enough for a picture now and then.
const (
	alternativesShare = 1.6   // of the main picture's bytes, for all alternatives together
	alternativesMin   = 4_000 // bytes a second: 32 kbit/s
	alternativeFine   = 0.5   // share of the finest pictures' bytes
)

// alternativeCodec returns the codec of an alternative; false for an unknown one.
func alternativeCodec(a packet.Alternative) (id media.Codec, ok bool) {
	switch {
	case a.Layer == packet.LayerJPEG && a.Codec == media.JPEG.String():
		return media.JPEG, true
	case a.Layer == packet.LayerRaw && a.Codec == media.Raw.String():
		return media.Raw, true
	}
	return 0, false
}

// sendAlternatives sends the picture again for each codec that some viewer needs, small and seldom.
func (u *videoUplink) sendAlternatives(out *transport.SendQueue, pic *frame.Frame, list []packet.Alternative, fps float64, key bool) {
	for _, a := range list {
		id, ok := alternativeCodec(a)
		if !ok || a.FPS <= 0 || a.Kbps <= 0 || id == media.Raw && u.transform != nil {
			continue
		}
		layer := int(a.Layer)
		w := u.allowances[layer]
		if w == nil {
			w = &congestion.Allowance{}
			u.allowances[layer] = w
		}
		rate := min(max(alternativesShare*u.layers[packet.LayerMain].bytes()*fps, alternativesMin), float64(a.Kbps)*1000/8) / float64(len(list))
		if !w.Pass(pic.Time, float64(a.FPS), rate) {
			continue
		}
		size := u.layerSize(layer, pic, frame.Size{W: a.Width, H: a.Height}, congestion.FullStep)
		if u.send(out, pic, layerTarget{layer, id, size, float64(a.FPS), alternativeFine, key}) == "" && u.layers[layer] != nil {
			w.Spend(u.layers[layer].size)
		}
	}
}
