package mailbox_test

import (
	"testing"

	"acip/mailbox"
)

// TestSignalIsOne: any number of notifications are received once, and the next is received again.
func TestSignalIsOne(t *testing.T) {
	s := mailbox.NewSignal()
	received := func() bool {
		select {
		case <-s.C():
			return true
		default:
			return false
		}
	}
	if received() {
		t.Error("received before Notify")
	}
	for range 2 {
		s.Notify()
		s.Notify()
		if !received() {
			t.Error("not received after Notify")
		}
		if received() {
			t.Error("received twice")
		}
	}
}
