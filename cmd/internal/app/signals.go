package app

import (
	"context"
	"os"
	"os/signal"
	"sync"
)

// signals are those that end a program.
type signals struct {
	second <-chan struct{} // closed by the second one
	stop   func()
}

// watch ends the context at the first signal and closes second at the next.
func watch(ctx context.Context) (context.Context, signals) {
	ctx, cancel := context.WithCancel(ctx)
	second, quit := make(chan struct{}), make(chan struct{})
	got := make(chan os.Signal, 2)
	signal.Notify(got, ending()...)
	pipe := make(chan os.Signal, 1) // never read: a reader that closes our pipe becomes a write's error instead of the end
	signal.Notify(pipe, broken()...)
	var group sync.WaitGroup
	group.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-got:
				cancel()
				if n == 1 {
					close(second)
					return
				}
			case <-quit:
				return
			}
		}
	})
	return ctx, signals{second: second, stop: func() {
		close(quit)
		group.Wait()
		signal.Stop(got)
		signal.Stop(pipe)
		cancel()
	}}
}
