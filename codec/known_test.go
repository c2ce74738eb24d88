package codec

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"acip/media"
)

// TestEveryCodecIsKnownEverywhere holds the places that know of video codecs against the list in media. A codec that is
// added there needs an encoder and a decoder in NewEncoder and NewDecoder, a place in Available, and a number and a decoder
// in the page's modules; the relay, the call and the flags take names and numbers from media.
func TestEveryCodecIsKnownEverywhere(t *testing.T) {
	constants, decode := page(t, "constants.js"), page(t, "decode.js")
	for _, c := range media.Codecs(media.Video) {
		e, err := NewEncoder(c, Options{})
		if errors.Is(err, ErrUnknown) {
			t.Errorf("%v: NewEncoder does not know it", c)
		}
		if err == nil {
			_ = e.Close()
		}
		d, err := NewDecoder(c)
		if errors.Is(err, ErrUnknown) {
			t.Errorf("%v: NewDecoder does not know it", c)
		}
		if err == nil {
			_ = d.Close()
		}
		if _, missing := Missing()[c]; !missing && !slices.Contains(Available(), c) {
			t.Errorf("%v: neither Available nor Missing lists it", c)
		}
		upper := strings.ToUpper(c.String())
		if !strings.Contains(constants, fmt.Sprintf("  %s: %d,\n", upper, c)) {
			t.Errorf("%v: constants.js lacks its number %d", c, c)
		}
		if c != media.Raw && !strings.Contains(decode, "CODEC."+upper) {
			t.Errorf("%v: decode.js does not decode it", c)
		}
		if !strings.Contains(decode, `"`+c.String()+`"`) {
			t.Errorf("%v: decode.js does not offer it", c)
		}
	}
	for _, c := range Available() {
		if !c.Known(media.Video) {
			t.Errorf("Available lists %v, which media does not", c)
		}
	}
	if _, err := NewEncoder(media.Codec(200), Options{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown codec: %v", err)
	}
}

// page reads one of the page's modules.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../internal/server/web/page/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
