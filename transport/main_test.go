package transport_test

import (
	"os"
	"testing"

	"acip/internal/testkit"
)

func TestMain(m *testing.M) {
	if job := os.Getenv(receiverJob); job != "" {
		os.Exit(receive(job)) // this process only takes what a benchmark sends
	}
	testkit.Main(m)
}
