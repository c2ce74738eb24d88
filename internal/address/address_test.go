package address

import (
	"testing"

	"acip/internal/fault"
)

func TestAddress(t *testing.T) {
	for typed, want := range map[string]string{
		"":                          "ws://localhost:27226/acip",
		"host":                      "ws://host:27226/acip",
		"host:80":                   "ws://host:80/acip",
		"192.0.2.1":                 "ws://192.0.2.1:27226/acip",
		"::1":                       "ws://[::1]:27226/acip",
		"[::1]:9":                   "ws://[::1]:9/acip",
		"ws://host:27226":           "ws://host:27226/acip",
		"ws://host/other":           "ws://host:27226/other",
		"wss://host":                "wss://host/acip",
		"https://host/x/y":          "wss://host/x/y",
		"http://host:8080/":         "ws://host:8080/acip",
		"https://host/?room=garden": "wss://host/acip",
		"WS://HOST:1":               "ws://HOST:1/acip",
		"  host  ":                  "ws://host:27226/acip",
		"fe80::1%eth0":              "ws://[fe80::1%25eth0]:27226/acip",
	} {
		got, _, err := Parse(typed)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", typed, got, err, want)
		}
	}
	if _, room, _ := Parse("https://host/?room=garden"); room != "garden" {
		t.Errorf("room %q", room)
	}
	for _, typed := range []string{"ftp://host", "ws://", "ws://user:secret@host", "ho st", "host:port:more", "ws://host:notaport"} {
		if got, _, err := Parse(typed); err == nil {
			t.Errorf("%q is taken for %q", typed, got)
		} else if fault.Code(err) != fault.ExitUsage {
			t.Errorf("%q: exit code %d", typed, fault.Code(err))
		}
	}
}
