package media

import (
	"encoding/json"
	"testing"
)

func TestCodecNamesAndNumbers(t *testing.T) {
	for name, want := range map[string]Codec{"raw": 0, "jpeg": 1, "vp8": 2, "opus": 16} {
		c, ok := ParseCodec(name)
		if !ok || c != want || c.String() != name {
			t.Errorf("%s is %d (%v), named %s", name, c, ok, c)
		}
	}
	if _, ok := ParseCodec("h264"); ok {
		t.Error("an unknown name was parsed")
	}
	if s := Codec(9).String(); s != "codec(9)" || Codec(9).InterCoded() {
		t.Error("an unknown codec is", s)
	}
}

func TestKinds(t *testing.T) {
	if !VP8.Known(Video) || VP8.Known(Audio) || !Opus.Known(Audio) || Opus.Known(Video) || Codec(9).Known(Video) {
		t.Error("codecs are of the wrong kind")
	}
	if v := Codecs(Video); len(v) != 3 || v[0] != VP8 || v[2] != Raw {
		t.Error("video codecs, best first:", v)
	}
	if Video.String() != "video" || Audio.String() != "audio" || Kind(7).String() != "kind(7)" {
		t.Error("kinds are misnamed")
	}
}

func TestFlags(t *testing.T) {
	f := Flags(0).With(Key, true).With(Discardable, true)
	if !f.Has(Key|Discardable) || f.Has(Encrypted) || f.InterCoded() {
		t.Errorf("%b", f)
	}
	if f = f.With(Discardable, false); f.Has(Discardable) || !f.InterCoded() {
		t.Errorf("%b", f)
	}
}

func TestRates(t *testing.T) {
	type body struct {
		FPS Rate `json:"fps,omitzero"`
	}
	for text, want := range map[string]Rate{`{}`: Native, `{"fps":0}`: Off, `{"fps":30}`: 30} {
		var b body
		if err := json.Unmarshal([]byte(text), &b); err != nil || b.FPS != want {
			t.Errorf("%s is read as %v, %v", text, b.FPS, err)
		}
	}
	for want, r := range map[string]Rate{`{}`: Native, `{"fps":0}`: Off, `{"fps":30}`: 30} {
		if text, err := json.Marshal(body{r}); err != nil || string(text) != want {
			t.Errorf("%v is written as %s, %v", r, text, err)
		}
	}
	var r Rate
	for _, bad := range []string{`1.5`, `"30"`, `[]`, `-4`} {
		if json.Unmarshal([]byte(bad), &r) == nil {
			t.Errorf("%s was read as a rate", bad)
		}
	}
}

func TestRateMax(t *testing.T) {
	for _, c := range []struct{ a, b, want Rate }{
		{Off, Off, Off}, {Off, 5, 5}, {5, Off, 5}, {5, 30, 30}, {Native, 30, Native}, {240, Native, Native}, {Off, Native, Native},
	} {
		if got := c.a.Max(c.b); got != c.want {
			t.Errorf("max of %v and %v is %v, want %v", c.a, c.b, got, c.want)
		}
	}
	if Native.String() != "native" || Off.String() != "off" || Rate(30).String() != "30" || PerSecond(0).On() || !PerSecond(1).On() {
		t.Error("rates are misnamed")
	}
}
