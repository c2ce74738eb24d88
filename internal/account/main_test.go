package account

import (
	"testing"

	"acip/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
