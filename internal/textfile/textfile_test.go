package textfile

import "testing"

// TestDecode: marks are taken off, and whatever else a file has stays.
func TestDecode(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a\n": "a\n", "\xef\xbb\xbfa": "a", "\xef\xbb\xbf": "", "\xff\xfea\x00\xe9\x00\n\x00": "aé\n", "\xfe\xff\x00a": "a",
		"\xff\xfe=\xd8\x11\xdd": "\U0001f511", "\xff\xfea\x00b": "a", "\xff\xfe": "", "\xef\xbb": "\xef\xbb", "a\xef\xbb\xbf": "a\xef\xbb\xbf", "\xff\x00": "\xff\x00",
	} {
		if got := string(Decode([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
