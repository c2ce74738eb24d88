//go:build !linux

package main

import (
	"context"
	"errors"
)

// newDistant needs Linux.
func newDistant(context.Context, journey) (*namespace, error) {
	return nil, errors.New("network namespaces need root on Linux")
}
