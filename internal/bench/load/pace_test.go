package load

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestPace: who waits goes on when the slowest has as many, however far the others are ahead.
func TestPace(t *testing.T) {
	p := newPace(3)
	p.count(1)
	p.count(1)
	p.count(2)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.await(done, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("one of three has nothing, and the wait ends with %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	go func() { // ends by itself
		p.count(1)
		p.count(2)
		p.count(2)
	}()
	if err := p.await(ctx, 2); err != nil {
		t.Error(err)
	}
	if len(p.ahead) != 0 {
		t.Errorf("%d pictures that all have are remembered", len(p.ahead))
	}
	var none *pace
	none.count(1)
}
