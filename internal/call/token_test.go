package call

import "testing"

// The person is warned if a token leaves this machine unencrypted, and only then.
func TestTokenInTheClear(t *testing.T) {
	for address, want := range map[string]bool{
		"ws://call.example:27226/acip": true, "ws://192.0.2.1:9/acip": true, "ws://[2001:db8::1]:9/acip": true, "ws://[fe80::1%25eth0]:9/acip": true, "ws://localhost.example/acip": true,
		"wss://call.example/acip": false, "ws://localhost:9/acip": false, "ws://127.0.0.2:9/acip": false, "ws://[::1]:9/acip": false, "ws://[::ffff:127.0.0.1]:9/acip": false, "": false,
	} {
		if got := exposed(address, "x"); got != want {
			t.Errorf("%s: %t", address, got)
		}
		if exposed(address, "") {
			t.Errorf("%s: without a token", address)
		}
	}
}
