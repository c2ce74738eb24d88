//go:build !windows

package app

import (
	"context"
	"os"
	"syscall"
	"testing"
)

func TestTheFirstSignalEndsCleanlyAndTheSecondAtOnce(t *testing.T) {
	raise := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}
	clean := call(t, nil, func(ctx context.Context, _ *Input) error {
		raise()
		<-ctx.Done()
		return nil
	})
	if clean.code != ExitDone {
		t.Errorf("after one signal: %+v", clean)
	}
	free := make(chan struct{})
	cut := call(t, nil, func(ctx context.Context, _ *Input) error {
		raise()
		<-ctx.Done()
		raise()
		<-free
		return nil
	})
	close(free)
	if cut.code != ExitCut {
		t.Errorf("after two signals: %+v", cut)
	}
}
